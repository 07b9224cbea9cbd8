-- Promise 1: nothing leaves before the planned instant, nor outside its run. Columns: bucket, recipient_id, run_id, due_at, released_at.
SELECT r.bucket, r.recipient_id, r.run_id, r.due_at, r.released_at
FROM release AS r JOIN campaign_run AS run USING (run_id)
WHERE r.outcome IN ('handed_over', 'uncertain')
	AND (r.released_at < r.due_at OR r.released_at < run.first_at OR r.released_at >= run.last_at)
