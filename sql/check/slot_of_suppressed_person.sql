-- Promise 3: nobody who opted out of it has a slot. Columns: bucket, recipient_id, run_id, opted_out_at. Reads all of slot.
SELECT s.bucket, s.recipient_id, s.run_id, o.at AS opted_out_at
FROM slot AS s
	JOIN campaign_run AS run USING (run_id)
	JOIN suppression AS o ON o.bucket = s.bucket AND o.recipient_id = s.recipient_id AND o.business_id IN (0, run.business_id)
		AND o.channel IN ('all', run.channel::text) AND o.category IN ('all', run.category::text)
