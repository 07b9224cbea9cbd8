-- The same for the people of small audiences. $1 int[] audiences; $2 int business, $3 channel, $4 category. Primary keys of both tables, bucket by
-- bucket.
COPY (
	SELECT p.* FROM generate_series(0, 1023) AS b (bucket) CROSS JOIN LATERAL (
		SELECT m.recipient_id FROM audience_member AS m JOIN suppression AS s USING (bucket, recipient_id)
		WHERE m.bucket = b.bucket::smallint AND m.audience_id = ANY ($1::int[]) AND s.business_id IN (0, $2) AND s.channel IN ('all', $3)
			AND s.category IN ('all', $4)
		ORDER BY m.recipient_id) AS p
) TO STDOUT (FORMAT binary)
