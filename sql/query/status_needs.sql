-- What needs a person, and what to do. $1 timestamptz: now. $2 bigint: seconds after which a missing plan is reported.
-- Rows: what text, which text, cure text. Reads small tables, and groups slot, suppressed and release by run.
WITH runs AS (
	SELECT r.run_id, r.campaign_id, CASE WHEN c.rrule IS NULL THEN c.name ELSE format('%s of %s', c.name, r.occurrence) END AS name, c.status,
		r.dropped_at IS NULL AND (c.rrule IS NULL OR r.last_at > $1::timestamptz) AS goes_on,
		(SELECT count(*) FROM slot AS s WHERE s.lane = r.sender_id AND s.run_id = r.run_id) AS planned,
		EXISTS (SELECT FROM release AS l WHERE l.run_id = r.run_id) AS released
	FROM campaign_run AS r JOIN campaign AS c USING (campaign_id)
	WHERE c.status IN ('approved', 'paused') AND (c.rrule IS NULL OR r.last_at > $1::timestamptz - interval '7 days')
), refusals AS (
	SELECT runs.name, w.name AS reason, w.text, w.cure, w.kind, runs.planned, runs.released, sum(q.people)::bigint AS people
	FROM runs JOIN (SELECT run_id, reason, count(*) AS people FROM suppressed GROUP BY run_id, reason) AS q USING (run_id)
		JOIN reason AS w USING (reason)
	WHERE runs.goes_on
	GROUP BY runs.name, w.name, w.text, w.cure, w.kind, runs.planned, runs.released
)
SELECT 'everything is stopped' AS what, format('since %s by %s', changed_at, changed_by) AS which, 'daypart start' AS cure
FROM control WHERE stopped
UNION ALL
SELECT 'a breaker has tripped', format('%s %s since %s: %s [%s]', b.scope, b.name, b.tripped_at, b.note, b.rule),
	format('see why; then daypart resume --%s %s --reason TEXT%s, and daypart plan', CASE b.scope WHEN 'campaign' THEN 'of-campaign' ELSE b.scope::text END,
		b.name, CASE b.needs WHEN 'new_template' THEN ', after a new text was approved' END)
FROM breaker_state AS b WHERE b.tripped
UNION ALL
SELECT 'a breaker warns', format('%s %s at %s: %s [%s]', e.scope, breaker_name(e.scope, e.subject_id, e.template), e.at, e.note, e.rule), 'see view sender_health, and what was sent lately'
FROM breaker_event AS e
WHERE e.change = 'warned' AND e.at > $1::timestamptz - interval '1 day'
UNION ALL
SELECT 'a sender may not send', format('%s is %s%s: %s', s.name, bar.bar, ' until ' || (SELECT max(t.blacklisted_until) FROM sender_state AS t
		WHERE t.sender = s.name AND t.lifted_at IS NULL), c.names), 'let these campaigns use another sender, or cancel them'
FROM sender AS s
	CROSS JOIN LATERAL sender_bar(s, $1::timestamptz) AS bar (bar)
	CROSS JOIN LATERAL (SELECT string_agg(k.name, ', ' ORDER BY k.name) AS names FROM campaign AS k WHERE k.sender = s.name AND k.status = 'approved') AS c
WHERE bar.bar IS NOT NULL AND c.names IS NOT NULL
UNION ALL
SELECT 'no plan for too long',
	coalesce('the last one was checked at ' || greatest(p.published_at, h.checked_at), 'there is no plan yet'),
	'run daypart plan, and see why cron or the timer did not'
FROM plan_head AS h LEFT JOIN plan_run AS p USING (plan_run)
WHERE coalesce(greatest(p.published_at, h.checked_at) < $1::timestamptz - make_interval(secs => $2::bigint), true)
	AND EXISTS (SELECT FROM campaign WHERE status = 'approved')
UNION ALL
SELECT 'campaign cannot be planned', format('%s: %s', c.name, campaign_problem(c)), 'correct it; then daypart plan'
FROM campaign AS c WHERE c.status = 'approved' AND campaign_problem(c) IS NOT NULL
UNION ALL
SELECT 'campaign without recipients', format('%s: audience %s is empty', c.name, c.audience),
	CASE WHEN campaign_segments(c) IS NULL THEN 'add members to the audience' ELSE 'look at its query, in view segment' END
FROM campaign AS c CROSS JOIN LATERAL audience_ids(c.audience || c.also_audiences) AS wanted (ids)
WHERE c.status = 'approved' AND NOT EXISTS (SELECT FROM audience_member AS m WHERE m.audience_id = ANY (wanted.ids))
UNION ALL
SELECT 'a segment chooses nobody', format('%s: %s', s.audience, s.problem), s.cure
FROM segment AS s WHERE s.problem IS NOT NULL
UNION ALL
SELECT 'campaign without eligible recipients', format('%s: %s', f.name, string_agg(format('%s %s', f.people, f.reason), ', ' ORDER BY f.people DESC)),
	'see view suppression_report'
