-- The people of several audiences, each once, in the order (bucket, recipient_id). $1 int[]: audiences; $2 int[]: those whose people are excepted.
-- Binary COPY: recipient_id, whether excepted (1 or 0). Ranges of the primary key, sorted bucket by bucket.
COPY (
	SELECT m.* FROM generate_series(0, 1023) AS b (bucket) CROSS JOIN LATERAL (
		SELECT k.recipient_id, bool_or(k.audience_id = ANY ($2::int[]))::int::smallint AS excepted FROM audience_member AS k
		WHERE k.bucket = b.bucket::smallint AND k.audience_id = ANY ($1::int[] || $2::int[])
		GROUP BY k.recipient_id HAVING bool_or(k.audience_id = ANY ($1::int[]))
		ORDER BY k.recipient_id) AS m
) TO STDOUT (FORMAT binary)
