-- What plan_consents reads, as numbers that differ when any of it does; audience.c makes the same of its rows. $1 int: business, $2 channel, $3
-- category; $4 boolean: whether the age of a consent matters. One row: text. Index-only after VACUUM.
-- Hashes seed one another, as in plan_sum_outside.
SELECT concat_ws(' ', count(*), bit_xor(hashint8extended(recipient_id,
	hashint4extended(evidence, coalesce(timestamp_hash_extended(CASE WHEN $4::boolean THEN given_at::timestamp END, 1), 0)))))
FROM consent WHERE business_id = $1::int AND channel = $2::channel AND category = $3::category AND state = 'granted'
