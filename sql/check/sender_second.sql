-- Promise 5: no second of a sender holds more planned messages than its throughput. What is paused does not leave: it stays on its seconds when the
-- sender becomes slower, and counts again from the moment it is resumed, when the next plan moves it. Columns:
-- lane, second, slots, most. Reads all of slot.
SELECT s.lane, s.second, s.slots, ceil(sender.throughput_per_s) AS most
FROM (SELECT lane, date_trunc('second', due_at) AS second, count(*) AS slots
		FROM slot JOIN campaign_run USING (run_id) JOIN campaign AS c USING (campaign_id) WHERE c.status <> 'paused' GROUP BY 1, 2) AS s
	JOIN sender ON sender.sender_id = s.lane
WHERE s.slots > ceil(sender.throughput_per_s)
