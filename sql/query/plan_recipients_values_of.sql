-- The same for the people of a small audience. $1 int: audience; $2 text[]: names of variables. Primary keys of both tables.
COPY (
	SELECT r.recipient_id, r.phone, r.region, r.timezone, r.language, r.preferred_hour,
		array_to_string(ARRAY(SELECT coalesce(r.variables ->> n.name, '') FROM unnest($2::text[]) WITH ORDINALITY AS n (name, place)
			ORDER BY n.place), U&'\001F')
	FROM audience_member AS m JOIN recipient AS r USING (bucket, recipient_id)
	WHERE m.audience_id = $1 ORDER BY m.bucket, m.recipient_id
) TO STDOUT (FORMAT binary)
