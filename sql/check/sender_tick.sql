-- Promise 5: one message in each 1/throughput of a second, so no two slots of a lane share an instant unless the sender is faster than the
-- clock's microseconds. Columns: lane, due_at, slots. Index: slot (lane, due_at).
SELECT lane, due_at, count(*) AS slots
FROM slot
GROUP BY lane, due_at
HAVING count(*) > 1
