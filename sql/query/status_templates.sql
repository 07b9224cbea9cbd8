-- When approved templates were last used or confirmed. No parameters. Rows: template, business, channel (text), last_used_on date (the day of its
-- approval when it was never used; NULL: not known). Small tables.
SELECT t.name AS template, t.business, t.channel,
	greatest(max(t.approved_on), max(t.verified_on), max(timezone('UTC', run.first_at)::date)) AS last_used_on
FROM template AS t
	LEFT JOIN campaign AS c ON c.template = t.name
	LEFT JOIN campaign_run AS run ON run.campaign_id = c.campaign_id AND run.first_at <= session_now()
WHERE t.status = 'approved'
GROUP BY t.name, t.business, t.channel
ORDER BY t.name
