-- A new plan run. $1 as_of, $2 started_at (timestamptz), $3 horizon (interval), $4 rulebook, $5 tzdata, $6 numbering, $7.. counts: added, moved,
-- cancelled, kept, suppressed, held. One row: its number.
INSERT INTO plan_run (as_of, started_at, published_at, horizon, rulebook_id, tzdata, numbering, added, moved, cancelled, kept, suppressed, held)
VALUES ($1::timestamptz, $2::timestamptz, clock_timestamp(), $3::interval, $4::int, $5, $6, $7::bigint, $8::bigint, $9::bigint, $10::bigint,
	$11::bigint, $12::bigint)
RETURNING plan_run
