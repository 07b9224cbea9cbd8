-- No parameters. One row a campaign run that is not over, and one for each campaign that has no run yet.
SELECT campaign, status, occurrence, sender, audience, planned, in_flight, handed_over, refused + expired + failed + uncertain AS not_delivered,
	suppressed, held, first_due, last_due
FROM campaign_summary
WHERE status IN ('draft', 'approved', 'paused')
ORDER BY campaign, occurrence
