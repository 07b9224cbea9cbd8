-- Operations: what people say is heard at once, a withdrawn consent is an opt-out for a breaker too, and how many events came lately is told with
-- how many there are: as many more may be on their way.

CREATE INDEX consent_event_withdrawn ON consent_event (given_at) WHERE state = 'withdrawn';

-- As in 0026_breakers.sql, with consents that were withdrawn, and `recent`: how many of the events were recorded after `recently`.
DROP FUNCTION breaker_events(text, text, breaker_scope, timestamptz, timestamptz, interval, text[], text[], text[]);
CREATE FUNCTION breaker_events(rule text, metric text, scope breaker_scope, since timestamptz, until timestamptz, answer_within interval, regions text[],
	channels text[], categories text[], recently timestamptz DEFAULT NULL)
RETURNS TABLE (subject_id int, template text, name text, events bigint, newest timestamptz, latest rating, armed boolean, recent bigint) LANGUAGE plpgsql STABLE
SET search_path = daypart, pg_catalog, pg_temp SET plan_cache_mode = force_custom_plan SET enable_seqscan = on SET enable_hashjoin = on
SET enable_mergejoin = on SET enable_sort = on SET enable_bitmapscan = on AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY
	WITH turned_away AS ( -- who opted out, or took a consent back
		SELECT s.recipient_id, s.bucket, s.business_id, s.channel, s.category, s.at, s.at AS recorded_at
		FROM suppression AS s
		WHERE breaker_events.metric = 'opt_out_rate' AND s.at > breaker_events.since AND s.at <= breaker_events.until
			AND coalesce(s.source, '') NOT IN ('complaint', 'block')
		UNION ALL
		SELECT e.recipient_id, e.bucket, e.business_id, e.channel::text, e.category::text, e.given_at, greatest(e.given_at, e.recorded_at)
		FROM consent_event AS e
		WHERE breaker_events.metric = 'opt_out_rate' AND e.state = 'withdrawn' AND e.given_at > breaker_events.since
			AND e.given_at <= breaker_events.until
	), opted_out AS (
		SELECT s.recipient_id, s.at, s.recorded_at, last.sender_id, last.campaign_id, last.class_id, NULL::rating AS rating, '' AS template
		FROM turned_away AS s
			CROSS JOIN LATERAL (
				SELECT run.sender_id, run.campaign_id, r.class_id
				FROM release AS r JOIN campaign_run AS run USING (run_id)
				WHERE r.bucket = s.bucket AND r.recipient_id = s.recipient_id AND r.outcome IN ('handed_over', 'uncertain')
					AND r.released_at <= s.at AND r.released_at > s.at - breaker_events.answer_within
					AND s.business_id IN (0, run.business_id) AND s.channel IN ('all', run.channel::text)
					AND s.category IN ('all', run.category::text)
				ORDER BY r.released_at DESC LIMIT 1) AS last
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
			CASE breaker_events.metric WHEN 'opt_out_rate' THEN count(DISTINCT n.recipient_id) FILTER (WHERE n.recorded_at > breaker_events.recently)
				ELSE count(*) FILTER (WHERE n.recorded_at > breaker_events.recently) END AS recent,
			max(n.recorded_at) AS newest, (array_agg(n.rating ORDER BY n.at DESC, n.rating DESC))[1] AS latest
		FROM named AS n
		WHERE n.subject IS NOT NULL AND n.about IS NOT NULL
		GROUP BY n.subject, n.about, n.called
	)
	SELECT c.subject::int, c.about, c.called, c.events, c.newest, c.latest, coalesce(c.newest > b.resumed_at, b.rule IS NULL), c.recent
	FROM counted AS c
		LEFT JOIN breaker AS b ON b.scope = breaker_events.scope AND b.subject_id = c.subject AND b.template = c.about AND b.rule = breaker_events.rule;
END $$;

