-- $1 smallint: part. Builds the claims' index of a loaded private table; locks it against writing.
SELECT index_slot_part_by_time($1::smallint)
