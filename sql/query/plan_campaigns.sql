-- Approved campaigns, in the order in which they are planned. $1 text: one campaign's name, or NULL for all. Small tables only.
SELECT c.name, c.campaign_id, c.starts_at, c.ends_at, extract(epoch FROM c.local_from)::int AS local_from_s,
	extract(epoch FROM c.local_to)::int AS local_to_s, c.pacing, c.holdout_percent, c.category, s.channel, s.name AS sender, s.sender_id,
	(s.throughput_per_s * 1000)::bigint AS rate_milli, b.name AS business, b.business_id, a.audience_id,
	encode(campaign_digest(c), 'hex') AS digest, campaign_problem(c) AS problem
FROM campaign c JOIN sender s ON s.name = c.sender JOIN business b ON b.name = s.business JOIN audience a ON a.name = c.audience
WHERE c.status = 'approved' AND ($1::text IS NULL OR c.name = $1)
ORDER BY c.priority, c.created_at, c.campaign_id
