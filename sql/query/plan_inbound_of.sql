-- The same for the people of small audiences. $1 int[] audiences; $2 int business; $3 channel. Primary keys of both tables, bucket by bucket.
COPY (
	SELECT p.* FROM generate_series(0, 1023) AS b (bucket) CROSS JOIN LATERAL (
		SELECT i.recipient_id, max(i.at) FROM audience_member AS m JOIN inbound AS i USING (bucket, recipient_id)
		WHERE m.bucket = b.bucket::smallint AND m.audience_id = ANY ($1::int[])
			AND i.sender_id IN (SELECT s.sender_id FROM sender AS s JOIN business AS h ON h.name = s.business
				WHERE h.business_id = $2 AND s.channel = $3::channel)
		GROUP BY i.recipient_id ORDER BY i.recipient_id) AS p
) TO STDOUT (FORMAT binary)