-- As in 0026_breakers.sql, with consents that were withdrawn.
CREATE OR REPLACE VIEW sender_health AS
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
		FROM (
			SELECT s.recipient_id, s.bucket, s.business_id, s.channel, s.category, s.at FROM suppression AS s
			WHERE s.at > session_now() - interval '30 days' AND coalesce(s.source, '') NOT IN ('complaint', 'block')
			UNION ALL
			SELECT e.recipient_id, e.bucket, e.business_id, e.channel::text, e.category::text, e.given_at FROM consent_event AS e
			WHERE e.state = 'withdrawn' AND e.given_at > session_now() - interval '30 days') AS p
			CROSS JOIN LATERAL (
				SELECT run.sender_id FROM release AS r JOIN campaign_run AS run USING (run_id)
				WHERE r.bucket = p.bucket AND r.recipient_id = p.recipient_id AND r.outcome IN ('handed_over', 'uncertain')
					AND r.released_at <= p.at AND r.released_at > p.at - interval '7 days' AND p.business_id IN (0, run.business_id)
					AND p.channel IN ('all', run.channel::text) AND p.category IN ('all', run.category::text)
				ORDER BY r.released_at DESC LIMIT 1) AS last
		GROUP BY last.sender_id) AS o USING (sender_id)
	LEFT JOIN (
		SELECT sender_id, count(*) FILTER (WHERE kind = 'complaint') AS complaints, count(*) FILTER (WHERE kind = 'block') AS blocks,
			count(*) FILTER (WHERE kind = 'violation') AS violations,
			(array_agg(rating ORDER BY at DESC) FILTER (WHERE kind = 'rating' AND template = ''))[1] AS rating
		FROM feedback WHERE at > session_now() - interval '30 days'
		GROUP BY sender_id) AS f USING (sender_id);

-- A notification with the payload `said` asks daemons to watch the breakers, and for nothing else.

-- As in 0003_people.sql, and it is heard.
CREATE OR REPLACE FUNCTION withdraw_consent(phone text, business text, channel text, category text DEFAULT 'marketing', at timestamptz DEFAULT NULL,
	source text DEFAULT NULL) RETURNS bigint LANGUAGE plpgsql
SECURITY DEFINER SET search_path = daypart, pg_catalog, pg_temp AS $$
DECLARE
	event consent_event;
BEGIN
	PERFORM refuse(problem_channel(channel)), refuse(problem_category(category)), refuse(problem_future('at', at));
	event.recipient_id := person_of(phone);
	event.bucket := bucket_of(event.recipient_id);
	event.recorded_at := session_now();
	event.business_id := business_of(business);
	event.channel := channel;
	event.category := category;
	event.state := 'withdrawn';
	event.given_at := coalesce(at, session_now());
	event.source := source;
	PERFORM store_consent(event);
	NOTIFY daypart, 'said';
	RETURN event.recipient_id;
END $$;

-- As in 0003_people.sql, and it is heard.
CREATE OR REPLACE FUNCTION opt_out(phone text, business text DEFAULT 'all', channel text DEFAULT 'all', category text DEFAULT 'all',
	at timestamptz DEFAULT NULL, source text DEFAULT NULL) RETURNS bigint LANGUAGE plpgsql
SECURITY DEFINER SET search_path = daypart, pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
	person bigint := person_of(phone);
	scope int := 0;
BEGIN
	PERFORM refuse(problem_channel(opt_out.channel)) WHERE opt_out.channel <> 'all' OR opt_out.channel IS NULL;
	PERFORM refuse(problem_category(opt_out.category)) WHERE opt_out.category <> 'all' OR opt_out.category IS NULL;
	IF opt_out.business <> 'all' THEN
		scope := business_of(opt_out.business);
	END IF;
	PERFORM lock_people(ARRAY[person]);
	INSERT INTO suppression (recipient_id, at, business_id, bucket, channel, category, source)
	VALUES (person, coalesce(opt_out.at, session_now()), scope, bucket_of(person), opt_out.channel, opt_out.category, opt_out.source)
	ON CONFLICT DO NOTHING;
	PERFORM cancel_slots(ARRAY[person], scope, opt_out.channel, opt_out.category, 'opted_out');
	NOTIFY daypart, 'said';
	RETURN person;
END $$;

-- As in 0026_breakers.sql, and nothing else is looked at.
CREATE OR REPLACE FUNCTION record_feedback(sender text, kind text, at timestamptz DEFAULT NULL, phone text DEFAULT NULL, rating text DEFAULT NULL,
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
	NOTIFY daypart, 'said';
	RETURN added IS NOT NULL;
END $$;

-- As in 0026_breakers.sql, and it is heard.
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
	IF kind IN ('consents', 'opt-outs') THEN
		NOTIFY daypart, 'said';
	END IF;
	RETURN counts;
END $$;

COMMENT ON FUNCTION breaker_events IS 'what a rule of kind breaker counts, for each scope';

CALL hand_over();
GRANT EXECUTE ON FUNCTION breaker_events TO daypart_planner, daypart_scheduler;
GRANT SELECT (recipient_id, bucket, business_id, channel, category, state, given_at, recorded_at) ON consent_event TO daypart_scheduler;
