-- Promise 7: nobody has two slots of one campaign run. The primary key says so within a part only; across parts this query does.
-- Columns: bucket, recipient_id, run_id, slots. Reads all of slot.
SELECT bucket, recipient_id, run_id, count(*) AS slots
FROM slot
GROUP BY bucket, recipient_id, run_id
HAVING count(*) > 1
