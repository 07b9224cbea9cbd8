-- How many people of some campaign runs are queued, were sent the message, or went without, and who: their ids by exclusive or; ids are keyed
-- hashes, so a different set has a different sum. $1 int[]: runs whose messages may count in caps; $2 timestamptz: from when on; $3 int[]: those to
-- be planned, of which every row matters. Rows, by run and state: run_id, state (1 queued, 2 sent: it counts in caps; 3 closed: it does not;
-- 64 + reason: without a slot), people, digest. Reads all of slot, suppressed and the ledger of these runs.
SELECT run_id, state, sum(people)::bigint AS people, bit_xor(digest) AS digest
FROM (
	SELECT run_id, 1 AS state, count(*) AS people, bit_xor(recipient_id) AS digest FROM slot WHERE run_id = ANY ($1::int[]) GROUP BY run_id
	UNION ALL
	SELECT run_id, 2, count(*), bit_xor(recipient_id) FROM inflight WHERE run_id = ANY ($1::int[]) GROUP BY run_id
	UNION ALL
	SELECT run_id, CASE WHEN outcome IN ('handed_over', 'uncertain') THEN 2 ELSE 3 END, count(*), bit_xor(recipient_id)
	FROM release WHERE run_id = ANY ($1::int[]) AND (released_at >= $2::timestamptz OR run_id = ANY ($3::int[])) GROUP BY 1, 2
	UNION ALL
	SELECT run_id, 64 + reason, count(*), bit_xor(recipient_id) FROM suppressed WHERE run_id = ANY ($3::int[]) GROUP BY 1, 2) AS s
GROUP BY 1, 2
ORDER BY 1, 2
