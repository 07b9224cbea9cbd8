-- The slot that release_claim would take first. $1 int2: lane; $2 timestamptz: the instant now, NULL for the server's.
-- No row or one: bucket int2, recipient_id int8, run_id int, part int2. Reads slot (lane, due_at). No lock: release_isolate looks again.
SELECT bucket, recipient_id, run_id, part FROM slot
WHERE lane = $1::smallint AND due_at <= coalesce($2::timestamptz, statement_timestamp())
ORDER BY due_at LIMIT 1
