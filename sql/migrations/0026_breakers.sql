-- Breakers (F20, R-143 to R-151): what people and providers say of a sender, what that stops, and senders that may not send any more.
--
-- Facts come in by record_feedback() and opt_out(). Which of them stop what is a rule of kind breaker, judged by planner/core/breaker.h; the
-- programs ask breaker_events() and breaker_sent() for the counts, and call trip_breaker(). No counter is kept: what happened is rare and found by
-- its instant, and messages are counted only as far as the verdict depends on them.
--
-- A row of `breaker` is a breaker that has tripped at least once. While resumed_at is empty nothing of its scope leaves: the gate asks
-- release_obstacle(). Both instants are part of campaign_digest(), so that after a resume nothing leaves before it was planned again either.

CREATE TYPE feedback_kind AS ENUM ('complaint', 'block', 'violation', 'rating');
CREATE TYPE rating AS ENUM ('unknown', 'green', 'yellow', 'red');
CREATE TYPE breaker_scope AS ENUM ('business', 'sender', 'campaign', 'template');
CREATE TYPE breaker_change AS ENUM ('warned', 'tripped', 'resumed');
CREATE TYPE breaker_needs AS ENUM ('reason', 'new_template');
CREATE TYPE sender_bar AS ENUM ('blacklisted', 'terminated');

CREATE TABLE feedback (
	recipient_id bigint NOT NULL,                     -- 0: nobody says who
	at timestamptz NOT NULL,
	recorded_at timestamptz NOT NULL,
	campaign_id int NOT NULL,                         -- 0: not known; so class_id
	class_id int NOT NULL,
	sender_id smallint NOT NULL,
	bucket smallint NOT NULL,
	kind feedback_kind NOT NULL,
	rating rating,
	template text NOT NULL,                           -- '': not known
	reference text NOT NULL,
	note text,
	PRIMARY KEY (bucket, recipient_id, sender_id, kind, at, reference),
	CHECK ((kind = 'rating') = (rating IS NOT NULL))
);
CREATE INDEX feedback_at ON feedback (at);
CREATE INDEX suppression_at ON suppression (at);

CREATE TABLE breaker (
	scope breaker_scope NOT NULL,
	subject_id int NOT NULL,                          -- business_id, sender_id or campaign_id; 0: a template
	template text NOT NULL,                           -- '' unless the scope is a template
	rule text NOT NULL,
	needs breaker_needs NOT NULL,
	tripped_at timestamptz NOT NULL,
	tripped_by text NOT NULL,
	note text NOT NULL,
	contents bytea[] NOT NULL,                        -- template_content() of the texts in use when it tripped
	resumed_at timestamptz,
	resumed_by text,
	reason text,
	PRIMARY KEY (scope, subject_id, template, rule),
	CHECK ((resumed_at IS NULL) = (resumed_by IS NULL) AND (resumed_at IS NULL) = (reason IS NULL))
);
CREATE TABLE breaker_event (                          -- append-only
	scope breaker_scope NOT NULL,
	subject_id int NOT NULL,
	template text NOT NULL,
	rule text NOT NULL,
	at timestamptz NOT NULL,
	change breaker_change NOT NULL,
	by_whom text NOT NULL DEFAULT session_user,
	note text NOT NULL,
	recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	PRIMARY KEY (scope, subject_id, template, rule, recorded_at, change)
);

-- R-148, R-151. A row bars from the moment it is written. Nobody may change one; lift_blacklisting() ends the first kind, nothing the second.
CREATE TABLE sender_state (
	sender text NOT NULL REFERENCES sender ON UPDATE CASCADE,
	state sender_bar NOT NULL,
	since date NOT NULL,
	blacklisted_until date,                           -- the first day on which it may send again
	reason text NOT NULL,
	by_whom text NOT NULL DEFAULT session_user,
	recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	lifted_at timestamptz,
	lifted_by text,
	lifted_for text,
	PRIMARY KEY (sender, state, since),
	CHECK ((state = 'blacklisted') = (blacklisted_until IS NOT NULL)),
	CHECK (blacklisted_until > since),
	CHECK (state = 'blacklisted' OR lifted_at IS NULL)
);

-- Facts ---------------------------------------------------------------------------------------------------------------------------------------

-- The last message that a sender, or any sender of a business, sent to a person before an instant: what an answer of the person is about. NULL or 0
-- as a filter: any. One probe of the ledger's key for each of its parts.
CREATE FUNCTION message_before(person bigint, sender_id smallint, campaign_id int, at timestamptz, answer_within interval,
	OUT campaign int, OUT class_id int, OUT template text) LANGUAGE sql STABLE
SET search_path = daypart, pg_catalog, pg_temp BEGIN ATOMIC
	SELECT run.campaign_id, r.class_id, coalesce(nullif(c.template, ''), k.template)
	FROM release AS r
		JOIN campaign_run AS run USING (run_id)
		JOIN campaign AS k USING (campaign_id)
		LEFT JOIN class AS c USING (class_id)
	WHERE r.bucket = bucket_of(person) AND r.recipient_id = person AND r.outcome IN ('handed_over', 'uncertain')
		AND r.released_at <= message_before.at AND r.released_at > message_before.at - answer_within
		AND run.sender_id = message_before.sender_id AND message_before.campaign_id IN (0, run.campaign_id)
	ORDER BY r.released_at DESC LIMIT 1;
END;

-- What somebody said of a sender: a complaint, a block, a violation of the law or of the provider's rules, or the provider's rating. With a phone it
-- is about the last message of the sender to that person in the 30 days before; a complaint or block also opts the person out (C19). The same again
-- (by instant and reference) changes nothing. Returns whether it is new.
CREATE FUNCTION record_feedback(sender text, kind text, at timestamptz DEFAULT NULL, phone text DEFAULT NULL, rating text DEFAULT NULL,
	campaign text DEFAULT NULL, template text DEFAULT NULL, reference text DEFAULT NULL, note text DEFAULT NULL) RETURNS boolean LANGUAGE plpgsql
SECURITY DEFINER SET search_path = daypart, pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
	line sender;
	person bigint := 0;
	known_campaign int := 0;
	message record;
	moment timestamptz := coalesce(record_feedback.at, session_now());
	added int;
