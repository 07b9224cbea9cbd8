-- The recipients of one audience in the order (bucket, recipient_id): for an audience that is a small share of all. $1 int: audience. Binary
-- COPY as plan_recipients. Primary keys of both tables.
COPY (
	SELECT recipient_id, r.phone, r.region, r.timezone, r.language, r.preferred_hour
	FROM audience_member m JOIN recipient r USING (bucket, recipient_id)
	WHERE m.audience_id = $1 ORDER BY bucket, recipient_id
) TO STDOUT (FORMAT binary)
