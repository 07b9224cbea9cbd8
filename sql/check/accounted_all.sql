-- Promise 4: everybody in the audience of an approved campaign that was planned is somewhere: queue, sink, ledger or suppressed. People
-- added to the audience since the last plan show here until the next one. Columns: bucket, recipient_id, run_id, campaign.
SELECT m.bucket, m.recipient_id, run.run_id, c.name AS campaign
FROM campaign AS c
	JOIN campaign_run AS run USING (campaign_id)
	JOIN audience AS a ON a.name = c.audience
	JOIN audience_member AS m USING (audience_id)
WHERE c.status = 'approved'
	AND NOT EXISTS (SELECT FROM slot AS s WHERE s.bucket = m.bucket AND s.recipient_id = m.recipient_id AND s.run_id = run.run_id)
	AND NOT EXISTS (SELECT FROM inflight AS i WHERE i.bucket = m.bucket AND i.recipient_id = m.recipient_id AND i.run_id = run.run_id)
	AND NOT EXISTS (SELECT FROM release AS r WHERE r.bucket = m.bucket AND r.recipient_id = m.recipient_id AND r.run_id = run.run_id)
	AND NOT EXISTS (SELECT FROM suppressed AS p WHERE p.bucket = m.bucket AND p.recipient_id = m.recipient_id AND p.run_id = run.run_id)
