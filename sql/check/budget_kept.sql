-- Promise 5: nobody sends more of a budget than was taken for it. A row can also be a sender whose limits were removed within this quarter of an hour.
-- Columns: lane, since, sent, taken. Small tables.
SELECT b.lane, b.since, sent.messages AS sent, b.messages AS taken
FROM lane_block AS b
	CROSS JOIN LATERAL (SELECT coalesce(sum(s.messages), 0) AS messages FROM lane_sent AS s WHERE s.lane = b.lane AND s.since = b.since) AS sent
WHERE sent.messages > b.messages