BEGIN
	PERFORM refuse(problem_word('kind', record_feedback.kind, enum_range(NULL::feedback_kind)::text[])),
		refuse(problem_future('at', record_feedback.at));
	SELECT * INTO line FROM sender AS s WHERE s.name = record_feedback.sender;
	PERFORM refuse(problem_unknown('sender', coalesce(record_feedback.sender, ''), 'write the name of a sender, or add it to table sender'))
		WHERE line.name IS NULL;
	IF record_feedback.kind = 'rating' THEN
		PERFORM refuse(problem_word('rating', record_feedback.rating, enum_range(NULL::rating)::text[]));
	ELSE
		PERFORM refuse(problem_with('rating', record_feedback.rating, 'belongs to kind rating', 'leave it out')) WHERE record_feedback.rating IS NOT NULL;
	END IF;
	IF record_feedback.campaign IS NOT NULL THEN
		SELECT c.campaign_id INTO known_campaign FROM campaign AS c WHERE c.name = record_feedback.campaign;
		PERFORM refuse(problem_unknown('campaign', record_feedback.campaign, 'write the name of a campaign, or leave it out')) WHERE known_campaign IS NULL;
	END IF;
	PERFORM refuse(problem_unknown('template', record_feedback.template, 'write the name of a template, or leave it out'))
		WHERE record_feedback.template IS NOT NULL AND NOT EXISTS (SELECT FROM template AS t WHERE t.name = record_feedback.template);
	IF record_feedback.phone IS NOT NULL THEN
		person := person_of(record_feedback.phone);
	END IF;
	SELECT * INTO message FROM message_before(person, line.sender_id, known_campaign, moment, interval '30 days');
	INSERT INTO feedback (recipient_id, at, recorded_at, campaign_id, class_id, sender_id, bucket, kind, rating, template, reference, note)
	VALUES (person, moment, session_now(), coalesce(message.campaign, known_campaign), coalesce(message.class_id, 0), line.sender_id, bucket_of(person),
		record_feedback.kind::feedback_kind, record_feedback.rating::rating, coalesce(record_feedback.template, message.template, ''),
		coalesce(record_feedback.reference, ''), record_feedback.note)
	ON CONFLICT DO NOTHING
	RETURNING 1 INTO added;
	IF person <> 0 AND record_feedback.kind IN ('complaint', 'block') THEN
		PERFORM opt_out(record_feedback.phone, line.business, 'all', 'all', moment, record_feedback.kind);
	END IF;
	NOTIFY daypart;
	RETURN added IS NOT NULL;
END $$;

-- A regime's regions cover their subdivisions; NULL: everywhere.
CREATE FUNCTION regions_cover(wanted text[], regions text[]) RETURNS boolean IMMUTABLE PARALLEL SAFE
	RETURN wanted IS NULL OR EXISTS (SELECT FROM unnest(wanted) AS w, unnest(regions) AS r WHERE r = w OR starts_with(r, w || '-'));

-- What one rule counts against messages of a window: everything in (since, until] that may be about people in `regions`, on `channels` and of
-- `categories`, each scope for itself. `metric` is one of planner/core/breaker.h. What is about no message that is known counts wherever it may.
-- An opt-out is about the last message of the business to the person within `answer_within` before it, and counts once a person; one that came with a
-- complaint counts as that. `armed` is false while the breaker is tripped, and after a resume until something new comes.
CREATE FUNCTION breaker_events(rule text, metric text, scope breaker_scope, since timestamptz, until timestamptz, answer_within interval, regions text[],
	channels text[], categories text[])
RETURNS TABLE (subject_id int, template text, name text, events bigint, newest timestamptz, latest rating, armed boolean) LANGUAGE plpgsql STABLE
SET search_path = daypart, pg_catalog, pg_temp SET plan_cache_mode = force_custom_plan SET enable_seqscan = on SET enable_hashjoin = on
SET enable_mergejoin = on SET enable_sort = on SET enable_bitmapscan = on AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY
	WITH opted_out AS (
		SELECT s.recipient_id, s.at, s.at AS recorded_at, last.sender_id, last.campaign_id, last.class_id, NULL::rating AS rating, '' AS template
		FROM suppression AS s
			CROSS JOIN LATERAL (
				SELECT run.sender_id, run.campaign_id, r.class_id
				FROM release AS r JOIN campaign_run AS run USING (run_id)
				WHERE r.bucket = s.bucket AND r.recipient_id = s.recipient_id AND r.outcome IN ('handed_over', 'uncertain')
					AND r.released_at <= s.at AND r.released_at > s.at - breaker_events.answer_within
					AND s.business_id IN (0, run.business_id) AND s.channel IN ('all', run.channel::text)
					AND s.category IN ('all', run.category::text)
				ORDER BY r.released_at DESC LIMIT 1) AS last
		WHERE breaker_events.metric = 'opt_out_rate' AND s.at > breaker_events.since AND s.at <= breaker_events.until
			AND coalesce(s.source, '') NOT IN ('complaint', 'block')
	), said AS (
		SELECT f.recipient_id, f.at, greatest(f.at, f.recorded_at) AS recorded_at, f.sender_id, f.campaign_id, f.class_id, f.rating, f.template
		FROM feedback AS f
		WHERE f.at > breaker_events.since AND f.at <= breaker_events.until AND f.kind::text = ANY (CASE breaker_events.metric
			WHEN 'complaint_rate' THEN '{complaint}' WHEN 'complaint_count' THEN '{complaint}' WHEN 'negative_rate' THEN '{complaint,block}'
			WHEN 'violation_rate' THEN '{violation}' WHEN 'quality' THEN '{rating}' ELSE '{}' END::text[])
		UNION ALL
		SELECT * FROM opted_out
	), placed AS (
		SELECT e.*, s.name AS sender, b.business_id, b.name AS business, k.name AS campaign,
			coalesce(nullif(e.template, ''), nullif(c.template, ''), k.template) AS text,
			CASE breaker_events.scope WHEN 'business' THEN b.business_id WHEN 'sender' THEN s.sender_id WHEN 'campaign' THEN nullif(e.campaign_id, 0)
				ELSE 0 END AS subject
		FROM said AS e
			JOIN sender AS s USING (sender_id)
			JOIN business AS b ON b.name = s.business
			LEFT JOIN campaign AS k USING (campaign_id)
			LEFT JOIN class AS c USING (class_id)
		WHERE s.channel::text = ANY (breaker_events.channels)
			AND (c.class_id IS NULL OR c.category::text = ANY (breaker_events.categories) AND regions_cover(breaker_events.regions, c.regions))
	), named AS (
		SELECT p.*, CASE WHEN breaker_events.scope = 'template' THEN p.text ELSE '' END AS about,
			CASE breaker_events.scope WHEN 'business' THEN p.business WHEN 'sender' THEN p.sender WHEN 'campaign' THEN p.campaign ELSE p.text END AS called
		FROM placed AS p
		WHERE breaker_events.metric <> 'quality' OR (breaker_events.scope = 'template') = (p.template <> '')
	), counted AS (
		SELECT n.subject, n.about, n.called, CASE breaker_events.metric WHEN 'opt_out_rate' THEN count(DISTINCT n.recipient_id) ELSE count(*) END AS events,
			max(n.recorded_at) AS newest, (array_agg(n.rating ORDER BY n.at DESC, n.rating DESC))[1] AS latest
		FROM named AS n
		WHERE n.subject IS NOT NULL AND n.about IS NOT NULL
		GROUP BY n.subject, n.about, n.called
	)
	SELECT c.subject::int, c.about, c.called, c.events, c.newest, c.latest, coalesce(c.newest > b.resumed_at, b.rule IS NULL)
	FROM counted AS c
		LEFT JOIN breaker AS b ON b.scope = breaker_events.scope AND b.subject_id = c.subject AND b.template = c.about AND b.rule = breaker_events.rule;
END $$;

-- How many messages of a scope left in (since, until], at most `at_most`: the caller needs to know no more. Reads the parts of the ledger that hold
-- the scope's runs of that time, until it has found enough. What the outbox dropped does not count.
CREATE FUNCTION breaker_sent(scope breaker_scope, subject_id int, template text, since timestamptz, until timestamptz, regions text[], channels text[],
	categories text[], at_most bigint) RETURNS bigint LANGUAGE plpgsql STABLE
