-- What plan_recipients reads of everybody, as numbers that differ when any of it does; audience.c makes the same of its rows. No parameters. One row:
-- text. Index-only after VACUUM.
-- Hashes seed one another, as in plan_sum_outside; a NULL is 0, which no text and no hour is, and each column has a seed of its own.
SELECT concat_ws(' ', count(*), bit_xor(hashint8extended(recipient_id, hashint8extended(phone,
	coalesce(hashtextextended(region, 1), 0) # coalesce(hashtextextended(timezone, 2), 0) # coalesce(hashtextextended(language, 3), 0)
	# coalesce(preferred_hour + 1, 0))))) FROM recipient
