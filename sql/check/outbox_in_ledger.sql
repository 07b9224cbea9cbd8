-- Promise 7: what lies in the outbox, or was dropped from it, was handed over. Columns: place, bucket, recipient_id, run_id.
SELECT o.place, o.bucket, o.recipient_id, o.run_id
FROM (
	SELECT 'outbox' AS place, bucket, recipient_id, run_id FROM outbox
	UNION ALL
	SELECT 'outbox_dropped', bucket, recipient_id, run_id FROM outbox_dropped
) AS o
	LEFT JOIN release AS r USING (bucket, recipient_id, run_id)
WHERE r.outcome IS DISTINCT FROM 'handed_over'
