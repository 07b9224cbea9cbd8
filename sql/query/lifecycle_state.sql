-- What is left of a campaign. $1 text: campaign. One row: campaign, status, planned, first_due, last_due (of what is planned), handed_over, not_sent
-- (suppressed or held). Index: slot (lane, due_at) of its sender's lane; the ledger by run.
SELECT c.name AS campaign, c.status, waiting.planned, waiting.first_due, waiting.last_due, released.handed_over, refused.not_sent
FROM campaign AS c
	CROSS JOIN LATERAL (SELECT count(*) AS planned, min(s.due_at) AS first_due, max(s.due_at) AS last_due
		FROM campaign_run AS r JOIN slot AS s ON s.lane = r.sender_id AND s.run_id = r.run_id
		WHERE r.campaign_id = c.campaign_id) AS waiting
	CROSS JOIN LATERAL (SELECT count(*) AS handed_over
		FROM campaign_run AS r JOIN release AS l ON l.run_id = r.run_id
		WHERE r.campaign_id = c.campaign_id AND l.outcome IN ('handed_over', 'uncertain')) AS released
	CROSS JOIN LATERAL (SELECT count(*) AS not_sent
		FROM campaign_run AS r JOIN suppressed AS s ON s.run_id = r.run_id
		WHERE r.campaign_id = c.campaign_id) AS refused
WHERE c.name = $1
