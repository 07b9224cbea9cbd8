-- Campaigns that recur, campaigns for several audiences and all but some, and tests of a campaign on a seed list.

-- Audiences -------------------------------------------------------------------------------------------------------------------------------

-- The numbers of audiences by their names, in order; of an unknown name none.
CREATE FUNCTION audience_ids(names text[]) RETURNS int[] STABLE PARALLEL SAFE
	RETURN ARRAY(SELECT a.audience_id FROM audience AS a WHERE a.name = ANY (names) ORDER BY a.audience_id);

-- What is wrong with one of the lists: a name that is no audience, or one of another business.
CREATE FUNCTION problem_audiences(field text, names text[], sender text) RETURNS problem STABLE PARALLEL SAFE RETURN (
	SELECT CASE
		WHEN a.name IS NULL THEN problem_with(field, n.name, 'names no audience', 'create the audience first, or correct the name')
		ELSE problem_with(field, n.name, format('belongs to "%s", sender "%s" to "%s"', a.business, s.name, s.business),
			'name audiences of the sender''s business') END
	FROM unnest(names) WITH ORDINALITY AS n (name, place) LEFT JOIN audience AS a ON a.name = n.name, sender AS s
	WHERE s.name = problem_audiences.sender AND a.business IS DISTINCT FROM s.business
	ORDER BY n.place LIMIT 1);

-- As in 0016_campaign_features.sql, where it said nothing.
CREATE OR REPLACE FUNCTION campaign_audience_problem(campaign campaign) RETURNS text STABLE PARALLEL SAFE RETURN (
	SELECT (p).message || ': ' || (p).hint
	FROM (VALUES (1, problem_audiences('also_audiences', campaign.also_audiences, campaign.sender)),
			(2, problem_audiences('except_audiences', campaign.except_audiences, campaign.sender)),
			(3, (SELECT problem_with('except_audiences', n, 'is an audience of the campaign as well', 'leave it out of one of the two')
				FROM unnest(campaign.except_audiences) AS n WHERE n = ANY (campaign.audience || campaign.also_audiences) LIMIT 1))) AS f (place, p)
	WHERE (p).message IS NOT NULL ORDER BY place LIMIT 1);

-- Everybody in the audiences of a campaign once, and whether an excepted audience leaves the person out. Of one audience it is a scan without a sort.
CREATE FUNCTION campaign_people(campaign campaign) RETURNS TABLE (bucket smallint, recipient_id bigint, excepted boolean) LANGUAGE plpgsql
STABLE PARALLEL SAFE SET search_path = daypart, pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
	wanted int[] := audience_ids(campaign.audience || campaign.also_audiences);
	unwanted int[] := audience_ids(campaign.except_audiences);
BEGIN
	IF cardinality(wanted) = 1 AND unwanted = '{}' THEN
		RETURN QUERY SELECT m.bucket, m.recipient_id, false FROM audience_member AS m WHERE m.audience_id = wanted[1];
	ELSE
		RETURN QUERY SELECT m.bucket, m.recipient_id, bool_or(m.audience_id = ANY (unwanted))
		FROM audience_member AS m WHERE m.audience_id = ANY (wanted || unwanted)
		GROUP BY m.bucket, m.recipient_id HAVING bool_or(m.audience_id = ANY (wanted));
	END IF;
END $$;

-- Whom an approval of a campaign is about (F1): how many, and who, by exclusive or. Excepted people are not reached.
CREATE FUNCTION campaign_reach(campaign campaign, OUT people bigint, OUT digest bigint) LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = daypart, pg_catalog, pg_temp AS $$
DECLARE
	wanted int[] := audience_ids(campaign.audience || campaign.also_audiences);
BEGIN
	IF cardinality(wanted) = 1 AND campaign.except_audiences = '{}' THEN
		SELECT count(*), coalesce(bit_xor(m.recipient_id), 0) INTO people, digest FROM audience_member AS m WHERE m.audience_id = wanted[1];
	ELSE
		SELECT count(*), coalesce(bit_xor(m.recipient_id), 0) INTO people, digest FROM campaign_people(campaign) AS m WHERE NOT m.excepted;
	END IF;
END $$;

