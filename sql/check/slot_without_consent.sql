-- Promise 3: nobody who withdrew the consent for it has a slot. Whether a consent is needed, and what it must show, is the rulebook's
-- business; a withdrawal ends every doubt. Columns: bucket, recipient_id, run_id, withdrawn_at. Reads all of slot.
SELECT s.bucket, s.recipient_id, s.run_id, c.given_at AS withdrawn_at
FROM slot AS s
	JOIN campaign_run AS run USING (run_id)
	JOIN consent AS c ON c.bucket = s.bucket AND c.recipient_id = s.recipient_id AND c.business_id = run.business_id
		AND c.channel = run.channel AND c.category = run.category
WHERE c.state = 'withdrawn'
