-- What an analyst reads. Local times come from the offset that the plan stored with the class, never from the server's own zone data;
-- numbers are masked. The views run as their owner, so their readers need no rights on the tables below.

-- Every message that is planned, under way, or done with: one row for each person and campaign run that ever had a slot.
CREATE VIEW delivery_plan AS
SELECT c.name AS campaign, run.occurrence, s.name AS sender, run.channel, run.category, m.recipient_id, mask_phone(p.phone) AS phone,
	class.regions, class.zones, m.due_at, local_clock(m.due_at, o.offset_s) AS due_local, o.offset_s AS utc_offset_s, m.not_after,
	m.released_at, local_clock(m.released_at, o.offset_s) AS released_local, m.status, r.name AS reason, m.run_id, m.class_id, m.plan_run
FROM (
	SELECT bucket, recipient_id, run_id, class_id, plan_run, due_at, not_after, NULL::timestamptz AS released_at, 'planned' AS status,
		NULL::smallint AS reason
	FROM slot
	UNION ALL
	SELECT bucket, recipient_id, run_id, class_id, plan_run, due_at, not_after, claimed_at, 'in flight', NULL FROM inflight
	UNION ALL
	SELECT bucket, recipient_id, run_id, class_id, plan_run, due_at, NULL, released_at, replace(outcome::text, '_', ' '), reason
	FROM release
) AS m
	JOIN campaign_run AS run USING (run_id)
	JOIN campaign AS c USING (campaign_id)
	JOIN sender AS s ON s.sender_id = run.sender_id
	JOIN class USING (class_id)
	LEFT JOIN recipient AS p USING (bucket, recipient_id)
	LEFT JOIN reason AS r ON r.reason = m.reason
	LEFT JOIN LATERAL (SELECT offset_s FROM class_offset
		WHERE class_offset.class_id = m.class_id AND class_offset.valid_from <= m.due_at
		ORDER BY valid_from DESC LIMIT 1) AS o ON true;

CREATE VIEW plan_by_hour AS
SELECT c.name AS campaign, s.name AS sender, m.hour, sum(m.planned)::bigint AS planned, sum(m.handed_over)::bigint AS handed_over,
	sum(m.not_sent)::bigint AS not_sent
FROM (
	SELECT run_id, date_trunc('hour', due_at, 'UTC') AS hour, count(*) AS planned, 0 AS handed_over, 0 AS not_sent
	FROM slot GROUP BY 1, 2
	UNION ALL
	SELECT run_id, date_trunc('hour', due_at, 'UTC'), count(*), 0, 0 FROM inflight GROUP BY 1, 2
	UNION ALL
	SELECT run_id, date_trunc('hour', released_at, 'UTC'), 0, count(*) FILTER (WHERE outcome IN ('handed_over', 'uncertain')),
		count(*) FILTER (WHERE outcome NOT IN ('handed_over', 'uncertain'))
	FROM release GROUP BY 1, 2
) AS m
	JOIN campaign_run AS run USING (run_id)
	JOIN campaign AS c USING (campaign_id)
	JOIN sender AS s ON s.sender_id = run.sender_id
GROUP BY c.name, s.name, m.hour;

-- Who gets nothing, and why: verdicts of plans, opt-outs and life cycle, and what was refused or expired at the instant of dispatch.
CREATE VIEW suppression_report AS
SELECT c.name AS campaign, run.occurrence, m.kind, r.name AS reason, r.text, r.cure, m.rule, sum(m.people)::bigint AS people
FROM (
	SELECT run_id, kind, reason, rule, count(*) AS people FROM suppressed GROUP BY 1, 2, 3, 4
	UNION ALL
	SELECT run_id, 'suppressed', reason, NULL, count(*) FROM release WHERE outcome IN ('refused', 'expired', 'failed') GROUP BY 1, 3
) AS m
	JOIN campaign_run AS run USING (run_id)
	JOIN campaign AS c USING (campaign_id)
	LEFT JOIN reason AS r ON r.reason = m.reason