-- As in 0011_law_functions.sql, over all audiences of the campaign.
CREATE OR REPLACE FUNCTION write_approval(subject subject, name text, note text) RETURNS void LANGUAGE plpgsql
SET search_path = daypart, pg_catalog, pg_temp AS $$
BEGIN
	INSERT INTO approval (subject, name, digest, rulebook_id, audience_people, audience_digest, note)
	SELECT write_approval.subject, write_approval.name, subject_digest(write_approval.subject, write_approval.name),
		(SELECT h.rulebook_id FROM rulebook_head AS h), reached.people, reached.digest, write_approval.note
	FROM (SELECT 1) AS one
		LEFT JOIN LATERAL (
			SELECT r.people, r.digest FROM campaign AS c CROSS JOIN LATERAL campaign_reach(c) AS r
			WHERE c.name = write_approval.name) AS reached ON write_approval.subject = 'campaign';
END $$;

-- As in 0014_audience_places.sql, over all audiences of the campaign and without those whom it leaves out.
CREATE OR REPLACE FUNCTION audience_places(campaign text) RETURNS TABLE (prefix bigint, region text, timezone text, people bigint) LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = daypart, pg_catalog, pg_temp BEGIN ATOMIC
	SELECT left(p.phone::text, least(9, length(p.phone::text) - 2))::bigint, p.region, p.timezone, count(*)
	FROM campaign AS c CROSS JOIN LATERAL campaign_people(c) AS m LEFT JOIN recipient AS p USING (bucket, recipient_id)
	WHERE c.name = audience_places.campaign AND NOT m.excepted
	GROUP BY 1, 2, 3;
END;

-- As in 0004_views.sql, over all audiences of the campaign, whom it leaves out among the suppressed. Members of each audience are counted once for
-- all campaigns that have that one only.
CREATE OR REPLACE VIEW campaign_summary AS
SELECT c.name AS campaign, c.status, run.occurrence, c.sender, coalesce(c.people, 0) AS audience,
	coalesce(n.planned, 0) AS planned,
	coalesce(n.in_flight, 0) AS in_flight,
	coalesce(n.handed_over, 0) AS handed_over,
	coalesce(n.uncertain, 0) AS uncertain,
	coalesce(n.refused, 0) AS refused,
	coalesce(n.expired, 0) AS expired,
	coalesce(n.failed, 0) AS failed,
	coalesce(n.suppressed, 0) AS suppressed,
	coalesce(n.held, 0) AS held,
	coalesce(c.people, 0) - coalesce(n.people, 0) AS not_yet_planned, n.first_due, n.last_due
FROM (
		SELECT k.campaign_id, k.name, k.status, k.sender, CASE WHEN k.also_audiences = '{}' THEN a.people
			ELSE (SELECT count(*) FROM campaign_people(k)) END AS people
		FROM campaign AS k
			LEFT JOIN (SELECT audience.name, count(*) AS people
				FROM audience_member JOIN audience USING (audience_id) GROUP BY audience.name) AS a ON a.name = k.audience
		OFFSET 0) AS c
	LEFT JOIN campaign_run AS run USING (campaign_id)
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

-- Recurrence ------------------------------------------------------------------------------------------------------------------------------

-- The grammar is that of planner/core/recurrence.h, which walks the rules; here are the words for those it would refuse.

-- The value of one part of a rule: rrule_part('FREQ=DAILY;COUNT=3', 'COUNT').
CREATE FUNCTION rrule_part(rrule text, part text) RETURNS text IMMUTABLE PARALLEL SAFE
	RETURN substring(rrule FROM '(?:^|;)' || part || '=([^;]*)');

