-- What the last plan told of the messages of a campaign that go against rules which only advise (F11). $1 text: campaign. No row: no plan that holds
-- looked at it. Rows: as_of timestamptz, the instant of that plan; rule text, NULL in the one row of a plan that told of none; people bigint. Primary
-- keys of small tables; the runs of one campaign.
SELECT s.as_of, split_part(told.line, ' ', 3) AS rule, sum(split_part(told.line, ' ', 2)::bigint) AS people
FROM campaign AS c
	JOIN sender AS d ON d.name = c.sender
	JOIN business AS b ON b.name = d.business
	JOIN plan_state AS s ON s.business_id = b.business_id
	LEFT JOIN LATERAL (
		SELECT line FROM unnest(string_to_array(s.advice, E'\n')) AS line
		WHERE line <> '' AND split_part(line, ' ', 1)::int IN (SELECT r.run_id FROM campaign_run AS r WHERE r.campaign_id = c.campaign_id)) AS told
		ON true
WHERE c.name = $1 AND EXISTS (SELECT FROM campaign_run AS r WHERE r.campaign_id = c.campaign_id)
GROUP BY 1, 2
ORDER BY 2
