-- The languages of a template in its own order, the oldest first. $1 text: template, $2 business, $3 channel. Rows: language, body, approved,
-- free_form, approved_on, last_used_on (date), category. last_used_on is the first day of the latest of the last three runs that handed over
-- anything, or the day on which the platform confirmed the template, whichever is later; at most three looks into the ledger, each of which
-- ends at the first message of its run.
WITH used AS (
	SELECT max(r.first_at) AS at FROM (
		SELECT run.run_id, run.first_at FROM campaign AS c JOIN campaign_run AS run USING (campaign_id)
		WHERE c.template = $1 AND run.first_at <= session_now()
		ORDER BY run.first_at DESC, run.run_id
		LIMIT 3) AS latest
	CROSS JOIN LATERAL (
		SELECT latest.first_at FROM release WHERE release.run_id = latest.run_id AND release.outcome = 'handed_over' LIMIT 1) AS r
)
SELECT t.language, t.body, t.status = 'approved' AS approved, t.free_form, t.approved_on,
	greatest(timezone('UTC', used.at)::date, t.verified_on) AS last_used_on, t.category
FROM template AS t CROSS JOIN used
WHERE t.name = $1 AND t.business = $2 AND t.channel = $3::channel
ORDER BY t.created_at, t.language
