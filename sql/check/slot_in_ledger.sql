-- Promise 7: who is in the ledger of a run, or at a sink, has no slot in it. Columns: bucket, recipient_id, run_id, place. Reads all of
-- slot.
SELECT s.bucket, s.recipient_id, s.run_id, 'release' AS place
FROM slot AS s JOIN release USING (bucket, recipient_id, run_id)
UNION ALL
SELECT s.bucket, s.recipient_id, s.run_id, 'inflight'
FROM slot AS s JOIN inflight USING (bucket, recipient_id, run_id)
