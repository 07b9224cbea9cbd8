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

-- A test goes to at most this many people: those who look at it.
CREATE FUNCTION problem_seed_list(audiences text[]) RETURNS problem STABLE PARALLEL SAFE RETURN (
	SELECT CASE
		WHEN count(*) = 0 THEN problem_with('audience', array_to_string(audiences, ', '), 'is empty', 'add the people who shall look at the test')
		WHEN count(*) > 50 THEN problem_with('audience', array_to_string(audiences, ', '), 'has more than 50 people, too many for a test',
			'name an audience of those who shall look at it') END
	FROM (SELECT FROM generate_series(0, 1023) AS b (bucket), audience_member AS m
		WHERE m.bucket = b.bucket::smallint AND m.audience_id = ANY (audience_ids(audiences)) LIMIT 51) AS few);

-- As in 0016_campaign_features.sql, where it said nothing.
CREATE OR REPLACE FUNCTION campaign_audience_problem(campaign campaign) RETURNS text STABLE PARALLEL SAFE RETURN (
	SELECT (p).message || ': ' || (p).hint
	FROM (VALUES (1, problem_audiences('also_audiences', campaign.also_audiences, campaign.sender)),
			(2, problem_audiences('except_audiences', campaign.except_audiences, campaign.sender)),
			(3, (SELECT problem_with('except_audiences', n, 'is an audience of the campaign as well', 'leave it out of one of the two')
				FROM unnest(campaign.except_audiences) AS n WHERE n = ANY (campaign.audience || campaign.also_audiences) LIMIT 1)),
			(4, CASE WHEN campaign.test_of IS NOT NULL THEN problem_seed_list(campaign.audience || campaign.also_audiences) END)) AS f (place, p)
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

-- Import ----------------------------------------------------------------------------------------------------------------------------------

-- Names may hold blanks, so in a file they stand with semicolons between.
CREATE FUNCTION import_names(value text) RETURNS text[] IMMUTABLE PARALLEL SAFE
	RETURN array_remove(regexp_split_to_array(btrim(value), '\s*;\s*'), '');

-- As in 0013_law_import.sql; a list of names as above.
CREATE OR REPLACE FUNCTION import_value(type text, place int) RETURNS text IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN type = 'text[]' THEN format('import_names($1[%s])', place)
		WHEN type LIKE '%[]' THEN format('string_to_array($1[%s], '' '')::%s', place, type) ELSE format('$1[%s]::%s', place, type) END;

-- As in 0006_import.sql, with lists.
CREATE OR REPLACE FUNCTION import_statement(target regclass, key text[], columns text[], types text[], v text[]) RETURNS text STABLE
	RETURN (
		SELECT format('INSERT INTO %s AS old (%s) VALUES (%s) ON CONFLICT (%s) DO UPDATE SET %s WHERE (%s) IS DISTINCT FROM (%s) '
				'RETURNING xmax = 0, coalesce(%s)', -- xmax is set only on a row that was there
			target, string_agg(c.name, ', ' ORDER BY i), string_agg(c.value, ', ' ORDER BY i),
			(SELECT string_agg(quote_ident(k), ', ') FROM unnest(key) AS k),
			string_agg(format('%s = excluded.%1$s', c.name), ', ' ORDER BY i) FILTER (WHERE c.changeable),
			string_agg('old.' || c.name, ', ' ORDER BY i), string_agg('excluded.' || c.name, ', ' ORDER BY i),
			coalesce(string_agg(format('CASE WHEN old.%s IS DISTINCT FROM %s THEN %L END', c.name, import_value(types[i], i), columns[i]), ', ' ORDER BY i)
				FILTER (WHERE NOT c.changeable), 'NULL'))
		FROM generate_subscripts(columns, 1) AS i
			CROSS JOIN LATERAL (SELECT quote_ident(columns[i]) AS name, has_column_privilege(target, columns[i], 'UPDATE') AS changeable,
				CASE WHEN v[i] IS NULL THEN 'DEFAULT' ELSE import_value(types[i], i) END AS value) AS c
		WHERE types[i] IS NOT NULL);

-- As in 0013_law_import.sql; any text is a list of names.
CREATE OR REPLACE FUNCTION import_problem_value(field text, type text, value text) RETURNS problem LANGUAGE plpgsql STABLE
SET search_path = daypart, pg_catalog, pg_temp AS $$
DECLARE
	words text[];
BEGIN
	IF type = 'date' THEN
		RETURN problem_date(field, value);
	END IF;
	IF type = 'text[]' THEN
		RETURN NULL;
	END IF;
	IF type LIKE '%[]' THEN
		RETURN (SELECT p FROM unnest(string_to_array(value, ' ')) AS word
			CROSS JOIN LATERAL import_problem_value(field, rtrim(type, '[]'), word) AS p WHERE p.message IS NOT NULL LIMIT 1);
	END IF;
	SELECT array_agg(e.enumlabel ORDER BY e.enumsortorder) INTO words FROM pg_enum AS e WHERE e.enumtypid = type::regtype;
	IF words IS NOT NULL AND value IS NOT NULL THEN
		RETURN problem_word(field, value, words);
	END IF;
	EXECUTE format('SELECT $1::%s', type) USING value;
	RETURN NULL;
EXCEPTION WHEN data_exception THEN
	RETURN problem_with(field, value, 'does not fit', CASE
		WHEN type = 'smallint' THEN 'write a whole number, at most 32767'
		WHEN type = 'integer' THEN 'write a whole number, at most 2147483647'
		WHEN type LIKE 'numeric%' THEN 'write a number, such as 12.5'
		WHEN type LIKE 'time %' THEN 'write a time of day, such as 09:00'
		WHEN type = 'boolean' THEN 'write true or false'
		ELSE format('write a value of type %s', type) END);
END $$;

-- As in 0013_law_import.sql; a campaign names audiences that are there, as it names one.
CREATE OR REPLACE FUNCTION import_problem_row(target regclass, columns text[], v text[]) RETURNS problem STABLE
	RETURN CASE
		WHEN target = 'attestation'::regclass THEN problem_subject(v[array_position(columns, 'subject')]::subject, v[array_position(columns, 'name')])
		WHEN target = 'campaign'::regclass THEN coalesce(
			problem_audiences('also_audiences', import_names(v[array_position(columns, 'also_audiences')]), v[array_position(columns, 'sender')]),
			problem_audiences('except_audiences', import_names(v[array_position(columns, 'except_audiences')]), v[array_position(columns, 'sender')]))
		END;

-- Tests -----------------------------------------------------------------------------------------------------------------------------------

-- Tries a campaign out on a seed list before it goes out: a campaign of its own, "NAME (test 1)", with the same texts, split, sender, category and
-- hours, that begins now and ends within a day. Nobody is held out, and all the law applies: consent, opt-outs, windows and caps, in which its
-- messages count; attestations of the original are copied. The original, its approvals included, stays as it is.
-- No second person is asked, neither about the campaign nor about its texts: who asks for a test is who reads it, and the second person's eyes are
-- for what strangers get. Therefore the list is short, the approval that is written here names its people (F1: whoever joins later holds all of it)
-- and ends with any edit of the test, and nobody but this function can say that a campaign is a test. Returns the name of the test.
CREATE FUNCTION test_campaign(campaign text, audience text) RETURNS text LANGUAGE plpgsql
SECURITY DEFINER SET search_path = daypart, pg_catalog, pg_temp AS $$
DECLARE
	subject campaign;
	test campaign;
	moment timestamptz := session_now();
	form constant text := 'YYYY-MM-DD"T"HH24:MI:SS"Z"';
	number int;
BEGIN
	PERFORM refuse(problem_missing('campaign', test_campaign.campaign)), refuse(problem_missing('audience', test_campaign.audience));
	SELECT * INTO subject FROM campaign AS c WHERE c.name = test_campaign.campaign FOR NO KEY UPDATE; -- two tests at once get two numbers
	PERFORM refuse(problem_unknown('campaign', test_campaign.campaign, 'write the name of a campaign')) WHERE subject.name IS NULL;
	PERFORM refuse(problem_with('campaign', subject.name, format('is %s', subject.status), 'submit a new campaign, and test that'))
	WHERE subject.status IN ('cancelled', 'finished');
	PERFORM refuse(problem_with('campaign', subject.name, 'is a test itself', format('test campaign "%s"', subject.test_of)))
	WHERE subject.test_of IS NOT NULL;
	PERFORM refuse(problem_audiences('audience', ARRAY[test_campaign.audience], subject.sender)),
		refuse(problem_seed_list(ARRAY[test_campaign.audience]));
	SELECT count(*) + 1 INTO number FROM campaign AS c WHERE c.test_of = subject.name;
	WHILE EXISTS (SELECT FROM campaign AS c WHERE c.name = format('%s (test %s)', left(subject.name, 85), number)) LOOP
		number := number + 1;
	END LOOP;
	INSERT INTO campaign (name, sender, template, audience, category, starts_at, ends_at, local_from, local_to, priority, catch_up, offer_terms,
		offer_expires_on, tags, template_b, split_percent, first_template, test_of, status)
	VALUES (format('%s (test %s)', left(subject.name, 85), number), subject.sender, subject.template, test_campaign.audience, subject.category,
		to_char(timezone('UTC', moment), form), to_char(timezone('UTC', moment + interval '1 day'), form), subject.local_from, subject.local_to,
		subject.priority, subject.catch_up, subject.offer_terms, subject.offer_expires_on, subject.tags, subject.template_b,
		subject.split_percent, subject.first_template, subject.name, 'approved')
	RETURNING * INTO test;
	PERFORM refuse(ROW(format('campaign "%s" cannot be tested: %s', subject.name, campaign_problem(test)), 'correct it, then test it')::problem)
	WHERE campaign_problem(test) IS NOT NULL;
	INSERT INTO attestation (subject, name, item, given_on, valid_until, reference, note, by_whom)
	SELECT a.subject, test.name, a.item, a.given_on, a.valid_until, a.reference, a.note, a.by_whom FROM attestation AS a
	WHERE a.subject = 'campaign' AND a.name = subject.name;
	PERFORM write_approval('campaign', test.name, format('test of "%s"', subject.name));
	INSERT INTO campaign_event (campaign_id, status, by_whom, note)
	VALUES (test.campaign_id, test.status, session_user, format('test of "%s"', subject.name));
	NOTIFY daypart;
	RETURN test.name;
END $$;

COMMENT ON FUNCTION problem_seed_list IS 'what is wrong with the audiences of a test';
COMMENT ON FUNCTION test_campaign IS
	'tries a campaign out on a seed list of at most 50 people: makes an approved campaign of its own, for which no second person is asked, because who asks is who reads; returns its name';
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
COMMENT ON FUNCTION import_names IS 'a list of names in a file, with semicolons between';

CALL hand_over();
GRANT EXECUTE ON FUNCTION test_campaign TO daypart_marketer;
GRANT EXECUTE ON FUNCTION audience_ids, problem_audiences, problem_seed_list, campaign_reach, campaign_people
	TO daypart_marketer, daypart_planner, daypart_scheduler, daypart_analyst, daypart_privacy;
GRANT EXECUTE ON FUNCTION drop_occurrences TO daypart_planner;
