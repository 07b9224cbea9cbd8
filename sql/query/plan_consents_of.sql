-- The same for the people of small audiences, perhaps more than once. $1 int[] audiences; $2 int business, $3 channel, $4 category; $5 boolean:
-- whether the age of a consent matters. Primary keys of both tables, bucket by bucket.
COPY (
	SELECT p.* FROM generate_series(0, 1023) AS b (bucket) CROSS JOIN LATERAL (
		SELECT m.recipient_id, k.evidence, CASE WHEN $5::boolean THEN k.given_at END
		FROM audience_member AS m JOIN consent AS k USING (bucket, recipient_id)
		WHERE m.bucket = b.bucket::smallint AND m.audience_id = ANY ($1::int[]) AND k.business_id = $2 AND k.channel = $3 AND k.category = $4
			AND k.state = 'granted'
		ORDER BY m.recipient_id) AS p
) TO STDOUT (FORMAT binary)
