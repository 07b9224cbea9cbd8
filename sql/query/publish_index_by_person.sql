-- $1 smallint: part. Builds the key of a loaded private table; locks it against writing.
SELECT index_slot_part_by_person($1::smallint)
