-- As plan_recipients, with the values of variables. $1 int[]: audiences, not used; $2 text[]: names of variables. Binary COPY: recipient_id, phone,
-- region, timezone, language, preferred_hour, values. The values are in the order of the names, with U+001F between, which no value holds; ''
-- where there is none. Reads the table in the order of its primary key.
COPY (
	SELECT r.recipient_id, r.phone, r.region, r.timezone, r.language, r.preferred_hour,
		array_to_string(ARRAY(SELECT coalesce(r.variables ->> n.name, '') FROM unnest($2::text[]) WITH ORDINALITY AS n (name, place)
			ORDER BY n.place), U&'\001F')
	FROM recipient AS r WHERE $1::int[] IS NOT NULL ORDER BY r.bucket, r.recipient_id
) TO STDOUT (FORMAT binary)
