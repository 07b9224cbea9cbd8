-- The state of the whole. $1 timestamptz: now. One row. The last plan counts from when it was published or last found nothing to change.
SELECT
	(SELECT max(version) FROM migration) AS schema_version,
	i.rehearsal,
	c.stopped,
	left(encode(b.hash, 'hex'), 12) AS rulebook,
	b.loaded_at AS rulebook_loaded_at,
	p.tzdata AS plan_tzdata,
	nullif(h.plan_run, 0) AS plan_run,
	greatest(p.published_at, h.checked_at) AS last_plan_at,
	extract(epoch FROM $1::timestamptz - greatest(p.published_at, h.checked_at))::bigint AS last_plan_age_s,
	(SELECT count(*) FROM slot) AS planned,
	(SELECT min(s.due_at) FROM slot AS s WHERE s.due_at <= $1::timestamptz) AS oldest_overdue,
	(SELECT count(*) FROM inflight) AS in_flight,
	(SELECT count(*) FROM outbox) AS outbox
FROM installation AS i
	CROSS JOIN control AS c
	CROSS JOIN plan_head AS h
	LEFT JOIN rulebook_head AS rh ON true
	LEFT JOIN rulebook AS b ON b.rulebook_id = rh.rulebook_id
	LEFT JOIN plan_run AS p ON p.plan_run = h.plan_run
