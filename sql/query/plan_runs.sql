-- Every campaign run of the given businesses whose messages can still matter, and every run of the given campaigns. $1 int[]: businesses;
-- $2 timestamptz: how far back; $3 int[]: campaigns. Small table.
SELECT run_id, campaign_id, occurrence, business_id, category, channel, encode(campaign_hash, 'hex') AS digest FROM campaign_run
WHERE business_id = ANY ($1::int[]) AND (last_at >= $2::timestamptz OR campaign_id = ANY ($3::int[]))
