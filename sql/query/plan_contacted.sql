-- Whom a business has written to, ever, in the order (bucket, recipient_id): for an audience that is a large share of all recipients. $1 int[]
-- audiences, not used; $2 int business. Binary COPY: recipient_id, once for each message: telling them apart costs more than reading them. Index-only
-- on one range of the primary keys per bucket after VACUUM, merged, no sort of more than a bucket: what left and was not dropped from the outbox, and
-- what other systems sent. IN (...) IS TRUE makes a hashed subplan, built once.
COPY (
	SELECT p.* FROM generate_series(0, 1023) AS b (bucket) CROSS JOIN LATERAL (
		SELECT sent.recipient_id FROM (
			SELECT r.recipient_id FROM release AS r
			WHERE $1::int[] IS NOT NULL AND r.bucket = b.bucket::smallint AND r.outcome IN ('handed_over', 'uncertain')
				AND (r.run_id IN (SELECT run.run_id FROM campaign_run AS run WHERE run.business_id = $2::int)) IS TRUE
				AND ((r.recipient_id, r.run_id) IN (SELECT d.recipient_id, d.run_id FROM outbox_dropped AS d)) IS NOT TRUE
			UNION ALL
			SELECT o.recipient_id FROM outside_send AS o WHERE o.bucket = b.bucket::smallint AND o.business_id = $2) AS sent
		ORDER BY sent.recipient_id) AS p
) TO STDOUT (FORMAT binary)
