-- What has left of a sender whose messages are counted is counted. A message may leave a quarter of an hour after its claim, by which it is counted: so
-- the ledger is read from a quarter later on. Columns: lane, sent, counted. Reads the ledger in full.
SELECT b.lane, ledger.messages AS sent, counted.messages AS counted
FROM lane_block AS b
	JOIN lane_lease AS l ON l.lane = b.lane AND l.counts
	CROSS JOIN LATERAL (SELECT count(*) AS messages FROM campaign_run AS run CROSS JOIN LATERAL (
			SELECT FROM release AS r WHERE r.run_id = run.run_id AND r.outcome IN ('handed_over', 'uncertain')
				AND r.released_at >= b.counted_from + interval '15 minutes'
			UNION ALL
			SELECT FROM inflight AS i WHERE i.run_id = run.run_id AND i.claimed_at >= b.counted_from + interval '15 minutes') AS sent
		WHERE run.sender_id = b.lane) AS ledger
	CROSS JOIN LATERAL (SELECT coalesce(sum(s.messages), 0) AS messages FROM lane_sent AS s WHERE s.lane = b.lane) AS counted
WHERE b.counted_from < 'infinity' AND ledger.messages > counted.messages
