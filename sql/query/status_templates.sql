-- When approved templates were last used or confirmed. No parameters. Rows: template, business, channel (text), last_used_on date (the day of its
-- approval when it was never used; NULL: not known). The other texts of a campaign count when a class of the time names them. Small tables.
SELECT t.name AS template, t.business, t.channel,
	greatest(max(t.approved_on), max(t.verified_on), max(timezone('UTC', run.first_at)::date)) AS last_used_on
FROM template AS t
	LEFT JOIN campaign AS c ON t.name IN (c.template, c.template_b, c.first_template)
	LEFT JOIN campaign_run AS run ON run.campaign_id = c.campaign_id AND run.first_at <= session_now()
		AND (c.template = t.name OR EXISTS (SELECT FROM class
			WHERE class.template = t.name AND class.hashed_from <= run.first_at AND class.hashed_until > run.first_at))
WHERE t.status = 'approved'
GROUP BY t.name, t.business, t.channel
ORDER BY t.name
