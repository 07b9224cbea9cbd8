-- The moment a plan starts from: its snapshot, exported for the parallel streams, the database's clock and the plan it may replace.
-- In REPEATABLE READ. No parameters. Columns: exported name, snapshot (pg_snapshot), now (timestamptz), plan_run, rulebook_id.
SELECT pg_export_snapshot(), pg_current_snapshot(), now(), h.plan_run, r.rulebook_id FROM plan_head h, rulebook_head r
