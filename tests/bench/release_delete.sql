-- The floor: due slots leave the queue and nothing else happens. pgbench sets :lane.
WITH due AS MATERIALIZED (
	SELECT ctid AS tid, part FROM slot WHERE lane = :lane AND due_at <= now() ORDER BY due_at LIMIT 1000 FOR UPDATE SKIP LOCKED)
DELETE FROM slot USING due WHERE slot.part = due.part AND slot.ctid = due.tid;
