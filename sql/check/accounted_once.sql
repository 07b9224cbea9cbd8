-- Promise 4: nobody is in two places of one run: queue, sink, ledger, suppressed. Columns: bucket, recipient_id, run_id, places.
-- Reads all of the four tables.
SELECT bucket, recipient_id, run_id, string_agg(place, ' ' ORDER BY place) AS places
FROM (
	SELECT bucket, recipient_id, run_id, 'slot' AS place FROM slot
	UNION ALL
	SELECT bucket, recipient_id, run_id, 'inflight' FROM inflight
	UNION ALL
	SELECT bucket, recipient_id, run_id, 'release' FROM release
	UNION ALL
	SELECT bucket, recipient_id, run_id, 'suppressed' FROM suppressed
) AS placed
GROUP BY bucket, recipient_id, run_id
HAVING count(*) > 1
