-- Takes a slot that the database refuses to release out of its neighbours' way: it becomes a held row of suppressed, which names nothing that
-- could fail again (no class, no ledger part). $1 int2: bucket, $2 int8: recipient_id, $3 int: run_id, $4 int2: part, $5 timestamptz: the
-- instant now, NULL for the server's. One row: how many were taken, 0 when somebody else has it. Locks the slot; by primary key.
WITH gone AS (
	DELETE FROM slot USING reason
	WHERE slot.bucket = $1::smallint AND slot.recipient_id = $2::bigint AND slot.run_id = $3::int AND slot.part = $4::smallint
		AND reason.name = 'not_releasable'
	RETURNING slot.bucket, slot.recipient_id, slot.run_id, reason.reason, reason.kind
), held AS (
	INSERT INTO suppressed AS old (recipient_id, at, run_id, plan_run, bucket, reason, kind)
	SELECT gone.recipient_id, coalesce($5::timestamptz, statement_timestamp()), gone.run_id, 0, gone.bucket, gone.reason, gone.kind FROM gone
	ON CONFLICT (bucket, run_id, recipient_id) DO UPDATE SET at = excluded.at, plan_run = 0, reason = excluded.reason, kind = excluded.kind, rule = NULL
)
SELECT count(*) FROM gone
