-- Every lane with its pace and the instant of its first slot. Rows: sender_id int2, name text, per_1000_s int8 (messages in 1000 seconds), channel,
-- country text or NULL, type text (by the address), due_at timestamptz or NULL, free boolean (nobody's lease is good), headroom_percent, and for limits of volume trust_level,
-- registered_on, granted_daily_limit, granted_on, portfolio_limit, daily_limit, tiers text ("date limit date limit", 0: none), lanes int2[] (that share
-- the portfolio, as plan_campaigns says it). One probe of slot (lane, due_at) for each lane and part; the others are small tables. No lock.
SELECT sender.sender_id, sender.name, (sender.throughput_per_s * 1000)::bigint AS per_1000_s, sender.channel, sender.country,
	CASE WHEN sender.address LIKE '+%' THEN 'number' WHEN sender.address ~ '^[0-9]+$' THEN 'short_code' ELSE 'alphanumeric' END AS type,
	first.due_at, coalesce(lease.until <= statement_timestamp(), true) AS free, sender.headroom_percent,
	sender.trust_level, sender.registered_on, sender.granted_daily_limit, sender.granted_on,
	CASE WHEN sender.portfolio IS NULL THEN sender.portfolio_limit
		ELSE (SELECT min(o.portfolio_limit) FROM sender AS o WHERE o.portfolio = sender.portfolio AND o.business = sender.business)
		END AS portfolio_limit,
	sender.daily_limit,
	(SELECT string_agg(l.valid_from || ' ' || coalesce(l.daily_limit, 0), ' ' ORDER BY l.valid_from) FROM sender_limit AS l
		WHERE l.sender = sender.name) AS tiers,
	CASE WHEN sender.portfolio IS NULL THEN ARRAY[sender.sender_id]
		ELSE ARRAY(SELECT o.sender_id FROM sender AS o
			WHERE o.portfolio = sender.portfolio AND o.business = sender.business AND o.channel = sender.channel ORDER BY o.sender_id) END AS lanes
FROM sender
LEFT JOIN lane_lease AS lease ON lease.lane = sender.sender_id
LEFT JOIN LATERAL (
	SELECT slot.due_at FROM slot WHERE slot.lane = sender.sender_id ORDER BY slot.due_at LIMIT 1) AS first ON true