-- What is wrong with the parts one by one.
CREATE FUNCTION rrule_part_fault(rrule text) RETURNS text IMMUTABLE PARALLEL SAFE BEGIN ATOMIC
	SELECT f.fault FROM (
		SELECT p.place, CASE
			WHEN k.form IS NULL THEN format('holds "%s", which is not followed', p.part)
			WHEN split_part(p.part, '=', 2) !~ ('^(' || k.form || ')$') THEN format('holds "%s", which cannot be read', p.part)
			WHEN count(*) OVER (PARTITION BY k.key) > 1 THEN format('holds %s twice', k.key) END AS fault
		FROM unnest(string_to_array(rrule, ';')) WITH ORDINALITY AS p (part, place)
			LEFT JOIN (VALUES ('FREQ', 'DAILY|WEEKLY|MONTHLY|YEARLY'), ('INTERVAL', '[1-9][0-9]{0,2}|1000'), ('COUNT', '[1-9][0-9]{0,3}'),
				('UNTIL', '[0-9]{8}'), ('BYMONTH', '([1-9]|1[0-2])(,([1-9]|1[0-2]))*'),
				('BYMONTHDAY', '-?([1-9]|[12][0-9]|3[01])(,-?([1-9]|[12][0-9]|3[01]))*'),
				('BYDAY', '(-?[1-5])?(MO|TU|WE|TH|FR|SA|SU)(,(-?[1-5])?(MO|TU|WE|TH|FR|SA|SU))*'),
				('BYSETPOS', '-?([1-9]|[12][0-9]|3[01])(,-?([1-9]|[12][0-9]|3[01]))*'), ('WKST', 'MO|TU|WE|TH|FR|SA|SU')) AS k (key, form)
				ON k.key = split_part(p.part, '=', 1)) AS f
	WHERE f.fault IS NOT NULL
	ORDER BY f.place LIMIT 1;
END;

-- And with the parts together.
CREATE FUNCTION rrule_fault(rrule text) RETURNS text IMMUTABLE PARALLEL SAFE BEGIN ATOMIC
	SELECT CASE
		WHEN p.freq IS NULL THEN 'does not say FREQ'
		WHEN p.ends AND p.until IS NOT NULL THEN 'holds both COUNT and UNTIL'
		WHEN p.until IS NOT NULL AND campaign_clock(format('%s-%s-%s 00:00 local', left(p.until, 4), substr(p.until, 5, 2), right(p.until, 2))) IS NULL
			THEN 'holds an UNTIL that is no date'
		WHEN p.weekday IS NOT NULL AND p.month_day IS NOT NULL THEN 'holds both BYDAY and BYMONTHDAY'
		WHEN p.month_day IS NOT NULL AND p.freq NOT IN ('MONTHLY', 'YEARLY') THEN 'holds BYMONTHDAY, which goes with FREQ=MONTHLY or FREQ=YEARLY'
		WHEN p.month IS NOT NULL AND p.freq = 'WEEKLY' THEN 'holds BYMONTH, which does not go with FREQ=WEEKLY'
		WHEN p.freq = 'YEARLY' AND p.month IS NULL AND coalesce(p.weekday, p.month_day) IS NOT NULL THEN 'does not say BYMONTH, which its days go with'
		WHEN p.weekday ~ '[1-5]' AND p.freq NOT IN ('MONTHLY', 'YEARLY') THEN 'counts weekdays, which goes with FREQ=MONTHLY or FREQ=YEARLY'
		WHEN p.weekday ~ '(^|,)[A-Z]' AND (p.weekday ~ '[1-5]' OR p.freq = 'YEARLY') THEN 'does not say which of the weekdays of a month, such as 1MO or -1FR'
		WHEN p.position IS NOT NULL AND (p.freq <> 'MONTHLY' OR p.weekday IS NULL OR p.weekday ~ '[1-5]')
			THEN 'holds BYSETPOS, which goes with FREQ=MONTHLY and weekdays in BYDAY' END
	FROM (SELECT rrule_part(rrule, 'FREQ') AS freq, rrule_part(rrule, 'COUNT') IS NOT NULL AS ends, rrule_part(rrule, 'UNTIL') AS until,
		rrule_part(rrule, 'BYDAY') AS weekday, rrule_part(rrule, 'BYMONTHDAY') AS month_day, rrule_part(rrule, 'BYMONTH') AS month,
		rrule_part(rrule, 'BYSETPOS') AS position) AS p;
END;

