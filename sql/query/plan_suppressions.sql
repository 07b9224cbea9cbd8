-- Who may not be written to, in the order (bucket, recipient_id), perhaps more than once. $1 int[] audiences, not used; $2 int business, $3
-- channel, $4 category. Binary COPY: recipient_id. Primary key in order.
COPY (
	SELECT recipient_id FROM suppression
	WHERE $1::int[] IS NOT NULL AND business_id IN (0, $2) AND channel IN ('all', $3) AND category IN ('all', $4)
	ORDER BY bucket, recipient_id
) TO STDOUT (FORMAT binary)
