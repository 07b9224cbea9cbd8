-- What a rehearsal did. $1, $2 timestamptz: from, until (simulated instants). Rows: campaign text, handed_over, refused, expired, held int8.
-- Reads all of release and suppressed: for installations made for rehearsals.
SELECT campaign.name, sum(what.handed_over), sum(what.refused), sum(what.expired), sum(what.held)
FROM (
	SELECT run_id, count(*) FILTER (WHERE outcome = 'handed_over') AS handed_over, count(*) FILTER (WHERE outcome = 'refused') AS refused,
		count(*) FILTER (WHERE outcome = 'expired') AS expired, 0 AS held
	FROM release WHERE released_at >= $1::timestamptz AND released_at < $2::timestamptz GROUP BY run_id
	UNION ALL
	SELECT run_id, 0, 0, 0, count(*) FROM suppressed
	WHERE plan_run = 0 AND kind = 'held' AND at >= $1::timestamptz AND at < $2::timestamptz GROUP BY run_id) AS what
JOIN campaign_run USING (run_id) JOIN campaign USING (campaign_id)
GROUP BY campaign.name ORDER BY campaign.name