-- As in 0001_checks.sql, where no rule could be honoured.
CREATE OR REPLACE FUNCTION problem_rrule(rrule text) RETURNS problem IMMUTABLE PARALLEL SAFE
	RETURN CASE
		WHEN rrule IS NULL THEN NULL
		WHEN length(rrule) > 500 THEN problem_with('rrule', rrule, 'is too long', 'write a shorter rule, or several campaigns')
		WHEN coalesce(rrule_part_fault(rrule), rrule_fault(rrule)) IS NOT NULL
			THEN problem_with('rrule', rrule, coalesce(rrule_part_fault(rrule), rrule_fault(rrule)),
				'write FREQ=DAILY, WEEKLY, MONTHLY or YEARLY, then INTERVAL, BYDAY, BYMONTHDAY, BYMONTH or BYSETPOS, then COUNT or UNTIL=20271231: '
				'FREQ=WEEKLY;BYDAY=MO,TH or FREQ=MONTHLY;BYDAY=-1FR') END;

-- Whether a date fits BYMONTH, BYMONTHDAY and BYDAY; what the rule leaves open fits.
CREATE FUNCTION rrule_fits(rrule text, day date) RETURNS boolean IMMUTABLE PARALLEL SAFE BEGIN ATOMIC
	SELECT coalesce(d.month = ANY (string_to_array(rrule_part(rrule, 'BYMONTH'), ',')::int[]), true)
		AND coalesce(string_to_array(rrule_part(rrule, 'BYMONTHDAY'), ',')::int[] && ARRAY[d.day, d.day - d.length - 1], true)
		AND coalesce(string_to_array(rrule_part(rrule, 'BYDAY'), ',')
			&& ARRAY[d.name, (d.day - 1) / 7 + 1 || d.name, '-' || (d.length - d.day) / 7 + 1 || d.name], true)
	FROM (SELECT extract(month FROM rrule_fits.day)::int AS month, extract(day FROM rrule_fits.day)::int AS day,
		extract(day FROM date_trunc('month', rrule_fits.day::timestamp) + interval '1 month - 1 day')::int AS length,
		('{MO,TU,WE,TH,FR,SA,SU}'::text[])[extract(isodow FROM rrule_fits.day)::int] AS name) AS d;
END;

-- Whether a series may begin on a date: it fits, also as the one of its month that BYSETPOS names.
CREATE FUNCTION rrule_begins(rrule text, day date) RETURNS boolean IMMUTABLE PARALLEL SAFE BEGIN ATOMIC
	SELECT rrule_fits(rrule, rrule_begins.day) AND coalesce(string_to_array(rrule_part(rrule, 'BYSETPOS'), ',')::int[] && (
		SELECT ARRAY[count(*) FILTER (WHERE o.n <= m.day), count(*) FILTER (WHERE o.n <= m.day) - count(*) - 1]::int[]
		FROM (SELECT extract(day FROM rrule_begins.day)::int AS day, date_trunc('month', rrule_begins.day::timestamp)::date AS first) AS m
			CROSS JOIN generate_series(1, extract(day FROM m.first + interval '1 month - 1 day')::int) AS o (n)
		WHERE rrule_fits(rrule, m.first + o.n - 1)), true);
END;

-- As in 0016_campaign_features.sql, where it said nothing. The date that starts_at names is that of the first occurrence.
CREATE OR REPLACE FUNCTION campaign_series_problem(campaign campaign) RETURNS text STABLE PARALLEL SAFE RETURN CASE
	WHEN NOT rrule_begins(campaign.rrule, campaign_clock(left(campaign.starts_at, 10) || ' 00:00 local')::date)
		THEN format('rrule "%s" has no occurrence on %s: let starts_at and ends_at be those of its first occurrence', campaign.rrule,
			left(campaign.starts_at, 10))
	WHEN rrule_part(campaign.rrule, 'UNTIL') < replace(left(campaign.starts_at, 10), '-', '')
		THEN format('rrule "%s" ends before its first occurrence, on %s: let UNTIL be later', campaign.rrule, left(campaign.starts_at, 10)) END;

-- A series may lose an occurrence that was planned: its run stays for the ledger's sake.
ALTER TABLE campaign_run ADD dropped_at timestamptz;

-- Takes everything of such runs from the queue and accounts for it, also for those who were held; what is handed over already and waits in the outbox
-- is dropped there, but for what a consumer is just taking. Called behind publish_plan(), which holds plan_head and the gates. An empty hash: when
-- another edit brings the occurrence back, all of it is planned anew. Returns how many slots went.
CREATE FUNCTION drop_occurrences(runs int[], this_run int) RETURNS bigint VOLATILE LANGUAGE plpgsql SECURITY DEFINER
SET search_path = daypart, pg_catalog, pg_temp AS $$
DECLARE
	verdict reason;
	moment timestamptz := session_now();
	slots bigint;
