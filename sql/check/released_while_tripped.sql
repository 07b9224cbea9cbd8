-- Nothing leaves of what a breaker has stopped, until somebody resumes it. The trip's own instant stands for its commit, so a row here can be a message
-- that left while the trip was being written; one by more than some seconds cannot. A rehearsal has two clocks and is not looked at.
-- Columns: bucket, recipient_id, run_id, scope, rule, tripped_at, released_at.
SELECT r.bucket, r.recipient_id, r.run_id, t.scope, t.rule, t.at AS tripped_at, r.released_at
FROM breaker_event AS t
	LEFT JOIN LATERAL (
		SELECT e.at FROM breaker_event AS e
		WHERE e.change = 'resumed' AND (e.scope, e.subject_id, e.template, e.rule) = (t.scope, t.subject_id, t.template, t.rule)
			AND e.recorded_at > t.recorded_at
		ORDER BY e.recorded_at LIMIT 1) AS resumed ON true
	JOIN campaign_run AS run ON t.scope = 'template' OR t.subject_id =
		CASE t.scope WHEN 'business' THEN run.business_id WHEN 'sender' THEN run.sender_id ELSE run.campaign_id END
	JOIN campaign AS c USING (campaign_id)
	JOIN release AS r USING (run_id)
	LEFT JOIN class USING (class_id)
WHERE t.change = 'tripped' AND r.outcome IN ('handed_over', 'uncertain')
	AND r.released_at > t.at + interval '5 seconds' AND r.released_at < coalesce(resumed.at, 'infinity')
	AND (t.scope <> 'template' OR coalesce(nullif(class.template, ''), c.template) = t.template)
	AND NOT (SELECT rehearsal FROM installation)
