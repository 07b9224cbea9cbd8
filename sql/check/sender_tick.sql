-- Promise 5: one message in each 1/throughput of a second, so no two slots of a lane share an instant unless the sender is faster than the
-- clock's microseconds. What a provider sent back is tried again when the provider wants it and does not count.
-- Columns: lane, due_at, slots. Index: slot (lane, due_at).
SELECT lane, due_at, count(*) AS slots
FROM slot
WHERE NOT EXISTS (SELECT FROM sink_answer AS a WHERE (a.bucket, a.recipient_id, a.run_id) = (slot.bucket, slot.recipient_id, slot.run_id))
GROUP BY lane, due_at
HAVING count(*) > 1
