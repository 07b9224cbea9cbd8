-- Every lane with its pace and the instant of its first slot. Rows: sender_id int2, name text, per_1000_s int8 (messages in 1000 seconds), channel,
-- country text or NULL, type text (by the address), due_at timestamptz or NULL, free boolean (nobody's lease is good). One probe of slot (lane,
-- due_at) for each lane and part; sender and lane_lease are small tables. No lock.
SELECT sender.sender_id, sender.name, (sender.throughput_per_s * 1000)::bigint AS per_1000_s, sender.channel, sender.country,
	CASE WHEN sender.address LIKE '+%' THEN 'number' WHEN sender.address ~ '^[0-9]+$' THEN 'short_code' ELSE 'alphanumeric' END AS type,
	first.due_at, coalesce(lease.until <= statement_timestamp(), true) AS free
FROM sender
LEFT JOIN lane_lease AS lease ON lease.lane = sender.sender_id
LEFT JOIN LATERAL (
	SELECT slot.due_at FROM slot WHERE slot.lane = sender.sender_id ORDER BY slot.due_at LIMIT 1) AS first ON true