SET search_path = daypart, pg_catalog, pg_temp SET plan_cache_mode = force_custom_plan SET enable_seqscan = on SET enable_hashjoin = on
SET enable_mergejoin = on SET enable_sort = on SET enable_bitmapscan = on AS $$
#variable_conflict use_column
DECLARE
	runs int[] := ARRAY(SELECT run.run_id FROM campaign_run AS run
		WHERE run.last_at > breaker_sent.since AND run.first_at <= breaker_sent.until AND run.channel::text = ANY (breaker_sent.channels)
			AND run.category::text = ANY (breaker_sent.categories)
			AND CASE breaker_sent.scope WHEN 'business' THEN run.business_id WHEN 'sender' THEN run.sender_id WHEN 'campaign' THEN run.campaign_id ELSE 0 END
				= breaker_sent.subject_id);
	own int[] := ARRAY(SELECT run.run_id FROM campaign_run AS run JOIN campaign AS k USING (campaign_id) WHERE k.template = breaker_sent.template);
	named int[] := ARRAY(SELECT c.class_id FROM class AS c
		WHERE regions_cover(breaker_sent.regions, c.regions) AND (breaker_sent.scope <> 'template' OR c.template = breaker_sent.template));
	plain int[] := ARRAY(SELECT c.class_id FROM class AS c
		WHERE regions_cover(breaker_sent.regions, c.regions) AND breaker_sent.scope = 'template' AND c.template = '');
BEGIN
	RETURN (SELECT count(*) FROM (
		SELECT FROM release AS r
		WHERE r.run_id = ANY (runs) AND (r.class_id = ANY (named) OR r.class_id = ANY (plain) AND r.run_id = ANY (own))
			AND r.outcome IN ('handed_over', 'uncertain') AND r.released_at > breaker_sent.since AND r.released_at <= breaker_sent.until
			AND NOT EXISTS (SELECT FROM outbox_dropped AS d
				WHERE d.bucket = r.bucket AND d.recipient_id = r.recipient_id AND d.run_id = r.run_id)
		LIMIT at_most) AS sent);
END $$;

-- Tripping and resuming -----------------------------------------------------------------------------------------------------------------------

CREATE TYPE breaker_subject AS (subject_id int, template text);

-- Whom a scope and a name mean; refused when there is none.
CREATE FUNCTION breaker_subject(scope text, name text) RETURNS breaker_subject LANGUAGE plpgsql STABLE
SET search_path = daypart, pg_catalog, pg_temp AS $$
DECLARE
	found breaker_subject;
BEGIN
	PERFORM refuse(problem_word('scope', scope, enum_range(NULL::breaker_scope)::text[]));
	found := CASE scope
		WHEN 'business' THEN (SELECT ROW(b.business_id, '')::breaker_subject FROM business AS b WHERE b.name = breaker_subject.name)
		WHEN 'sender' THEN (SELECT ROW(s.sender_id, '')::breaker_subject FROM sender AS s WHERE s.name = breaker_subject.name)
		WHEN 'campaign' THEN (SELECT ROW(c.campaign_id, '')::breaker_subject FROM campaign AS c WHERE c.name = breaker_subject.name)
		ELSE (SELECT ROW(0, t.name)::breaker_subject FROM template AS t WHERE t.name = breaker_subject.name LIMIT 1) END;
	PERFORM refuse(problem_unknown(scope, coalesce(name, ''), format('write the name of a %s: daypart status shows what has tripped', scope)))
		WHERE found.subject_id IS NULL;
	RETURN found;
END $$;

-- What people read of a template, in all languages.
CREATE FUNCTION template_content(name text) RETURNS bytea LANGUAGE sql STABLE
SET search_path = daypart, pg_catalog, pg_temp BEGIN ATOMIC
	SELECT sha256(convert_to(string_agg(jsonb_build_array(t.language, t.body, t.variables)::text, E'\n' ORDER BY t.language COLLATE "C"), 'UTF8'))
	FROM template AS t WHERE t.name = template_content.name;
END;

-- The templates that a scope sends: its own, or those of its campaigns that are not over.
CREATE FUNCTION breaker_templates(scope breaker_scope, subject_id int, template text) RETURNS SETOF text LANGUAGE sql STABLE
SET search_path = daypart, pg_catalog, pg_temp BEGIN ATOMIC
	SELECT breaker_templates.template WHERE scope = 'template'
	UNION
	SELECT text.name
	FROM campaign AS c
		JOIN sender AS s ON s.name = c.sender
		JOIN business AS b ON b.name = s.business
		CROSS JOIN LATERAL unnest(ARRAY[c.template, c.template_b, c.first_template]) AS text (name)
	WHERE c.status IN ('approved', 'paused') AND text.name IS NOT NULL
		AND CASE scope WHEN 'business' THEN b.business_id WHEN 'sender' THEN s.sender_id WHEN 'campaign' THEN c.campaign_id ELSE -1 END
			= breaker_templates.subject_id;
END;

