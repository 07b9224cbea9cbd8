-- Promise 3: nothing is handed over after an opt-out. The opt-out's own instant stands for its commit, which comes a little later, so a row
-- here can be a message that left while the opt-out was being written; one by more than some seconds cannot. An opt-out recorded afterwards
-- with an earlier instant (imported, or told by telephone) is seen here too. Columns: bucket, recipient_id, run_id, opted_out_at,
-- released_at.
SELECT r.bucket, r.recipient_id, r.run_id, o.at AS opted_out_at, r.released_at
FROM release AS r
	JOIN campaign_run AS run USING (run_id)
	JOIN suppression AS o ON o.bucket = r.bucket AND o.recipient_id = r.recipient_id AND o.business_id IN (0, run.business_id)
		AND o.channel IN ('all', run.channel::text) AND o.category IN ('all', run.category::text)
WHERE r.outcome IN ('handed_over', 'uncertain') AND r.released_at > o.at + interval '5 seconds'