GROUP BY c.name, run.occurrence, m.kind, r.name, r.text, r.cure, m.rule;

-- Everybody of the audience in exactly one column: audience = planned + in_flight + handed_over + ... + held + not_yet_planned.
-- not_yet_planned counts people added since the last plan; below zero it counts people who left the audience after they were planned.
CREATE VIEW campaign_summary AS
SELECT c.name AS campaign, c.status, run.occurrence, c.sender, coalesce(a.people, 0) AS audience,
	coalesce(n.planned, 0) AS planned,
	coalesce(n.in_flight, 0) AS in_flight,
	coalesce(n.handed_over, 0) AS handed_over,
	coalesce(n.uncertain, 0) AS uncertain,
	coalesce(n.refused, 0) AS refused,
	coalesce(n.expired, 0) AS expired,
	coalesce(n.failed, 0) AS failed,
	coalesce(n.suppressed, 0) AS suppressed,
	coalesce(n.held, 0) AS held,
	coalesce(a.people, 0) - coalesce(n.people, 0) AS not_yet_planned, n.first_due, n.last_due
FROM campaign AS c
	LEFT JOIN campaign_run AS run USING (campaign_id)
	LEFT JOIN (SELECT audience.name, count(*) AS people
		FROM audience_member JOIN audience USING (audience_id) GROUP BY audience.name) AS a ON a.name = c.audience
	LEFT JOIN (
		SELECT run_id, sum(people)::bigint AS people, min(first_due) AS first_due, max(last_due) AS last_due,
			(sum(people) FILTER (WHERE place = 'planned'))::bigint AS planned,
			(sum(people) FILTER (WHERE place = 'in_flight'))::bigint AS in_flight,
			(sum(people) FILTER (WHERE place = 'handed_over'))::bigint AS handed_over,
			(sum(people) FILTER (WHERE place = 'uncertain'))::bigint AS uncertain,
			(sum(people) FILTER (WHERE place = 'refused'))::bigint AS refused,
			(sum(people) FILTER (WHERE place = 'expired'))::bigint AS expired,
			(sum(people) FILTER (WHERE place = 'failed'))::bigint AS failed,
			(sum(people) FILTER (WHERE place = 'suppressed'))::bigint AS suppressed,
			(sum(people) FILTER (WHERE place = 'held'))::bigint AS held
		FROM (
			SELECT run_id, 'planned' AS place, count(*) AS people, min(due_at) AS first_due, max(due_at) AS last_due
			FROM slot GROUP BY run_id
			UNION ALL
			SELECT run_id, 'in_flight', count(*), NULL, NULL FROM inflight GROUP BY run_id
			UNION ALL
			SELECT run_id, outcome::text, count(*), NULL, NULL FROM release GROUP BY run_id, outcome
			UNION ALL
			SELECT run_id, kind::text, count(*), NULL, NULL FROM suppressed GROUP BY run_id, kind
		) AS counted
		GROUP BY run_id
	) AS n USING (run_id);

-- What each sender has to send in each hour, against what it can.
CREATE VIEW sender_load AS
SELECT s.name AS sender, s.channel, s.status, m.hour, m.planned, floor(s.throughput_per_s * 3600)::bigint AS capacity,
	round(100 * m.planned / floor(s.throughput_per_s * 3600), 1) AS percent
FROM (SELECT lane, date_trunc('hour', due_at, 'UTC') AS hour, count(*) AS planned FROM slot GROUP BY 1, 2) AS m
	JOIN sender AS s ON s.sender_id = m.lane;

-- The template variables that a recipient may carry.
CREATE VIEW variable AS
SELECT t.name AS template, t.language, v.name, v.type, v.max_length
FROM template AS t CROSS JOIN LATERAL declared_variables(t.variables) AS v;
