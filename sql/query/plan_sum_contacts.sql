-- What plan_contacted reads, as numbers that differ when any of it does. $1 int: business; $2 int: a run that does not count, because who was sent
-- its message gets no other. One row: text. Reads the ledger of the business's runs.
SELECT concat_ws(' ', count(*), bit_xor(hash_record_extended(ROW (s.run_id, s.recipient_id), 0)))
FROM (
	SELECT r.run_id, r.recipient_id FROM release AS r
	WHERE r.outcome IN ('handed_over', 'uncertain') AND r.run_id <> $2::int
		AND r.run_id IN (SELECT run.run_id FROM campaign_run AS run WHERE run.business_id = $1::int)
		AND ((r.recipient_id, r.run_id) IN (SELECT d.recipient_id, d.run_id FROM outbox_dropped AS d)) IS NOT TRUE
	UNION ALL
	SELECT 0, o.recipient_id FROM outside_send AS o WHERE o.business_id = $1::int) AS s
