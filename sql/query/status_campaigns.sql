-- No parameters. One row a campaign run that is not over, of a series without any the last one, and one for each campaign that has no run yet.
SELECT s.campaign, s.status, s.occurrence, s.sender, s.audience, s.planned, s.in_flight, s.handed_over,
	s.refused + s.expired + s.failed + s.uncertain AS not_delivered, s.suppressed, s.held, s.first_due, s.last_due
FROM campaign_summary AS s JOIN campaign AS c ON c.name = s.campaign
	LEFT JOIN campaign_run AS run ON run.campaign_id = c.campaign_id AND run.occurrence = s.occurrence
WHERE s.status IN ('draft', 'approved', 'paused')
	AND (run.run_id IS NULL OR s.planned + s.in_flight > 0 OR run.dropped_at IS NULL AND (c.rrule IS NULL OR run.last_at > session_now())
		OR run.occurrence = (SELECT max(o.occurrence) FROM campaign_run AS o WHERE o.campaign_id = c.campaign_id AND o.dropped_at IS NULL))
ORDER BY s.campaign, s.occurrence
