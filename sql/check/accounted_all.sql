-- Promise 4: everybody in the audiences of an approved campaign that was planned is somewhere: queue, sink, ledger or suppressed; whom it leaves out
-- as well. People added to an audience since the last plan show here until the next one; of a run that is over, or that an edit dropped, nobody is
-- missed any more. Columns: bucket, recipient_id, run_id, campaign.
SELECT m.bucket, m.recipient_id, run.run_id, c.name AS campaign
FROM campaign AS c
	JOIN campaign_run AS run USING (campaign_id)
	CROSS JOIN LATERAL campaign_people(c) AS m
WHERE c.status = 'approved' AND run.last_at > session_now() AND run.dropped_at IS NULL
	AND NOT EXISTS (SELECT FROM slot AS s WHERE s.bucket = m.bucket AND s.recipient_id = m.recipient_id AND s.run_id = run.run_id)
	AND NOT EXISTS (SELECT FROM inflight AS i WHERE i.bucket = m.bucket AND i.recipient_id = m.recipient_id AND i.run_id = run.run_id)
	AND NOT EXISTS (SELECT FROM release AS r WHERE r.bucket = m.bucket AND r.recipient_id = m.recipient_id AND r.run_id = run.run_id)
	AND NOT EXISTS (SELECT FROM suppressed AS p WHERE p.bucket = m.bucket AND p.recipient_id = m.recipient_id AND p.run_id = run.run_id)
