-- Functions repaired.

-- As in 0017_plan_parts.sql, but for the orphans it waits: the server may be vacuuming or analyzing a large one, and it gives way after a second
-- (deadlock_timeout). Nobody claims from an orphan, so nobody waits behind this.
CREATE OR REPLACE FUNCTION drop_empty_slot_parts() RETURNS int VOLATILE LANGUAGE plpgsql SECURITY DEFINER SET search_path = daypart, pg_temp AS $$
DECLARE
	candidate regclass;
	orphan smallint;
	is_empty boolean;
	dropped int := 0;
BEGIN
	SET LOCAL lock_timeout = '5s';
	FOR orphan IN SELECT n FROM generate_series(1, 31) AS n WHERE to_regclass('slot_' || n) IS NOT NULL AND NOT is_attached_slot_part(n) LOOP
		CONTINUE WHEN NOT pg_try_advisory_xact_lock(slot_part_lock(), orphan);
		BEGIN
			dropped := dropped + drop_slot_part(orphan)::int;
		EXCEPTION WHEN lock_not_available THEN
			NULL; -- a dump, perhaps: the next plan finds it
		END;
	END LOOP;
	SET LOCAL lock_timeout = '100ms';
	FOR candidate IN SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent = 'slot'::regclass AND inhrelid <> 'slot_0'::regclass LOOP
		EXECUTE format('SELECT NOT EXISTS (SELECT FROM %s)', candidate) INTO is_empty;
		CONTINUE WHEN NOT is_empty;
		BEGIN
			EXECUTE format('DROP TABLE %s', candidate);
			dropped := dropped + 1;
		EXCEPTION WHEN lock_not_available THEN
			EXIT; -- somebody reads the queue; claims wait behind us, so no second try: the next plan comes soon
		END;
	END LOOP;
	RETURN dropped;
END $$;

-- As in 0017_plan_parts.sql, and it looks again once it has the table: while it waited for it, the transaction that had it may have published it.
CREATE OR REPLACE FUNCTION drop_slot_part(part smallint) RETURNS boolean VOLATILE LANGUAGE plpgsql SECURITY DEFINER
SET search_path = daypart, pg_temp AS $$
BEGIN
	IF to_regclass('slot_' || part) IS NULL OR is_attached_slot_part(part) THEN
		RETURN false;
	END IF;
	EXECUTE format('LOCK TABLE slot_%s IN ACCESS EXCLUSIVE MODE', part);
	IF is_attached_slot_part(part) THEN
		RETURN false;
	END IF;
	EXECUTE format('DROP TABLE slot_%s', part);
	RETURN true;
END $$;

-- Campaigns -------------------------------------------------------------------------------------------------------------------------------

-- As in 0001_checks.sql; the year that is written counts as well, because the programs read that one (planner/core/instant.h).
CREATE OR REPLACE FUNCTION problem_campaign_time(field text, value text) RETURNS problem IMMUTABLE PARALLEL SAFE
	RETURN CASE
		WHEN extract(year FROM campaign_clock(value)) BETWEEN 1900 AND 2200 AND left(value, 4) BETWEEN '1900' AND '2200' THEN NULL
		WHEN campaign_clock(value || 'Z') IS NOT NULL THEN problem_with(field, value, 'says neither an offset nor "local"',
			format('write "%sZ" for one instant everywhere, or "%s local" for the recipient''s own clock',
				value, left(replace(value, 'T', ' '), 16)))
		WHEN value IS NOT NULL THEN problem_with(field, value, 'is no time of a campaign',
			'write an instant such as 2026-11-23T09:00:00-05:00, or "2026-11-23 09:00 local"') END;

-- As in 0019_campaign_series.sql, and lists no longer than those that planner/core/recurrence.h follows.
CREATE OR REPLACE FUNCTION rrule_part_fault(rrule text) RETURNS text IMMUTABLE PARALLEL SAFE BEGIN ATOMIC
	SELECT f.fault FROM (
		SELECT p.place, CASE
			WHEN k.form IS NULL THEN format('holds "%s", which is not followed', p.part)
			WHEN split_part(p.part, '=', 2) !~ ('^(' || k.form || ')$') THEN format('holds "%s", which cannot be read', p.part)
			WHEN cardinality(string_to_array(p.part, ',')) > k.most THEN format('names more than %s of %s', k.most, k.key)
			WHEN count(*) OVER (PARTITION BY k.key) > 1 THEN format('holds %s twice', k.key) END AS fault
		FROM unnest(string_to_array(rrule, ';')) WITH ORDINALITY AS p (part, place)
			LEFT JOIN (VALUES ('FREQ', 'DAILY|WEEKLY|MONTHLY|YEARLY', 1), ('INTERVAL', '[1-9][0-9]{0,2}|1000', 1), ('COUNT', '[1-9][0-9]{0,3}', 1),
				('UNTIL', '[0-9]{8}', 1), ('BYMONTH', '([1-9]|1[0-2])(,([1-9]|1[0-2]))*', 12),
				('BYMONTHDAY', '-?([1-9]|[12][0-9]|3[01])(,-?([1-9]|[12][0-9]|3[01]))*', 31),
				('BYDAY', '(-?[1-5])?(MO|TU|WE|TH|FR|SA|SU)(,(-?[1-5])?(MO|TU|WE|TH|FR|SA|SU))*', 77),
				('BYSETPOS', '-?([1-9]|[12][0-9]|3[01])(,-?([1-9]|[12][0-9]|3[01]))*', 62), ('WKST', 'MO|TU|WE|TH|FR|SA|SU', 1)) AS k (key, form, most)
				ON k.key = split_part(p.part, '=', 1)) AS f
	WHERE f.fault IS NOT NULL
	ORDER BY f.place LIMIT 1;
END;

-- As in 0019_campaign_series.sql; a test is about what the campaign is about, so that caps on its subject count it and no others do.
CREATE OR REPLACE FUNCTION test_campaign(campaign text, audience text) RETURNS text LANGUAGE plpgsql
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
		offer_expires_on, tags, subject, template_b, split_percent, first_template, test_of, status)
	VALUES (format('%s (test %s)', left(subject.name, 85), number), subject.sender, subject.template, test_campaign.audience, subject.category,
		to_char(timezone('UTC', moment), form), to_char(timezone('UTC', moment + interval '1 day'), form), subject.local_from, subject.local_to,
		subject.priority, subject.catch_up, subject.offer_terms, subject.offer_expires_on, subject.tags, subject.subject, subject.template_b,
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

CALL hand_over();
