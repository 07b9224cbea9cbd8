-- $1 smallint: part. Makes the key of a private table its primary key, in the publishing transaction.
SELECT key_slot_part($1::smallint)
