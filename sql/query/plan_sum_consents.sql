-- What plan_consents reads, as numbers that differ when any of it does. $1 int: business, $2 channel, $3 category. One row: text. Index-only after VACUUM.
SELECT concat_ws(' ', count(*), bit_xor(hash_record_extended(ROW (recipient_id, evidence, given_at), 0)))
FROM consent WHERE business_id = $1::int AND channel = $2::channel AND category = $3::category AND state = 'granted'
