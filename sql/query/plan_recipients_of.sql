-- The recipients of some audiences in the order (bucket, recipient_id), perhaps more than once: for audiences that are a small share of all. $1
-- int[]: audiences. Binary COPY as plan_recipients. Primary keys of both tables, bucket by bucket.
COPY (
	SELECT p.* FROM generate_series(0, 1023) AS b (bucket) CROSS JOIN LATERAL (
		SELECT r.recipient_id, r.phone, r.region, r.timezone, r.language, r.preferred_hour
		FROM audience_member AS m JOIN recipient AS r USING (bucket, recipient_id)
		WHERE m.bucket = b.bucket::smallint AND m.audience_id = ANY ($1::int[]) ORDER BY r.recipient_id) AS p
) TO STDOUT (FORMAT binary)
