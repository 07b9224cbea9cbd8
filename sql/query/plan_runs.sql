-- Every campaign run of the given businesses whose messages can still matter, and every run of the given campaigns. $1 int[]: businesses;
-- $2 timestamptz: how far back; $3 int[]: campaigns that do not recur. Small table. In the order of run_id; last_at in microseconds; dropped: an edit
-- left it out; subject: a number, 0 when unknown.
SELECT run_id, campaign_id, occurrence, business_id, category, channel, encode(campaign_hash, 'hex') AS digest,
	(extract(epoch FROM last_at) * 1000000)::bigint AS last_at_us, dropped_at IS NOT NULL AS dropped,
	coalesce(subject_number(subject), 0) AS subject
FROM campaign_run
WHERE business_id = ANY ($1::int[]) AND (last_at >= $2::timestamptz OR campaign_id = ANY ($3::int[]))
ORDER BY run_id
