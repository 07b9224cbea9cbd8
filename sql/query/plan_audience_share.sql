-- Which share of all recipients some audiences are, from a sample of 16 buckets. $1 int[]: audiences. Decides between the two ways to read people.
-- Index-only ranges of both primary keys. One row: members (those of several audiences count in each), recipients in the sample.
SELECT (SELECT count(*) FROM generate_series(0, 1023, 64) AS b (bucket), audience_member m
		WHERE m.bucket = b.bucket::smallint AND m.audience_id = ANY ($1::int[])),
	(SELECT count(*) FROM generate_series(0, 1023, 64) AS b (bucket), recipient r WHERE r.bucket = b.bucket::smallint)
