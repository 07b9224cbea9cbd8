-- When people last wrote to any sender of a business on one channel, in the order (bucket, recipient_id): for an audience that is a large share of
-- all recipients. $1 int[] audiences, not used; $2 int business; $3 channel. Binary COPY: recipient_id, at. Primary key in order.
COPY (
	SELECT i.recipient_id, max(i.at) FROM inbound AS i
	WHERE $1::int[] IS NOT NULL AND i.sender_id IN (SELECT s.sender_id FROM sender AS s JOIN business AS b ON b.name = s.business
		WHERE b.business_id = $2 AND s.channel = $3::channel)
	GROUP BY i.bucket, i.recipient_id ORDER BY i.bucket, i.recipient_id
) TO STDOUT (FORMAT binary)
