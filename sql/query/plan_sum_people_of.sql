-- The same as plan_sum_recipients_values and plan_sum_consents for the people of small audiences. $1 int[]: audiences; $2 int business, $3 channel,
-- $4 category; $5 boolean: whether the age of a consent matters. One row: text. Primary keys of all tables.
SELECT concat_ws(' ', count(*), bit_xor(hash_record_extended(ROW (m.audience_id, m.recipient_id, r.phone, r.region, r.timezone, r.language,
	r.preferred_hour, r.variables, k.evidence,
	CASE WHEN $5::boolean THEN k.given_at END), 0)))
FROM audience_member AS m LEFT JOIN recipient AS r USING (bucket, recipient_id)
	LEFT JOIN consent AS k ON k.bucket = m.bucket AND k.business_id = $2::int AND k.channel = $3::channel AND k.category = $4::category
		AND k.recipient_id = m.recipient_id AND k.state = 'granted'
WHERE m.audience_id = ANY ($1::int[])
