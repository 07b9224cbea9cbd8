-- Promise 5: no second of a sender holds more planned messages than its throughput. What is paused does not leave: it stays on its seconds when the
-- sender becomes slower, and counts again from the moment it is resumed, when the next plan moves it. Nor does
-- what a provider sent back count, which is tried again when the provider wants it: daypartd keeps the sender's pace. Columns: lane, second, slots,
-- most. Reads all of slot.
SELECT s.lane, s.second, s.slots, ceil(sender.throughput_per_s) AS most
FROM (SELECT lane, date_trunc('second', due_at) AS second, count(*) AS slots
		FROM slot JOIN campaign_run USING (run_id) JOIN campaign AS c USING (campaign_id) WHERE c.status <> 'paused'
			AND NOT EXISTS (SELECT FROM sink_answer AS a WHERE (a.bucket, a.recipient_id, a.run_id) = (slot.bucket, slot.recipient_id, slot.run_id))
		GROUP BY 1, 2) AS s
	JOIN sender ON sender.sender_id = s.lane
WHERE s.slots > ceil(sender.throughput_per_s)
