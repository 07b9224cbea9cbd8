-- What plan_suppressions reads, as numbers that differ when any of it does. $1 int: business, $2 channel, $3 category. One row: text. Index-only
-- after VACUUM. Somebody may be named up to eight times, so the whole key counts.
SELECT concat_ws(' ', count(*), bit_xor(hash_record_extended(ROW (recipient_id, business_id, channel, category), 0)))
FROM suppression WHERE business_id IN (0, $1::int) AND channel IN ('all', $2) AND category IN ('all', $3)