FROM refusals AS f WHERE f.planned = 0 AND NOT f.released
GROUP BY f.name HAVING bool_and(f.reason <> 'beyond_horizon')
UNION ALL
SELECT 'people are held', format('%s: %s, %s', f.name, f.people, f.text), f.cure
FROM refusals AS f WHERE f.kind = 'held' AND f.cure NOT LIKE 'none%'
UNION ALL
SELECT 'messages are overdue', format('sender %s: %s since %s', s.name, count(*), min(t.due_at)), 'start daypartd, or see its log'
FROM slot AS t JOIN sender AS s ON s.sender_id = t.lane JOIN runs AS r USING (run_id)
WHERE t.due_at < $1::timestamptz - interval '5 minutes' AND s.status = 'active' AND r.status = 'approved'
	AND NOT EXISTS (SELECT FROM control WHERE stopped)
GROUP BY s.name
UNION ALL
SELECT 'nobody releases for a sender', format('%s: messages are due since %s', s.name, first.due_at),
	CASE WHEN EXISTS (SELECT FROM release_daemon AS d WHERE d.until > statement_timestamp())
		THEN 'see the log of daypartd' ELSE 'start daypartd' END
FROM sender AS s
	JOIN LATERAL (SELECT min(t.due_at) AS due_at FROM slot AS t JOIN runs AS r USING (run_id)
		WHERE t.lane = s.sender_id AND r.status = 'approved' AND t.due_at < $1::timestamptz - interval '1 minute') AS first
		ON first.due_at IS NOT NULL
WHERE s.status = 'active' AND NOT EXISTS (SELECT FROM control WHERE stopped)
	AND NOT EXISTS (SELECT FROM lane_lease AS l WHERE l.lane = s.sender_id AND l.until > statement_timestamp())
UNION ALL
SELECT 'messages wait for a suspended sender', format('sender %s: %s', s.name, count(*)), 'let the sender be active again, or cancel its campaigns'
FROM slot AS t JOIN sender AS s ON s.sender_id = t.lane
WHERE s.status <> 'active'
GROUP BY s.name
UNION ALL
SELECT 'released messages are not taken', format('%s in the outbox, the first handed over at %s', count(*), min(o.handed_at)),
	'start the consumer of take_outbox()'
FROM outbox AS o HAVING min(o.not_after) < $1::timestamptz
UNION ALL
SELECT 'nobody knows whether messages were sent', format('%s: %s, the first since %s', u.campaign, count(*), min(u.uncertain_since)),
	'ask the provider, then daypart settle --sent or --not-sent'
FROM uncertain_message AS u GROUP BY u.campaign
UNION ALL
SELECT 'the provider refused a campaign', concat_ws(' ', p.name, 'since', p.stopped_at, p.code, p.text), 'correct it, then daypart resume and plan'
FROM provider_stop AS p JOIN campaign AS c ON c.name = p.name AND c.status = 'paused'
WHERE p.subject = 'campaign' AND p.stopped_at = (SELECT max(o.stopped_at) FROM provider_stop AS o WHERE o.subject = p.subject AND o.name = p.name)
UNION ALL
SELECT 'the provider stopped a template', concat_ws(' ', p.name, t.status, 'since', p.stopped_at, p.code, p.text),
	'when the provider approves it again: set its status to approved, then plan'
FROM provider_stop AS p JOIN template AS t ON t.name || '/' || t.language = p.name AND t.status IN ('paused', 'disabled')
WHERE p.subject = 'template' AND p.stopped_at = (SELECT max(o.stopped_at) FROM provider_stop AS o WHERE o.subject = p.subject AND o.name = p.name)
UNION ALL
SELECT 'the ledger has no part', format('for run %s', r.run_id), 'run daypart plan; if it stays: SELECT daypart.ensure_release_part(run)'
FROM runs AS r WHERE r.planned > 0 AND to_regclass(format('release_%s', r.run_id - r.run_id % 256)) IS NULL
UNION ALL
SELECT 'an emergency is on', format('%s, since %s, declared by %s', e.area, e.declared_from, e.by_whom),
	format('SELECT daypart.end_emergency(''%s''), when it is over', e.area)
FROM emergency AS e
WHERE e.declared_from <= $1::timestamptz AND coalesce(e.declared_until, 'infinity') > $1::timestamptz
UNION ALL
SELECT 'a waiver ends soon', format('rule %s for %s, on %s', w.rule, w.business, max(w.expires_on)),
	'obey the rule from then on, or have it waived again: grant_waiver()'
FROM waiver AS w
GROUP BY w.rule, w.business
HAVING max(w.expires_on) BETWEEN timezone('UTC', $1::timestamptz)::date + 1 AND timezone('UTC', $1::timestamptz)::date + 14
UNION ALL
SELECT 'a wording waits for approval', format('%s/%s in %s', w.business, w.name, string_agg(w.language, ', ' ORDER BY w.language)),
	format('daypart approve --wording %s/%s', w.business, w.name)
FROM wording AS w WHERE w.approved_at IS NULL
GROUP BY w.business, w.name
