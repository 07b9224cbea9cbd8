-- Promise 8: nothing is in flight that was claimed at or after its last lawful instant. Columns: bucket, recipient_id, run_id, claimed_at, not_after.
SELECT bucket, recipient_id, run_id, claimed_at, not_after
FROM inflight
WHERE claimed_at >= not_after
