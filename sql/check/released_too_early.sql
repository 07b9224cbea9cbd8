-- Promise 1: nothing leaves before the planned instant, nor outside the span of the campaign as it was planned from: an edit since then, of a
-- campaign of which some has left, changes nothing about that. Columns: bucket, recipient_id, run_id, due_at, released_at.
SELECT r.bucket, r.recipient_id, r.run_id, r.due_at, r.released_at
FROM release AS r JOIN class USING (class_id)
WHERE r.outcome IN ('handed_over', 'uncertain')
	AND (r.released_at < r.due_at OR r.released_at < class.hashed_from OR r.released_at >= class.hashed_until)
