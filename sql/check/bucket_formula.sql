-- Distribution: the bucket of every row is bucket_of(its recipient_id); only recipient has the constraint. Columns: place, bucket,
-- recipient_id.
SELECT place, bucket, recipient_id
FROM (
	SELECT 'consent' AS place, bucket, recipient_id FROM consent
	UNION ALL
	SELECT 'consent_event', bucket, recipient_id FROM consent_event
	UNION ALL
	SELECT 'suppression', bucket, recipient_id FROM suppression
	UNION ALL
	SELECT 'audience_member', bucket, recipient_id FROM audience_member
	UNION ALL
	SELECT 'inbound', bucket, recipient_id FROM inbound
	UNION ALL
	SELECT 'outside_send', bucket, recipient_id FROM outside_send
	UNION ALL
	SELECT 'permission_change', bucket, recipient_id FROM permission_change
	UNION ALL
	SELECT 'slot', bucket, recipient_id FROM slot
	UNION ALL
	SELECT 'inflight', bucket, recipient_id FROM inflight
	UNION ALL
	SELECT 'release', bucket, recipient_id FROM release
	UNION ALL
	SELECT 'suppressed', bucket, recipient_id FROM suppressed
	UNION ALL
	SELECT 'outbox', bucket, recipient_id FROM outbox
	UNION ALL
	SELECT 'outbox_dropped', bucket, recipient_id FROM outbox_dropped
) AS hot
WHERE bucket <> bucket_of(recipient_id)
