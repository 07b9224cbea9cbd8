-- Approved campaigns, in the order in which they are planned. $1 text: one campaign's name, or NULL for all. Small tables only.
-- portfolio: the senders that share this one's, by number, blank separated; approved_people and approved_digest: whom the last approval reached
-- (F1), NULL when it does not say, or when a query says who is reached; audiences and excepted: int[], by number; hold and hold_rule: what stops all
-- of it.
SELECT c.name, c.campaign_id, c.starts_at, c.ends_at, extract(epoch FROM c.local_from)::int AS local_from_s,
	extract(epoch FROM c.local_to)::int AS local_to_s, c.pacing, c.holdout_percent, c.category, s.channel, s.name AS sender, s.sender_id,
	(SELECT string_agg(o.sender_id::text, ' ' ORDER BY o.sender_id) FROM sender AS o
		WHERE o.portfolio = s.portfolio AND o.business = s.business AND o.channel = s.channel) AS portfolio,
	b.name AS business, b.business_id, audience_ids(c.audience || c.also_audiences) AS audiences, audience_ids(c.except_audiences) AS excepted,
	encode(campaign_digest(c), 'hex') AS digest, campaign_problem(c) AS problem,
	approved.audience_people AS approved_people, CASE WHEN campaign_segments(c) IS NULL THEN approved.audience_digest END AS approved_digest,
	c.rrule, extract(epoch FROM c.send_at)::int AS send_at_s, c.split_percent, coalesce(subject_number(c.subject), 0) AS subject,
	bar.reason AS hold, bar.rule AS hold_rule
FROM campaign c JOIN sender s ON s.name = c.sender JOIN business b ON b.name = s.business
	CROSS JOIN LATERAL release_obstacle(c, s, session_now()) AS bar
	LEFT JOIN LATERAL (SELECT p.audience_people, p.audience_digest FROM approval AS p
		WHERE p.subject = 'campaign' AND p.name = c.name ORDER BY p.approved_at DESC LIMIT 1) AS approved ON true
WHERE c.status = 'approved' AND ($1::text IS NULL OR c.name = $1)
ORDER BY c.priority, c.created_at, c.campaign_id
