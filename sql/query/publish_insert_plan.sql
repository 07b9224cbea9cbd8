-- A new plan run, that has counted nobody yet. $1 as_of, $2 started_at (timestamptz), $3 horizon (interval), $4 rulebook, $5 tzdata, $6 numbering.
-- One row: its number.
INSERT INTO plan_run (as_of, started_at, published_at, horizon, rulebook_id, tzdata, numbering, added, moved, cancelled, kept, suppressed, held)
VALUES ($1::timestamptz, $2::timestamptz, clock_timestamp(), $3::interval, $4::int, $5, $6, 0, 0, 0, 0, 0, 0)
RETURNING plan_run
