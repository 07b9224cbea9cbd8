-- The same for the people of small audiences, perhaps more than once. $1 int[]: audiences; $2 text[]: names of variables. Primary keys of both
-- tables, bucket by bucket.
COPY (
	SELECT p.* FROM generate_series(0, 1023) AS b (bucket) CROSS JOIN LATERAL (
		SELECT r.recipient_id, r.phone, r.region, r.timezone, r.language, r.preferred_hour,
			array_to_string(ARRAY(SELECT coalesce(r.variables ->> n.name, '') FROM unnest($2::text[]) WITH ORDINALITY AS n (name, place)
				ORDER BY n.place), U&'\001F')
		FROM audience_member AS m JOIN recipient AS r USING (bucket, recipient_id)
		WHERE m.bucket = b.bucket::smallint AND m.audience_id = ANY ($1::int[]) ORDER BY r.recipient_id) AS p
) TO STDOUT (FORMAT binary)
