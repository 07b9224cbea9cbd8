-- Takes leases that are free or have run out. $1 uuid: who takes them; $2 interval: for how long; $3 int: how many at most. Rows: lane int2,
-- epoch int8. Where a claim is under way, or somebody else is taking it, the lease is left alone: the next round finds it. A small table.
WITH free AS MATERIALIZED (
	SELECT lane FROM lane_lease
	WHERE until <= statement_timestamp() AND holder IS DISTINCT FROM $1::uuid
	ORDER BY lane
	LIMIT $3::int
	FOR UPDATE SKIP LOCKED
)
UPDATE lane_lease AS l SET holder = $1::uuid, epoch = l.epoch + 1, until = statement_timestamp() + $2::interval
FROM free WHERE l.lane = free.lane
RETURNING l.lane, l.epoch