BEGIN
	SELECT * INTO STRICT verdict FROM reason AS r WHERE r.name = 'occurrence_dropped';
	PERFORM FROM pg_partition_tree('slot'); -- see cancel_slots()
	WITH gone AS (
		DELETE FROM slot AS s USING campaign_run AS run
		WHERE run.run_id = ANY (runs) AND s.lane = run.sender_id AND s.run_id = run.run_id
		RETURNING s.recipient_id, s.run_id, s.bucket)
	INSERT INTO suppressed (recipient_id, at, run_id, plan_run, bucket, reason, kind)
	SELECT g.recipient_id, moment, g.run_id, this_run, g.bucket, verdict.reason, verdict.kind FROM gone AS g
	ON CONFLICT (bucket, recipient_id, run_id) DO UPDATE
		SET at = excluded.at, plan_run = excluded.plan_run, reason = excluded.reason, kind = excluded.kind, rule = NULL;
	GET DIAGNOSTICS slots = ROW_COUNT;
	UPDATE suppressed AS s SET at = moment, plan_run = this_run, reason = verdict.reason, kind = verdict.kind, rule = NULL
	FROM generate_series(0, 1023) AS b (bucket)
	WHERE s.bucket = b.bucket::smallint AND s.run_id = ANY (runs) AND s.kind = 'held';
	WITH waiting AS MATERIALIZED (
		SELECT o.bucket, o.recipient_id, o.run_id FROM outbox AS o WHERE o.run_id = ANY (runs) FOR UPDATE SKIP LOCKED
	), gone AS (
		DELETE FROM outbox AS o USING waiting AS w WHERE (o.bucket, o.recipient_id, o.run_id) = (w.bucket, w.recipient_id, w.run_id)
		RETURNING o.*)
	INSERT INTO outbox_dropped (recipient_id, dropped_at, run_id, bucket, reason)
	SELECT g.recipient_id, moment, g.run_id, g.bucket, verdict.reason FROM gone AS g
	ON CONFLICT DO NOTHING;
	UPDATE campaign_run AS run SET dropped_at = moment, campaign_hash = '' WHERE run.run_id = ANY (runs);
	UPDATE plan_run AS p SET cancelled = p.cancelled + slots WHERE p.plan_run = this_run;
	RETURN slots;
END $$;

COMMENT ON COLUMN campaign.rrule IS 'iCalendar rule by which it recurs: FREQ=WEEKLY;BYDAY=MO; starts_at and ends_at are those of the first occurrence';
COMMENT ON COLUMN campaign_run.dropped_at IS 'when an edit of the campaign had left this occurrence out';
COMMENT ON FUNCTION rrule_part IS 'the value of one part of a recurrence rule';
COMMENT ON FUNCTION rrule_part_fault IS 'what is wrong with one of the parts of a recurrence rule';
COMMENT ON FUNCTION rrule_fault IS 'what is wrong with the parts of a recurrence rule together';
COMMENT ON FUNCTION rrule_fits IS 'whether a date fits the days of a recurrence rule';
COMMENT ON FUNCTION rrule_begins IS 'whether a recurrence rule may begin on a date';
COMMENT ON FUNCTION drop_occurrences IS 'takes occurrences that an edit left out from the queue';
COMMENT ON FUNCTION audience_ids IS 'the numbers of audiences by their names';
COMMENT ON FUNCTION problem_audiences IS 'what is wrong with a campaign''s list of audiences';
COMMENT ON FUNCTION campaign_people IS 'everybody in the audiences of a campaign once, and who is left out';
COMMENT ON FUNCTION campaign_reach IS 'whom a campaign reaches: how many, and a digest of who';

CALL hand_over();
GRANT EXECUTE ON FUNCTION audience_ids, problem_audiences, campaign_reach, campaign_people
	TO daypart_marketer, daypart_planner, daypart_scheduler, daypart_analyst, daypart_privacy;
GRANT EXECUTE ON FUNCTION drop_occurrences TO daypart_planner;
