-- A daemon says that it is at work, and makes the rows of senders that are new. $1 uuid: its name; $2 text: its host; $3 interval: for how long.
-- One row: lanes int8 (senders there are), daemons int8 (those at work, this one included), next_us int8 or NULL (microseconds until the
-- first lease of somebody else ends). Small tables; locks the daemon's own row, and rows of daemons that are long gone.
WITH gone AS (
	DELETE FROM release_daemon WHERE until < statement_timestamp() - interval '1 day' AND holder <> $1::uuid
), own AS (
	INSERT INTO release_daemon AS old (holder, host, started_at, until)
	VALUES ($1::uuid, $2::text, statement_timestamp(), statement_timestamp() + $3::interval)
	ON CONFLICT (holder) DO UPDATE SET until = excluded.until
), fresh AS (
	INSERT INTO lane_lease (lane)
	SELECT sender_id FROM sender WHERE NOT EXISTS (SELECT FROM lane_lease WHERE lane = sender_id)
	ON CONFLICT DO NOTHING
)
SELECT (SELECT count(*) FROM sender) AS lanes,
	1 + (SELECT count(*) FROM release_daemon WHERE until > statement_timestamp() AND holder <> $1::uuid) AS daemons,
	(SELECT (extract(epoch FROM min(until) - statement_timestamp()) * 1000000)::bigint FROM lane_lease
		WHERE until > statement_timestamp() AND until < 'infinity' AND holder <> $1::uuid) AS next_us
