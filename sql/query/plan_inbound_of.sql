-- The same for the people of a small audience. $1 int audience; $2 int business; $3 channel. Primary keys of both tables.
COPY (
	SELECT i.recipient_id, max(i.at) FROM audience_member AS m JOIN inbound AS i USING (bucket, recipient_id)
	WHERE m.audience_id = $1 AND i.sender_id IN (SELECT s.sender_id FROM sender AS s JOIN business AS b ON b.name = s.business
		WHERE b.business_id = $2 AND s.channel = $3::channel)
	GROUP BY i.bucket, i.recipient_id ORDER BY i.bucket, i.recipient_id
) TO STDOUT (FORMAT binary)
