-- $1 smallint: part. Builds the indexes of a loaded private table.
SELECT index_slot_part($1::smallint)
