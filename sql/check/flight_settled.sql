-- Promise 7: what a person decided is what the database says: sent is in the ledger as handed over, not sent is not, unless a later attempt was.
-- Columns: bucket, recipient_id, run_id, sent, outcome.
SELECT d.bucket, d.recipient_id, d.run_id, d.sent, r.outcome
FROM settlement AS d LEFT JOIN release AS r USING (bucket, recipient_id, run_id)
WHERE CASE WHEN d.sent THEN r.outcome IS DISTINCT FROM 'handed_over' ELSE r.outcome = 'handed_over' AND r.released_at < d.settled_at END
