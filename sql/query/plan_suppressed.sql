-- What is stored about the people of one run who have no slot, in the order (bucket, recipient_id). $1 int run. Binary COPY: recipient_id, reason,
-- rule or NULL.
COPY (
	SELECT p.* FROM generate_series(0, 1023) AS b (bucket) CROSS JOIN LATERAL (
		SELECT s.recipient_id, s.reason, s.rule FROM suppressed s WHERE s.bucket = b.bucket::smallint AND s.run_id = $1
		ORDER BY s.recipient_id) AS p
) TO STDOUT (FORMAT binary)
