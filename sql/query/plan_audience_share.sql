-- Which share of all recipients an audience is, from a sample of 16 buckets. $1 int: audience. Decides between the two ways to read people.
-- Index-only ranges of both primary keys. One row: members, recipients in the sample.
SELECT (SELECT count(*) FROM generate_series(0, 1023, 64) AS b (bucket), audience_member m
		WHERE m.bucket = b.bucket::smallint AND m.audience_id = $1::int),
	(SELECT count(*) FROM generate_series(0, 1023, 64) AS b (bucket), recipient r WHERE r.bucket = b.bucket::smallint)
