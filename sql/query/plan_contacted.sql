-- Whom a business has written to, ever, in the order (bucket, recipient_id): for an audience that is a large share of all recipients. $1 int[] audiences,
-- not used; $2 int business. Binary COPY: recipient_id, some of them more than once. Primary keys in order, without the tables: what left and was not
-- dropped from the outbox, and what other systems sent. IN (...) IS TRUE makes a hashed subplan, which keeps the order.
COPY (
	SELECT recipient_id FROM (
		SELECT r.bucket, r.recipient_id FROM release AS r
		WHERE $1::int[] IS NOT NULL AND r.outcome IN ('handed_over', 'uncertain')
			AND (r.run_id IN (SELECT run.run_id FROM campaign_run AS run WHERE run.business_id = $2::int)) IS TRUE
			AND ((r.recipient_id, r.run_id) IN (SELECT d.recipient_id, d.run_id FROM outbox_dropped AS d)) IS NOT TRUE
		UNION ALL
		SELECT o.bucket, o.recipient_id FROM outside_send AS o WHERE o.business_id = $2
	) AS sent
	ORDER BY bucket, recipient_id
) TO STDOUT (FORMAT binary)
