-- The last plans that changed something. No parameters. At most five rows, the newest first.
SELECT plan_run, published_at, as_of, horizon, tzdata, added, moved, cancelled, kept, suppressed, held
FROM plan_run ORDER BY plan_run DESC LIMIT 5
