-- $1 smallint: part. Drops a private table that is not attached. One row: whether it was.
SELECT drop_slot_part($1::smallint)
