-- How much some senders have sent, for limits of volume. $1 int2[]: senders; $2 timestamptz: from when on; $3 interval: the grain. Rows: sender_id,
-- class_id, from, messages: handed over, uncertain or in flight, by grains from the epoch on. Reads the ledger of the
-- runs that had not ended by then, in full: only asked for senders that have a limit.
SELECT run.sender_id, sent.class_id, date_bin($3::interval, sent.at, timestamptz 'epoch') AS since, count(*) AS messages
FROM campaign_run AS run CROSS JOIN LATERAL (
	SELECT r.class_id, r.released_at AS at FROM release AS r
	WHERE r.run_id = run.run_id AND r.released_at >= $2::timestamptz AND r.outcome IN ('handed_over', 'uncertain')
	UNION ALL
	SELECT i.class_id, i.claimed_at FROM inflight AS i WHERE i.run_id = run.run_id) AS sent
WHERE run.sender_id = ANY ($1::smallint[]) AND run.last_at >= $2::timestamptz
GROUP BY run.sender_id, sent.class_id, since
