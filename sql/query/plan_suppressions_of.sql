-- The same for the people of a small audience. $1 int audience; $2 int business, $3 channel, $4 category. Primary keys of both tables.
COPY (
	SELECT m.recipient_id FROM audience_member m JOIN suppression s USING (bucket, recipient_id)
	WHERE m.audience_id = $1 AND s.business_id IN (0, $2) AND s.channel IN ('all', $3) AND s.category IN ('all', $4)
	ORDER BY bucket, recipient_id
) TO STDOUT (FORMAT binary)
