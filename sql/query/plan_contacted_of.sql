-- The same for the people of small audiences. $1 int[] audiences; $2 int business. Primary keys, bucket by bucket; one look a person that ends at the
-- first message.
COPY (
	SELECT p.* FROM generate_series(0, 1023) AS b (bucket) CROSS JOIN LATERAL (
		SELECT m.recipient_id FROM audience_member AS m CROSS JOIN LATERAL (
			SELECT FROM (
				SELECT FROM release AS r
				WHERE r.bucket = m.bucket AND r.recipient_id = m.recipient_id AND r.outcome IN ('handed_over', 'uncertain')
					AND (r.run_id IN (SELECT run.run_id FROM campaign_run AS run WHERE run.business_id = $2::int)) IS TRUE
					AND ((r.recipient_id, r.run_id) IN (SELECT d.recipient_id, d.run_id FROM outbox_dropped AS d)) IS NOT TRUE
				UNION ALL
				SELECT FROM outside_send AS o WHERE o.bucket = m.bucket AND o.recipient_id = m.recipient_id AND o.business_id = $2) AS any_sent
			LIMIT 1) AS sent
		WHERE m.bucket = b.bucket::smallint AND m.audience_id = ANY ($1::int[])
		ORDER BY m.recipient_id) AS p
) TO STDOUT (FORMAT binary)