-- Stops a scope at once: 'business', 'sender', 'campaign' or 'template', by name. `rule` is a rule of kind breaker, or a word for who says so
-- (a provider's answer: 'provider'); `needs` what a resume asks for. One that has tripped stays as it is. Returns whether it tripped now.
CREATE FUNCTION trip_breaker(scope text, name text, rule text, note text, needs text DEFAULT 'reason') RETURNS boolean LANGUAGE plpgsql
SECURITY DEFINER SET search_path = daypart, pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
	subject breaker_subject := breaker_subject(trip_breaker.scope, trip_breaker.name);
	moment timestamptz := session_now();
	tripped int;
BEGIN
	PERFORM refuse(problem_missing('rule', trip_breaker.rule)), refuse(problem_missing('note', trip_breaker.note)),
		refuse(problem_word('needs', trip_breaker.needs, enum_range(NULL::breaker_needs)::text[]));
	INSERT INTO breaker AS b (scope, subject_id, template, rule, needs, tripped_at, tripped_by, note, contents)
	VALUES (trip_breaker.scope::breaker_scope, subject.subject_id, subject.template, trip_breaker.rule, trip_breaker.needs::breaker_needs, moment,
		session_user, trip_breaker.note,
		ARRAY(SELECT template_content(t) FROM breaker_templates(trip_breaker.scope::breaker_scope, subject.subject_id, subject.template) AS t))
	ON CONFLICT (scope, subject_id, template, rule) DO UPDATE SET (needs, tripped_at, tripped_by, note, contents, resumed_at, resumed_by, reason) =
		(excluded.needs, excluded.tripped_at, excluded.tripped_by, excluded.note, excluded.contents, NULL, NULL, NULL)
	WHERE b.resumed_at IS NOT NULL
	RETURNING 1 INTO tripped;
	IF tripped IS NULL THEN
		RETURN false;
	END IF;
	INSERT INTO breaker_event (scope, subject_id, template, rule, at, change, note)
	VALUES (trip_breaker.scope::breaker_scope, subject.subject_id, subject.template, trip_breaker.rule, moment, 'tripped', trip_breaker.note);
	PERFORM pg_notify('daypart_breaker', json_build_object('change', 'tripped', 'scope', trip_breaker.scope, 'name', trip_breaker.name, 'rule',
		trip_breaker.rule, 'note', trip_breaker.note)::text);
	NOTIFY daypart;
	RETURN true;
END $$;

-- Keeps a warning, once a day for as long as its cause lasts. Returns whether it is to be told now.
CREATE FUNCTION warn_breaker(scope text, name text, rule text, note text) RETURNS boolean LANGUAGE plpgsql
SECURITY DEFINER SET search_path = daypart, pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
	subject breaker_subject := breaker_subject(warn_breaker.scope, warn_breaker.name);
	moment timestamptz := session_now();
BEGIN
	IF EXISTS (SELECT FROM breaker_event AS e
		WHERE e.scope::text = warn_breaker.scope AND (e.subject_id, e.template) = (subject.subject_id, subject.template) AND e.rule = warn_breaker.rule
			AND e.change = 'warned' AND e.at > moment - interval '1 day' AND e.at <= moment)
	THEN
		RETURN false;
	END IF;
	INSERT INTO breaker_event (scope, subject_id, template, rule, at, change, note)
	VALUES (warn_breaker.scope::breaker_scope, subject.subject_id, subject.template, warn_breaker.rule, moment, 'warned', warn_breaker.note);
	PERFORM pg_notify('daypart_breaker', json_build_object('change', 'warned', 'scope', warn_breaker.scope, 'name', warn_breaker.name, 'rule',
		warn_breaker.rule, 'note', warn_breaker.note)::text);
	RETURN true;
END $$;

-- R-146: why the texts of a scope are not other ones than when it tripped, or not approved since by a second person.
CREATE FUNCTION problem_new_template(tripped breaker) RETURNS problem STABLE
	RETURN (
		SELECT CASE
			WHEN count(t.name) = 0 THEN ROW(format('rule %s asks for a new text, and no campaign has one', tripped.rule),
				'let a campaign that is approved or paused use a new template, have it approved, then resume')::problem
			WHEN bool_or(template_content(t.name) = ANY (tripped.contents)) THEN ROW(format('template "%s" is as it was when the breaker of rule %s tripped',
					min(t.name) FILTER (WHERE template_content(t.name) = ANY (tripped.contents)), tripped.rule),
				'change its text or let its campaigns use another template, have that approved (daypart approve --template), then resume')::problem
			WHEN bool_or(NOT t.approved) THEN ROW(format('template "%s" has not been approved since the breaker of rule %s tripped',
					min(t.name) FILTER (WHERE NOT t.approved), tripped.rule),
				'let somebody else than its author approve it: daypart approve --template NAME')::problem
			END
		FROM (
			SELECT name, EXISTS (SELECT FROM approval AS a WHERE a.subject = 'template' AND a.name = n.name AND a.approved_at > tripped.tripped_at
				AND a.digest = subject_digest('template', n.name)) AS approved
			FROM breaker_templates(tripped.scope, tripped.subject_id, tripped.template) AS n (name)) AS t);

-- Ends what has tripped for a scope: one rule's, or all. The caller is named in the record, with the reason. Nothing leaves before the next plan.
-- Returns how many breakers were resumed.
CREATE FUNCTION resume_breaker(scope text, name text, reason text, rule text DEFAULT NULL) RETURNS bigint LANGUAGE plpgsql
SECURITY DEFINER SET search_path = daypart, pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
	subject breaker_subject := breaker_subject(resume_breaker.scope, resume_breaker.name);
	moment timestamptz := session_now();
	tripped breaker;
	resumed bigint := 0;
BEGIN
	PERFORM refuse(problem_missing('reason', resume_breaker.reason));
	FOR tripped IN
		SELECT * FROM breaker AS b
		WHERE b.scope::text = resume_breaker.scope AND (b.subject_id, b.template) = (subject.subject_id, subject.template) AND b.resumed_at IS NULL
			AND b.rule = coalesce(resume_breaker.rule, b.rule)
		ORDER BY b.rule FOR UPDATE
	LOOP
		PERFORM refuse(problem_new_template(tripped)) WHERE tripped.needs = 'new_template';
		UPDATE breaker AS b SET resumed_at = moment, resumed_by = session_user, reason = resume_breaker.reason
		WHERE (b.scope, b.subject_id, b.template, b.rule) = (tripped.scope, tripped.subject_id, tripped.template, tripped.rule);
		INSERT INTO breaker_event (scope, subject_id, template, rule, at, change, note)
		VALUES (tripped.scope, tripped.subject_id, tripped.template, tripped.rule, moment, 'resumed', resume_breaker.reason);
		resumed := resumed + 1;
	END LOOP;
	PERFORM refuse(problem_with(resume_breaker.scope, resume_breaker.name, 'has no breaker that tripped'
		|| coalesce(format(' by rule %s', resume_breaker.rule), ''), 'daypart status shows what has tripped')) WHERE resumed = 0;
	NOTIFY daypart;
	RETURN resumed;
END $$;

-- A blacklisting that the network ended early. A termination is final: it is refused.
CREATE FUNCTION lift_blacklisting(sender text, reason text) RETURNS bigint LANGUAGE plpgsql
SECURITY DEFINER SET search_path = daypart, pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
	lifted bigint;
BEGIN
	PERFORM refuse(problem_missing('reason', lift_blacklisting.reason));
	PERFORM refuse(problem_with('sender', lift_blacklisting.sender, 'was terminated', 'that is final: no sender of its business sends on its channel again'))
		FROM sender_state AS s WHERE s.sender = lift_blacklisting.sender AND s.state = 'terminated';
	UPDATE sender_state AS s SET lifted_at = session_now(), lifted_by = session_user, lifted_for = lift_blacklisting.reason
	WHERE s.sender = lift_blacklisting.sender AND s.state = 'blacklisted' AND s.lifted_at IS NULL;
	GET DIAGNOSTICS lifted = ROW_COUNT;
	PERFORM refuse(problem_with('sender', coalesce(lift_blacklisting.sender, ''), 'is not blacklisted', 'see view sender_health')) WHERE lifted = 0;
	NOTIFY daypart;
	RETURN lifted;
END $$;

-- What plan and gate obey -----------------------------------------------------------------------------------------------------------------------

-- R-148, R-151: whether a sender may not send at an instant. A day of a blacklisting is over when it is over everywhere on earth; a termination is
-- that of all senders of the business on the channel.
CREATE FUNCTION sender_bar(sender sender, at timestamptz) RETURNS sender_bar LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = daypart, pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
	RETURN (
		SELECT max(b.state) FROM sender_state AS b JOIN sender AS s ON s.name = b.sender
		WHERE b.state = 'terminated' AND s.business = sender_bar.sender.business AND s.channel = sender_bar.sender.channel
			OR b.state = 'blacklisted' AND b.sender = sender_bar.sender.name AND b.lifted_at IS NULL
				AND sender_bar.at < (b.blacklisted_until::timestamp AT TIME ZONE 'UTC') + interval '12 hours');
END $$;

-- What keeps everything of a campaign back at an instant, whatever it is planned for: a reason and the rule. plpgsql, because its plans are kept for
-- the session; the gate asks once a run and claim.
CREATE FUNCTION release_obstacle(campaign campaign, sender sender, at timestamptz, OUT reason text, OUT rule text) LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = daypart, pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
	bar sender_bar := sender_bar(sender, at);
BEGIN
	IF bar IS NOT NULL THEN
		reason := 'sender_barred';
		rule := bar;
		RETURN;
	END IF;
	SELECT 'breaker', b.rule INTO reason, rule
	FROM breaker AS b
	WHERE b.resumed_at IS NULL AND (
		b.scope = 'sender' AND b.subject_id = release_obstacle.sender.sender_id
		OR b.scope = 'campaign' AND b.subject_id = release_obstacle.campaign.campaign_id
		OR b.scope = 'template' AND b.template IN (release_obstacle.campaign.template, release_obstacle.campaign.template_b,
			release_obstacle.campaign.first_template)
		OR b.scope = 'business' AND b.subject_id = (SELECT o.business_id FROM business AS o WHERE o.name = release_obstacle.sender.business))
	ORDER BY b.tripped_at, b.scope, b.rule LIMIT 1;
END $$;

-- Each trip and resume that concerns a campaign, and what bars its sender: part of campaign_digest(), NULL when there never was any. Dates are not
-- compared with a clock: the digest changes when somebody changes something.
CREATE FUNCTION breaker_digest(campaign campaign, sender sender) RETURNS text LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = daypart, pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
	RETURN (
		SELECT string_agg(f.line, E'\n' ORDER BY f.line COLLATE "C")
		FROM (
			SELECT concat_ws(' ', b.scope, b.rule, extract(epoch FROM b.tripped_at), extract(epoch FROM b.resumed_at)) AS line
			FROM breaker AS b
			WHERE b.scope = 'sender' AND b.subject_id = breaker_digest.sender.sender_id
				OR b.scope = 'campaign' AND b.subject_id = breaker_digest.campaign.campaign_id
				OR b.scope = 'template' AND b.template IN (breaker_digest.campaign.template, breaker_digest.campaign.template_b,
					breaker_digest.campaign.first_template)
				OR b.scope = 'business' AND b.subject_id = (SELECT o.business_id FROM business AS o WHERE o.name = breaker_digest.sender.business)
			UNION ALL
			SELECT concat_ws(' ', b.state, b.sender, b.since - date '2000-01-01', b.blacklisted_until - date '2000-01-01', extract(epoch FROM b.lifted_at))
			FROM sender_state AS b JOIN sender AS s ON s.name = b.sender
			WHERE s.business = breaker_digest.sender.business AND s.channel = breaker_digest.sender.channel
				AND (b.state = 'terminated' OR b.sender = breaker_digest.sender.name)) AS f);
END $$;

-- As in 0016_campaign_features.sql, and what has tripped, was resumed or bars the sender.
CREATE OR REPLACE FUNCTION campaign_digest(campaign campaign) RETURNS bytea LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = daypart, pg_catalog, pg_temp AS $$
DECLARE
	line sender;
	house business;
	agent business; -- who sends for it
	subjects subject[] := '{business,business,sender,template,template,template,campaign}';
	names text[];
	texts text[];
	stops text;
BEGIN
	SELECT * INTO line FROM sender AS s WHERE s.name = campaign.sender;
	SELECT * INTO house FROM business AS b WHERE b.name = line.business;
	SELECT * INTO agent FROM business AS b WHERE b.name = house.provider;
	names := ARRAY[house.name, agent.name, line.name, campaign.template, campaign.template_b, campaign.first_template, campaign.name];
	texts := ARRAY[campaign_text(campaign), campaign.created_by,
		jsonb_build_array(line.business, line.channel, line.address, line.country, line.registered_on, line.trust_level, line.daily_limit,
			line.portfolio, line.identifier, line.transport, line.escalation, line.receives_replies, line.granted_daily_limit, line.granted_on,
			line.portfolio_limit, line.created_by,
			(SELECT min(o.portfolio_limit) FROM sender AS o WHERE o.portfolio = line.portfolio AND o.business = line.business))::text,
		jsonb_build_array(house.legal_name, house.country, house.privacy_policy_url, house.privacy_policy_version, house.support_email,
			house.support_phone, house.website, house.provider, house.created_by)::text,
		jsonb_build_array(agent.legal_name, agent.country, agent.privacy_policy_url, agent.privacy_policy_version, agent.support_email,
			agent.support_phone, agent.website, agent.created_by)::text,
		(SELECT string_agg(jsonb_build_array(t.language, t.business, t.channel, t.category, t.body, t.variables, t.status, t.approved_on,
				t.free_form, t.tags, t.submitted_on, t.verified_on, t.created_by)::text, E'\n' ORDER BY t.name COLLATE "C", t.language COLLATE "C")
			FROM template AS t WHERE t.name IN (campaign.template, campaign.template_b, campaign.first_template)),
		(SELECT string_agg(concat_ws(' ', l.valid_from - date '2000-01-01', l.daily_limit), E'\n' ORDER BY l.valid_from)
			FROM sender_limit AS l WHERE l.sender = line.name),
		(SELECT string_agg(concat_ws(' ', s.place, a.item, a.given_on - date '2000-01-01', a.valid_until - date '2000-01-01'), E'\n'
				ORDER BY s.place, a.item COLLATE "C", a.given_on)
			FROM unnest(subjects, names) WITH ORDINALITY AS s (subject, name, place)
				CROSS JOIN LATERAL (SELECT * FROM attestation AS a WHERE a.subject = s.subject AND a.name = s.name OFFSET 0) AS a),
		(SELECT string_agg(DISTINCT concat_ws(' ', s.place, encode(a.digest, 'hex'), a.approved_by) COLLATE "C", E'\n')
			FROM unnest(subjects, names) WITH ORDINALITY AS s (subject, name, place)
				CROSS JOIN LATERAL (SELECT * FROM approval AS a WHERE a.subject = s.subject AND a.name = s.name OFFSET 0) AS a),
		(SELECT string_agg(concat_ws(' ', w.rule, w.expires_on - date '2000-01-01'), E'\n' ORDER BY w.rule COLLATE "C", w.expires_on)
			FROM waiver AS w WHERE w.business = house.name)];
	stops := breaker_digest(campaign, line);
	IF stops IS NOT NULL THEN -- or every campaign would differ from what it was planned from before
		texts := texts || stops;
	END IF;
	RETURN sha256(convert_to(array_to_string(texts, E'\n--\n', '-'), 'UTF8'));
END $$;

-- As in 0020_campaign_texts.sql; what a breaker or the sender's state stops is kept back.
CREATE OR REPLACE FUNCTION take_outbox(max int DEFAULT 100) RETURNS TABLE (idempotency_key text, phone text, channel channel, sender text,
	sender_address text, campaign text, category category, template text, language text, body text, variables jsonb, handed_at timestamptz,
	not_after timestamptz, recipient_id bigint, run_id int) LANGUAGE plpgsql
SECURITY DEFINER SET search_path = daypart, pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
	moment timestamptz;
	kept_back int[]; -- runs of campaigns that are paused or stopped, and of those whose facts changed since they were planned: their rows stay
BEGIN
	PERFORM refuse(problem_positive('max', take_outbox.max));
	LOOP
		EXIT WHEN (SELECT stopped FROM control);
		moment := session_now();
		kept_back := ARRAY(SELECT run_id FROM campaign_run JOIN campaign USING (campaign_id)
			JOIN sender USING (sender_id)
			WHERE campaign.status = 'paused' OR last_at > moment
				AND ((release_obstacle(campaign, sender.*, moment)).reason IS NOT NULL OR campaign_digest(campaign) <> campaign_hash));
		RETURN QUERY
		WITH next AS MATERIALIZED (
			SELECT o.bucket, o.recipient_id, o.run_id FROM outbox AS o WHERE o.run_id <> ALL (kept_back)
			LIMIT take_outbox.max FOR UPDATE SKIP LOCKED
		), taken AS (
			DELETE FROM outbox AS o USING next
			WHERE o.bucket = next.bucket AND o.recipient_id = next.recipient_id AND o.run_id = next.run_id
			RETURNING o.*
		), judged AS MATERIALIZED (
			SELECT t.*, run.channel, run.category, run.sender_id, c.name AS campaign, chosen.template,
				chosen.language, p.phone, p.variables, why.name AS why
			FROM taken AS t
				JOIN campaign_run AS run USING (run_id)
				JOIN campaign AS c USING (campaign_id)
				LEFT JOIN recipient AS p USING (bucket, recipient_id)
				LEFT JOIN LATERAL (SELECT true AS found FROM suppression AS s
					WHERE s.bucket = t.bucket AND s.recipient_id = t.recipient_id AND s.business_id IN (0, run.business_id)
						AND s.channel IN ('all', run.channel::text) AND s.category IN ('all', run.category::text)
					LIMIT 1) AS suppression ON true
				LEFT JOIN consent ON consent.bucket = t.bucket AND consent.business_id = run.business_id AND consent.channel = run.channel
					AND consent.category = run.category AND consent.recipient_id = t.recipient_id
				LEFT JOIN release AS r ON r.bucket = t.bucket AND r.recipient_id = t.recipient_id AND r.run_id = t.run_id
				LEFT JOIN class ON class.class_id = r.class_id
				CROSS JOIN LATERAL (SELECT coalesce(nullif(class.template, ''), c.template) AS template) AS planned
				CROSS JOIN LATERAL (SELECT planned.template, CASE
					WHEN class.language <> ''
						THEN (SELECT v.language FROM template AS v WHERE v.name = planned.template AND v.language = class.language)
					ELSE template_language(planned.template, p.language) END AS language) AS chosen
				CROSS JOIN LATERAL (SELECT CASE
					WHEN c.status = 'cancelled' THEN 'campaign_cancelled'
					WHEN suppression.found THEN 'opted_out'
					WHEN consent.state = 'withdrawn' THEN 'no_consent'
					WHEN p.recipient_id IS NULL THEN 'not_a_recipient'
					WHEN t.not_after <= moment THEN 'expired'
					WHEN chosen.language IS NULL THEN 'sender_not_ready'
					WHEN lacks_variable(chosen.template, chosen.language, p.variables) THEN 'variable_missing'
					END AS name) AS why
		), dropped AS (
			INSERT INTO outbox_dropped (recipient_id, dropped_at, run_id, bucket, reason)
			SELECT j.recipient_id, moment, j.run_id, j.bucket, r.reason FROM judged AS j JOIN reason AS r ON r.name = j.why
			ON CONFLICT DO NOTHING
		)
		SELECT format('%s:%s:%s', (SELECT installation_id FROM installation), j.run_id, j.recipient_id), '+' || j.phone, j.channel, s.name,
			s.address, j.campaign, j.category, j.template, j.language, t.body, coalesce(j.variables, '{}'), j.handed_at, j.not_after,
			j.recipient_id, j.run_id
		FROM judged AS j
			JOIN sender AS s USING (sender_id)
			JOIN template AS t ON t.name = j.template AND t.language = j.language
		WHERE j.why IS NULL;
		EXIT WHEN FOUND OR NOT EXISTS (
			SELECT FROM (SELECT FROM outbox WHERE run_id <> ALL (kept_back) LIMIT 1 FOR UPDATE SKIP LOCKED) AS more);
	END LOOP;
END $$;

-- Import --------------------------------------------------------------------------------------------------------------------------------------

-- Few rows, each by record_feedback(). All gates are taken first, in order: a complaint is an opt-out.
CREATE FUNCTION import_feedback(columns text[]) RETURNS import_counts LANGUAGE plpgsql
SET search_path = daypart, pg_catalog, pg_temp AS $$
DECLARE
	sender_place int := array_position(columns, 'sender');
	kind_place int := array_position(columns, 'kind');
	at_place int := array_position(columns, 'at');
	phone_place int := array_position(columns, 'phone');
	rating_place int := array_position(columns, 'rating');
	campaign_place int := array_position(columns, 'campaign');
	template_place int := array_position(columns, 'template');
	reference_place int := array_position(columns, 'reference');
	note_place int := array_position(columns, 'note');
	counts import_counts := (0, 0, 0, 0);
	row record;
	message text; hint text;
BEGIN
	PERFORM lock_every_gate();
	FOR row IN SELECT i.line, i.v FROM import_row AS i ORDER BY i.line LOOP
		BEGIN
			PERFORM refuse(problem_missing('sender', row.v[sender_place])), refuse(problem_missing('kind', row.v[kind_place])),
				refuse(problem_missing('at', row.v[at_place])), refuse(problem_instant('at', row.v[at_place])), refuse(problem_phone(row.v[phone_place]));
			IF record_feedback(row.v[sender_place], row.v[kind_place], row.v[at_place]::timestamptz, row.v[phone_place], row.v[rating_place],
				row.v[campaign_place], row.v[template_place], row.v[reference_place], row.v[note_place])
			THEN
				counts.added := counts.added + 1;
			ELSE
				counts.unchanged := counts.unchanged + 1;
			END IF;
		EXCEPTION WHEN data_exception THEN
			GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, hint = PG_EXCEPTION_HINT;
			INSERT INTO import_reject VALUES (row.line, import_field(message, columns), import_reason(ROW(message, nullif(hint, ''))::problem));
		END;
	END LOOP;
	RETURN counts;
END $$;

-- As in 0013_law_import.sql, with feedback and the states of senders.
CREATE OR REPLACE FUNCTION import_people(kind text, columns text[]) RETURNS import_counts LANGUAGE plpgsql
SECURITY DEFINER SET search_path = daypart, pg_catalog, pg_temp AS $$
DECLARE
	counts import_counts;
BEGIN
	PERFORM import_check_staging();
	TRUNCATE import_judged, import_person, import_event;
	counts := CASE kind
		WHEN 'recipients' THEN import_recipients(columns)
		WHEN 'consents' THEN import_consents(columns)
		WHEN 'opt-outs' THEN import_opt_outs(columns)
		WHEN 'audiences' THEN import_members(columns)
		WHEN 'sends' THEN import_sends(columns)
		WHEN 'feedback' THEN import_feedback(columns) END;
	counts.purchased := (SELECT count(*) FROM import_judged AS j WHERE j.purchased);
	RETURN counts;
END $$;
CREATE OR REPLACE FUNCTION import_batch(kind text, columns text[]) RETURNS import_counts LANGUAGE plpgsql
SET search_path = daypart, pg_catalog, pg_temp AS $$
BEGIN
	TRUNCATE import_reject;
	RETURN CASE kind
		WHEN 'businesses' THEN import_named('business', '{name}', columns)
		WHEN 'senders' THEN import_named('sender', '{name}', columns)
		WHEN 'templates' THEN import_named('template', '{name,language}', columns)
		WHEN 'campaigns' THEN import_named('campaign', '{name}', columns)
		WHEN 'wordings' THEN import_named('wording', '{name,business,language}', columns,
			'a wording never changes: write another one under another name')
		WHEN 'attestations' THEN import_named('attestation', '{name,subject,item,given_on}', columns,
			'keep it: a renewal is a row with its own given_on')
		WHEN 'sender-states' THEN import_named('sender_state', '{sender,state,since}', columns,
			'a row never changes; a blacklisting that ended early: SELECT daypart.lift_blacklisting(sender, reason)')
		ELSE import_people(kind, columns) END;
END $$;

-- Views ---------------------------------------------------------------------------------------------------------------------------------------

CREATE FUNCTION breaker_name(scope breaker_scope, subject_id int, template text) RETURNS text STABLE PARALLEL SAFE
	RETURN CASE scope
		WHEN 'business' THEN (SELECT o.name FROM business AS o WHERE o.business_id = breaker_name.subject_id)
		WHEN 'sender' THEN (SELECT s.name FROM sender AS s WHERE s.sender_id = breaker_name.subject_id)
		WHEN 'campaign' THEN (SELECT c.name FROM campaign AS c WHERE c.campaign_id = breaker_name.subject_id)
		ELSE breaker_name.template END;

CREATE VIEW breaker_state AS
SELECT b.scope, breaker_name(b.scope, b.subject_id, b.template) AS name,
	b.rule, b.resumed_at IS NULL AS tripped, b.tripped_at, b.tripped_by, b.note, b.needs, b.resumed_at, b.resumed_by, b.reason
FROM breaker AS b;

CREATE VIEW sender_health AS
SELECT s.name AS sender, s.business, s.channel, s.status, sender_bar(s, session_now()) AS barred,
	(SELECT max(b.blacklisted_until) FROM sender_state AS b WHERE b.sender = s.name AND b.lifted_at IS NULL) AS blacklisted_until,
	(SELECT string_agg(b.rule, ' ' ORDER BY b.rule) FROM breaker AS b
		WHERE b.scope = 'sender' AND b.subject_id = s.sender_id AND b.resumed_at IS NULL) AS tripped,
	coalesce(l.sent, 0) AS sent, coalesce(o.opt_outs, 0) AS opt_outs, coalesce(f.complaints, 0) AS complaints, coalesce(f.blocks, 0) AS blocks,
	coalesce(f.violations, 0) AS violations, round(100.0 * o.opt_outs / nullif(l.sent, 0), 3) AS opt_out_percent,
	round(100.0 * f.complaints / nullif(l.sent, 0), 3) AS complaint_percent, round(100.0 * f.violations / nullif(l.sent, 0), 3) AS violation_percent,
	f.rating
FROM sender AS s
	LEFT JOIN (
		SELECT run.sender_id, count(*) AS sent
		FROM release AS r JOIN campaign_run AS run USING (run_id)
		WHERE r.outcome IN ('handed_over', 'uncertain') AND r.released_at > session_now() - interval '30 days'
			AND NOT EXISTS (SELECT FROM outbox_dropped AS d
				WHERE d.bucket = r.bucket AND d.recipient_id = r.recipient_id AND d.run_id = r.run_id)
		GROUP BY run.sender_id) AS l USING (sender_id)
	LEFT JOIN (
		SELECT last.sender_id, count(DISTINCT p.recipient_id) AS opt_outs
		FROM suppression AS p
			CROSS JOIN LATERAL (
				SELECT run.sender_id FROM release AS r JOIN campaign_run AS run USING (run_id)
				WHERE r.bucket = p.bucket AND r.recipient_id = p.recipient_id AND r.outcome IN ('handed_over', 'uncertain')
					AND r.released_at <= p.at AND r.released_at > p.at - interval '7 days' AND p.business_id IN (0, run.business_id)
					AND p.channel IN ('all', run.channel::text) AND p.category IN ('all', run.category::text)
				ORDER BY r.released_at DESC LIMIT 1) AS last
		WHERE p.at > session_now() - interval '30 days' AND coalesce(p.source, '') NOT IN ('complaint', 'block')
		GROUP BY last.sender_id) AS o USING (sender_id)
	LEFT JOIN (
		SELECT sender_id, count(*) FILTER (WHERE kind = 'complaint') AS complaints, count(*) FILTER (WHERE kind = 'block') AS blocks,
			count(*) FILTER (WHERE kind = 'violation') AS violations,
			(array_agg(rating ORDER BY at DESC) FILTER (WHERE kind = 'rating' AND template = ''))[1] AS rating
		FROM feedback WHERE at > session_now() - interval '30 days'
		GROUP BY sender_id) AS f USING (sender_id);

COMMENT ON TYPE feedback_kind IS 'complaint (reported as spam), block, violation (of law or provider rules), rating (the provider''s)';
COMMENT ON TYPE rating IS 'quality as a provider rates it, the best first; unknown: not rated';
COMMENT ON TYPE breaker_scope IS 'what a breaker stops';
COMMENT ON TYPE breaker_change IS 'what happened to a breaker';
COMMENT ON TYPE breaker_needs IS 'what resuming asks for besides a reason';
COMMENT ON TYPE sender_bar IS 'why a sender may not send: blacklisted until a day, or terminated for good';
COMMENT ON TABLE feedback IS 'what people and providers said of senders; written by record_feedback()';
COMMENT ON COLUMN feedback.recipient_id IS 'who said so, or 0 when the provider does not tell';
COMMENT ON COLUMN feedback.at IS 'when it was said';
COMMENT ON COLUMN feedback.recorded_at IS 'when it was recorded';
COMMENT ON COLUMN feedback.campaign_id IS 'campaign of the message it is about, or 0';
COMMENT ON COLUMN feedback.class_id IS 'class of that message, or 0';
COMMENT ON COLUMN feedback.sender_id IS 'whom it is about';
COMMENT ON COLUMN feedback.bucket IS 'bucket_of(recipient_id)';
COMMENT ON COLUMN feedback.kind IS 'what was said';
COMMENT ON COLUMN feedback.rating IS 'of kind rating';
COMMENT ON COLUMN feedback.template IS 'template it is about, or empty';
COMMENT ON COLUMN feedback.reference IS 'the provider''s id of it';
COMMENT ON COLUMN feedback.note IS 'in words';
COMMENT ON TABLE breaker IS 'breakers that have tripped; nothing of their scope leaves before resumed_at and the next plan';
COMMENT ON COLUMN breaker.scope IS 'what it stops';
COMMENT ON COLUMN breaker.subject_id IS 'business_id, sender_id or campaign_id, by scope; 0: a template';
COMMENT ON COLUMN breaker.template IS 'name of the template, for that scope';
COMMENT ON COLUMN breaker.rule IS 'rule of the rulebook, or who said so';
COMMENT ON COLUMN breaker.needs IS 'what resuming asks for';
COMMENT ON COLUMN breaker.tripped_at IS 'when it tripped last';
COMMENT ON COLUMN breaker.tripped_by IS 'login that found it';
COMMENT ON COLUMN breaker.note IS 'what was counted';
COMMENT ON COLUMN breaker.contents IS 'digests of the texts that were in use';
COMMENT ON COLUMN breaker.resumed_at IS 'when somebody resumed it; empty: it is tripped';
COMMENT ON COLUMN breaker.resumed_by IS 'who';
COMMENT ON COLUMN breaker.reason IS 'why';
COMMENT ON TABLE breaker_event IS 'every warning, trip and resume of a breaker';
COMMENT ON COLUMN breaker_event.scope IS 'what the breaker stops';
COMMENT ON COLUMN breaker_event.subject_id IS 'as in breaker';
COMMENT ON COLUMN breaker_event.template IS 'as in breaker';
COMMENT ON COLUMN breaker_event.rule IS 'rule of the rulebook, or who said so';
COMMENT ON COLUMN breaker_event.at IS 'when';
COMMENT ON COLUMN breaker_event.change IS 'what happened';
COMMENT ON COLUMN breaker_event.by_whom IS 'login';
COMMENT ON COLUMN breaker_event.note IS 'what was counted, or the reason of a resume';
COMMENT ON COLUMN breaker_event.recorded_at IS 'when it was written, by the server''s clock';
COMMENT ON TABLE sender_state IS 'senders that may not send: blacklisted until a day, or terminated for good with all of the business on that channel';
COMMENT ON COLUMN sender_state.sender IS 'name of the sender';
COMMENT ON COLUMN sender_state.state IS 'blacklisted or terminated';
COMMENT ON COLUMN sender_state.since IS 'date of the decision; it counts from when it is written here';
COMMENT ON COLUMN sender_state.blacklisted_until IS 'the first day on which the sender may send again';
COMMENT ON COLUMN sender_state.reason IS 'what was decided by whom';
COMMENT ON COLUMN sender_state.by_whom IS 'login that wrote it';
COMMENT ON COLUMN sender_state.recorded_at IS 'when it was written';
COMMENT ON COLUMN sender_state.lifted_at IS 'when a blacklisting was ended early';
COMMENT ON COLUMN sender_state.lifted_by IS 'by whom';
COMMENT ON COLUMN sender_state.lifted_for IS 'why';
COMMENT ON VIEW breaker_state IS 'breakers by name: tripped now, or resumed by whom and why';
COMMENT ON COLUMN breaker_state.scope IS 'what it stops';
COMMENT ON COLUMN breaker_state.name IS 'of the business, sender, campaign or template';
COMMENT ON COLUMN breaker_state.rule IS 'rule of the rulebook, or who said so';
COMMENT ON COLUMN breaker_state.tripped IS 'whether nothing of it leaves now';
COMMENT ON COLUMN breaker_state.tripped_at IS 'when it tripped last';
COMMENT ON COLUMN breaker_state.tripped_by IS 'login that found it';
COMMENT ON COLUMN breaker_state.note IS 'what was counted';
COMMENT ON COLUMN breaker_state.needs IS 'what resuming asks for';
COMMENT ON COLUMN breaker_state.resumed_at IS 'when somebody resumed it';
COMMENT ON COLUMN breaker_state.resumed_by IS 'who';
COMMENT ON COLUMN breaker_state.reason IS 'why';
COMMENT ON VIEW sender_health IS 'what people and providers said of each sender in the last 30 days; rules count over periods and regions of their own';
COMMENT ON COLUMN sender_health.sender IS 'name of the sender';
COMMENT ON COLUMN sender_health.business IS 'name of the business';
COMMENT ON COLUMN sender_health.channel IS 'channel of the sender';
COMMENT ON COLUMN sender_health.status IS 'active or suspended';
COMMENT ON COLUMN sender_health.barred IS 'blacklisted or terminated; empty: neither';
COMMENT ON COLUMN sender_health.blacklisted_until IS 'the first day on which it may send again';
COMMENT ON COLUMN sender_health.tripped IS 'rules of the sender''s own breakers that have tripped';
COMMENT ON COLUMN sender_health.sent IS 'messages handed over, those of which nobody knows included';
COMMENT ON COLUMN sender_health.opt_outs IS 'people who opted out within 7 days after a message of the sender, it being the last';
COMMENT ON COLUMN sender_health.complaints IS 'complaints';
COMMENT ON COLUMN sender_health.blocks IS 'people who blocked the sender';
COMMENT ON COLUMN sender_health.violations IS 'violations that a provider told';
COMMENT ON COLUMN sender_health.opt_out_percent IS 'opt_outs of sent';
COMMENT ON COLUMN sender_health.complaint_percent IS 'complaints of sent';
COMMENT ON COLUMN sender_health.violation_percent IS 'violations of sent';
COMMENT ON COLUMN sender_health.rating IS 'the provider''s last rating';
COMMENT ON FUNCTION record_feedback IS 'records a complaint, block, violation or rating of a sender; a complaint or block opts the person out';
COMMENT ON FUNCTION breaker_events IS 'what a rule of kind breaker counts, by scope; for the programs';
COMMENT ON FUNCTION breaker_sent IS 'how many messages of a scope left in a window, up to a limit; for the programs';
COMMENT ON FUNCTION trip_breaker IS 'stops a business, sender, campaign or template at once, until resume_breaker()';
COMMENT ON FUNCTION warn_breaker IS 'keeps a warning of a breaker, once a day';
COMMENT ON FUNCTION resume_breaker IS 'ends what has tripped for a scope, with a reason; nothing leaves before the next plan';
COMMENT ON FUNCTION lift_blacklisting IS 'ends a blacklisting of a sender early, with a reason';
COMMENT ON FUNCTION sender_bar IS 'whether a sender is blacklisted or terminated at an instant';
COMMENT ON FUNCTION release_obstacle IS 'what keeps everything of a campaign back: a tripped breaker or the state of its sender';

CALL hand_over();
GRANT SELECT ON feedback, breaker, breaker_event, sender_state, breaker_state, sender_health
	TO daypart_marketer, daypart_planner, daypart_scheduler, daypart_analyst, daypart_privacy;
GRANT INSERT (sender, state, since, blacklisted_until, reason) ON sender_state TO daypart_marketer;
GRANT EXECUTE ON FUNCTION release_obstacle, sender_bar, breaker_digest, breaker_name, session_now
	TO daypart_marketer, daypart_planner, daypart_scheduler, daypart_analyst, daypart_privacy;
GRANT EXECUTE ON FUNCTION record_feedback, trip_breaker TO daypart_marketer, daypart_scheduler;
GRANT EXECUTE ON FUNCTION trip_breaker, warn_breaker, breaker_events, breaker_sent TO daypart_planner, daypart_scheduler;
GRANT EXECUTE ON FUNCTION resume_breaker, lift_blacklisting TO daypart_marketer;
