-- The languages of a campaign's templates, arm by arm (planner/core/admission.h), each in its template's own order, the oldest first. $1 text: template,
-- $2 business, $3 channel, $4 text: the other template of a split, $5 text: that of first messages; NULL where there is none. Rows: language, body,
-- approved, free_form, approved_on, last_used_on (date), category, arm int, template. last_used_on is the first day of the latest of the last three runs
-- that handed over this template, or the day on which the platform confirmed it, whichever is later; at most three looks into the ledger, each of
-- which ends at the first such message of its run.
SELECT t.language, t.body, t.status = 'approved' AS approved, t.free_form, t.approved_on,
	greatest(timezone('UTC', used.at)::date, t.verified_on) AS last_used_on, t.category, wanted.arm, t.name AS template
FROM (VALUES (0, $1::text), (1, $4::text), (2, $5::text)) AS wanted (arm, name)
	CROSS JOIN LATERAL (
		SELECT max(r.first_at) AS at FROM (
			SELECT run.run_id, run.first_at, c.template FROM campaign AS c JOIN campaign_run AS run USING (campaign_id)
			WHERE wanted.name IN (c.template, c.template_b, c.first_template) AND run.first_at <= session_now()
			ORDER BY run.first_at DESC, run.run_id
			LIMIT 3) AS latest
		CROSS JOIN LATERAL (
			SELECT latest.first_at FROM release LEFT JOIN class USING (class_id)
			WHERE release.run_id = latest.run_id AND release.outcome = 'handed_over'
				AND coalesce(nullif(class.template, ''), latest.template) = wanted.name
			LIMIT 1) AS r) AS used
	JOIN template AS t ON t.name = wanted.name
WHERE t.business = $2 AND t.channel = $3::channel
ORDER BY wanted.arm, t.created_at, t.language
