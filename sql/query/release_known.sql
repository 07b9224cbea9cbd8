-- Takes slots out of the queue that the ledger has already: what a claim does that found out by failing. $1 int2: lane; $2 timestamptz: the instant
-- now, NULL for the server's; $3 int: how many slots are looked at, the first that are due, as in release_claim; $4 int8: the epoch under which the
-- caller holds the lane; $5 int[] and $6 interval: $16 and $9 of release_claim. One row: known (so many were taken out).
-- Locks the lease as release_claim does, and the slots. Reads slot (lane, due_at) and the ledger's key.
WITH lease AS MATERIALIZED (
	SELECT coalesce($2::timestamptz, statement_timestamp()) AS now FROM lane_lease
	WHERE lane = $1::smallint AND epoch = $4::bigint AND until > clock_timestamp()
	FOR KEY SHARE
), locked AS MATERIALIZED (
	SELECT slot.part, slot.ctid AS tid, slot.bucket, slot.recipient_id, slot.run_id
	FROM slot
	WHERE slot.lane = $1::smallint AND slot.due_at <= (SELECT now FROM lease)
		AND (slot.class_id <> ALL ($5::int[]) OR slot.not_after <= (SELECT now + $6::interval FROM lease))
	ORDER BY slot.due_at
	LIMIT $3::int
	FOR UPDATE SKIP LOCKED
), known AS MATERIALIZED (
	SELECT locked.part, locked.tid
	FROM locked CROSS JOIN LATERAL (
		SELECT FROM release AS r
		WHERE r.bucket = locked.bucket AND r.recipient_id = locked.recipient_id AND r.run_id = locked.run_id
		LIMIT 1) AS found
), gone AS (
	DELETE FROM slot USING known WHERE slot.part = known.part AND slot.ctid = known.tid
)
SELECT count(*) AS known FROM known
