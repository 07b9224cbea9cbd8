-- Promise 8: every slot lies within its run, and so does its last lawful instant. Columns: bucket, recipient_id, run_id, due_at, not_after.
SELECT s.bucket, s.recipient_id, s.run_id, s.due_at, s.not_after
FROM slot AS s JOIN campaign_run AS run USING (run_id)
WHERE s.due_at < run.first_at OR s.not_after > run.last_at OR s.not_after <= s.due_at
