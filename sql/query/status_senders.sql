-- $1 timestamptz: now. One row a sender: what is overdue, what is due within a day, since when, which daypartd serves it, and what its tightest limit of
-- volume left when that daypartd last looked (NULL: no limit, or nothing was sent for a day), whose rule, and until when something waits for room. Index: slot (lane, due_at).
SELECT s.name AS sender, s.business, s.channel, coalesce(sender_bar(s, $1::timestamptz)::text, s.status::text) AS status, s.throughput_per_s,
	q.overdue, q.oldest_overdue, q.next_24h, q.later, d.host AS served_by, b.budget_left,
	CASE WHEN b.budget_left IS NOT NULL THEN coalesce(nullif(b.budget_rule, ''), 'daily_limit') END AS budget_of, b.waits_until
FROM sender AS s
	LEFT JOIN lane_lease AS l ON l.lane = s.sender_id AND l.until > statement_timestamp()
	LEFT JOIN release_daemon AS d ON d.holder = l.holder
	LEFT JOIN lane_block AS b ON b.lane = s.sender_id AND b.since > $1::timestamptz - interval '1 day'
	CROSS JOIN LATERAL (
		SELECT count(*) FILTER (WHERE t.due_at <= $1::timestamptz) AS overdue,
			min(t.due_at) FILTER (WHERE t.due_at <= $1::timestamptz) AS oldest_overdue,
			count(*) FILTER (WHERE t.due_at > $1::timestamptz AND t.due_at <= $1::timestamptz + interval '1 day') AS next_24h,
			count(*) FILTER (WHERE t.due_at > $1::timestamptz + interval '1 day') AS later
		FROM slot AS t WHERE t.lane = s.sender_id) AS q
ORDER BY s.name
