-- The same for the people of a small audience. $1 int audience; $2 int business, $3 channel, $4 category; $5 boolean: whether the age of a consent
-- matters. Primary keys of both tables.
COPY (
	SELECT m.recipient_id, k.evidence, CASE WHEN $5::boolean THEN k.given_at END
	FROM audience_member m JOIN consent k USING (bucket, recipient_id)
	WHERE m.audience_id = $1 AND k.business_id = $2 AND k.channel = $3 AND k.category = $4 AND k.state = 'granted'
	ORDER BY bucket, recipient_id
) TO STDOUT (FORMAT binary)
