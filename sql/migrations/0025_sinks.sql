-- Messages on their way to a sink outside the database. A claim moves a slot to inflight, and there it stays until something is known: an answer
-- settles it (settle_flight), one that got lost makes it uncertain, and a person (settle_uncertain) or the provider's word on its key ends that.
-- Nothing is written into the ledger before it is known, so nothing there is ever changed. In flight and uncertain count as sent.

ALTER TABLE inflight
	ADD consent_given_at timestamptz,                  -- which consent it rests on; for the ledger
	ADD epoch bigint NOT NULL DEFAULT 0,               -- of the lease of the daemon that claimed it: lane_lease
	ADD claim bigint NOT NULL DEFAULT 0,               -- number of the claim within the epoch
	ADD uncertain_at timestamptz,                      -- since when nobody waits for its answer any more
	ADD asked_at timestamptz;                          -- when the sink was last asked what became of it
CREATE INDEX inflight_claim ON inflight (lane, epoch, claim);

CREATE TABLE sink_answer (                            -- what a provider said, of messages of which that is worth keeping; the last attempt's
	recipient_id bigint NOT NULL,
	answered_at timestamptz NOT NULL,
	not_before timestamptz,                            -- not tried again earlier
	run_id int NOT NULL,
	bucket smallint NOT NULL,
	attempts smallint NOT NULL,
	action text NOT NULL,
	provider_id text, code text, text text,
	PRIMARY KEY (bucket, recipient_id, run_id)
);
CREATE TABLE settlement (                             -- decisions of people on uncertain messages
	recipient_id bigint NOT NULL,
	settled_at timestamptz NOT NULL,
	run_id int NOT NULL,
	bucket smallint NOT NULL,
	attempt smallint NOT NULL,
	sent boolean NOT NULL,
	by_whom text NOT NULL,
	why text NOT NULL,
	PRIMARY KEY (bucket, recipient_id, run_id, attempt)
);
CREATE TABLE provider_stop (                          -- what was stopped because a provider said so; of senders see breaker
	stopped_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	subject text NOT NULL CHECK (subject IN ('campaign', 'template')),
	name text NOT NULL,
	action text NOT NULL,
	code text, text text,
	PRIMARY KEY (subject, name, stopped_at)
);

-- The values as texts, which is what a message has.
CREATE FUNCTION text_values(variables jsonb) RETURNS jsonb IMMUTABLE PARALLEL SAFE
	RETURN coalesce((SELECT jsonb_object_agg(v.key, v.value) FROM jsonb_each_text(variables) AS v), '{}');

-- Everything in flight with what its message says, as take_outbox() gives it. It shows numbers: for the functions below only.
CREATE VIEW flight_message AS
SELECT i.bucket, i.recipient_id, i.run_id, i.lane, i.epoch, i.claim, i.attempt, i.claimed_at, i.not_after, i.uncertain_at, i.asked_at,
	format('%s:%s:%s', (SELECT installation_id FROM installation), i.run_id, i.recipient_id) AS idempotency_key, p.phone, run.business_id,
	run.channel, run.category, s.name AS sender, s.address AS sender_address, c.name AS campaign, run.occurrence, chosen.template,
	chosen.language, t.body, p.variables
FROM inflight AS i
	JOIN campaign_run AS run USING (run_id)
	JOIN campaign AS c USING (campaign_id)
	JOIN sender AS s ON s.sender_id = run.sender_id
	LEFT JOIN recipient AS p USING (bucket, recipient_id)
	LEFT JOIN class USING (class_id)
	CROSS JOIN LATERAL (SELECT coalesce(nullif(class.template, ''), c.template) AS template) AS planned
	CROSS JOIN LATERAL (SELECT planned.template, CASE
		WHEN class.language <> ''
			THEN (SELECT v.language FROM template AS v WHERE v.name = planned.template AND v.language = class.language)
		ELSE template_language(planned.template, p.language) END AS language) AS chosen
	LEFT JOIN template AS t ON t.name = chosen.template AND t.language = chosen.language;

-- Answers -----------------------------------------------------------------------------------------------------------------------------------

-- Ends the flight of some messages. `answers` is an array of objects: bucket, recipient_id, run_id, epoch, claim; state: handed_over, refused, failed
-- and held with a reason `why`, uncertain, or queued, to be tried at `again`, without it at once as if it had not been claimed; left_at: when it
-- was handed to the sink; action, provider_id, code and words are kept when there is an action. What is not in flight under that epoch and claim
-- any more is left alone.
--
-- What goes back into the queue is looked at as whoever removes a permission would: such a remover has found no slot. The gate rows are locked
-- against removers first, so that a later statement sees what they wrote, and those that come later find the slot. A plan that was published
-- meanwhile, and facts that changed, ask for a new plan. What has no lawful instant left goes by the campaign's catch-up.
CREATE FUNCTION settle_flight(moment timestamptz, margin interval, answers jsonb)
RETURNS TABLE (handed_over bigint, refused bigint, expired bigint, failed bigint, held bigint, queued bigint, uncertain bigint) LANGUAGE plpgsql
SECURITY DEFINER SET search_path = daypart, pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
	PERFORM FROM bucket_gate AS g
	WHERE g.bucket IN (SELECT a.bucket FROM jsonb_to_recordset(answers) AS a (bucket smallint, state text) WHERE a.state = 'queued')
	ORDER BY g.bucket FOR UPDATE;
	RETURN QUERY
	WITH given AS MATERIALIZED (
		SELECT * FROM jsonb_to_recordset(answers) AS a (bucket smallint, recipient_id bigint, run_id int, epoch bigint, claim bigint, state text,
			why text, left_at timestamptz, again timestamptz, action text, provider_id text, code text, words text)
	), open AS MATERIALIZED (
		SELECT i.*, g.state, g.why, g.left_at, g.again, g.action, g.provider_id, g.code, g.words
		FROM given AS g JOIN inflight AS i USING (bucket, recipient_id, run_id, epoch, claim)
		FOR UPDATE OF i
	), judged AS MATERIALIZED (
		SELECT o.*, CASE
			WHEN o.state <> 'queued' THEN o.why
			WHEN coalesce(o.again, moment) >= o.not_after - margin
				THEN CASE WHEN c.catch_up = 'drop' THEN 'expired' WHEN o.action = 'later' THEN 'try_later' ELSE 'missed' END
			WHEN suppression.found THEN 'opted_out'
			WHEN consent.state = 'withdrawn' THEN 'no_consent'
			WHEN changed.found OR o.claimed_at < plan.published_at THEN 'facts_changed'
			END AS obstacle
		FROM open AS o
			JOIN campaign_run AS run USING (run_id)
			JOIN campaign AS c USING (campaign_id)
			LEFT JOIN (SELECT p.published_at FROM plan_head AS h JOIN plan_run AS p USING (plan_run)) AS plan ON true
			LEFT JOIN LATERAL (SELECT true AS found FROM suppression AS s
				WHERE s.bucket = o.bucket AND s.recipient_id = o.recipient_id AND s.business_id IN (0, run.business_id)
					AND s.channel IN ('all', run.channel::text) AND s.category IN ('all', run.category::text)
				LIMIT 1) AS suppression ON true
			LEFT JOIN LATERAL (SELECT k.state FROM consent AS k
				WHERE k.bucket = o.bucket AND k.business_id = run.business_id AND k.channel = run.channel AND k.category = run.category
					AND k.recipient_id = o.recipient_id
				LIMIT 1) AS consent ON true
			LEFT JOIN LATERAL (SELECT true AS found FROM permission_change AS k
				WHERE k.bucket = o.bucket AND k.recipient_id = o.recipient_id LIMIT 1) AS changed ON true
	), ended AS MATERIALIZED (
		SELECT j.*, r.reason, r.kind, CASE
			WHEN j.state <> 'queued' THEN j.state
			WHEN j.obstacle IS NULL THEN 'queued'
			WHEN j.obstacle = 'expired' THEN 'expired'
			WHEN r.kind = 'held' THEN 'held'
			ELSE 'refused' END AS fate
		FROM judged AS j LEFT JOIN reason AS r ON r.name = j.obstacle
	), gone AS (
		DELETE FROM inflight AS i USING ended AS e
		WHERE i.bucket = e.bucket AND i.recipient_id = e.recipient_id AND i.run_id = e.run_id AND e.fate <> 'uncertain'
	), doubted AS (
		UPDATE inflight AS i SET uncertain_at = moment FROM ended AS e
		WHERE i.bucket = e.bucket AND i.recipient_id = e.recipient_id AND i.run_id = e.run_id AND e.fate = 'uncertain' AND i.uncertain_at IS NULL
	), back AS (
		INSERT INTO slot (recipient_id, due_at, not_after, run_id, class_id, plan_run, bucket, lane, part)
		SELECT e.recipient_id, coalesce(e.again, e.due_at), e.not_after, e.run_id, e.class_id, e.plan_run, e.bucket, e.lane, 0
		FROM ended AS e WHERE e.fate = 'queued'
	), ledger AS (
		INSERT INTO release (recipient_id, due_at, released_at, consent_given_at, run_id, class_id, plan_run, bucket, reason, outcome)
		SELECT e.recipient_id, e.due_at, 
			CASE e.fate WHEN 'handed_over' THEN greatest(e.claimed_at, e.left_at) ELSE moment END, e.consent_given_at, e.run_id, e.class_id, e.plan_run,
			e.bucket, e.reason, e.fate::outcome
		FROM ended AS e WHERE e.fate IN ('handed_over', 'refused', 'expired', 'failed')
		ON CONFLICT DO NOTHING
	), kept_back AS (
		INSERT INTO suppressed (recipient_id, at, run_id, plan_run, bucket, reason, kind)
		SELECT e.recipient_id, moment, e.run_id, 0, e.bucket, e.reason, e.kind FROM ended AS e WHERE e.fate = 'held'
		ON CONFLICT (bucket, run_id, recipient_id) DO UPDATE SET (at, plan_run, reason, kind, rule) =
			ROW (excluded.at, excluded.plan_run, excluded.reason, excluded.kind, NULL)
	), noted AS (
		INSERT INTO sink_answer (recipient_id, answered_at, not_before, run_id, bucket, attempts, action, provider_id, code, text)
		SELECT e.recipient_id, moment, nullif(e.again, 'infinity'), e.run_id, e.bucket, e.attempt, e.action, e.provider_id, e.code, e.words
		FROM ended AS e WHERE e.action IS NOT NULL
		ON CONFLICT (bucket, recipient_id, run_id) DO UPDATE SET (answered_at, not_before, attempts, action, provider_id, code, text) =
			ROW (excluded.answered_at, excluded.not_before, excluded.attempts, excluded.action, excluded.provider_id, excluded.code, excluded.text)
	)
	SELECT count(*) FILTER (WHERE e.fate = 'handed_over'), count(*) FILTER (WHERE e.fate = 'refused'), count(*) FILTER (WHERE e.fate = 'expired'),
		count(*) FILTER (WHERE e.fate = 'failed'), count(*) FILTER (WHERE e.fate = 'held'), count(*) FILTER (WHERE e.fate = 'queued'),
		count(*) FILTER (WHERE e.fate = 'uncertain')
	FROM ended AS e;
END $$;

-- The messages of a claim, looked at once more: who opted out in between, whose campaign was stopped or whose text is gone is settled here and
-- not returned. `moment` NULL: the server's clock.
CREATE FUNCTION take_flight(lane smallint, epoch bigint, claim bigint, moment timestamptz DEFAULT NULL) RETURNS TABLE (bucket smallint,
	recipient_id bigint, run_id int, attempt smallint, not_after timestamptz, idempotency_key text, phone text, channel channel,
	category category, sender text, sender_address text, campaign text, template text, language text, body text, variables jsonb)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = daypart, pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
	at timestamptz := coalesce(take_flight.moment, session_now());
	stopped boolean := (SELECT c.stopped FROM control AS c);
	back jsonb;
BEGIN
	WITH mine AS MATERIALIZED (
		SELECT m.* FROM flight_message AS m
		WHERE m.lane = take_flight.lane AND m.epoch = take_flight.epoch AND m.claim = take_flight.claim
	), run AS MATERIALIZED (
		SELECT r.run_id, CASE
			WHEN c.status = 'cancelled' THEN 'campaign_cancelled'
			WHEN c.status = 'paused' THEN 'campaign_paused'
			WHEN bar.reason IS NOT NULL THEN bar.reason
			WHEN r.last_at > at AND campaign_digest(c) <> r.campaign_hash THEN 'campaign_changed'
			END AS obstacle
		FROM campaign_run AS r JOIN campaign AS c USING (campaign_id) JOIN sender AS s ON s.sender_id = r.sender_id
			CROSS JOIN LATERAL release_obstacle(c, s, at) AS bar
		WHERE r.run_id IN (SELECT m.run_id FROM mine AS m)
	), judged AS (
		SELECT m.bucket, m.recipient_id, m.run_id, m.epoch, m.claim, r.name AS why,
			CASE WHEN stopped THEN 'queued' WHEN r.kind = 'held' THEN 'held' WHEN r.kind = 'suppressed' THEN 'refused' END AS state
		FROM mine AS m
			JOIN run USING (run_id)
			LEFT JOIN LATERAL (SELECT true AS found FROM suppression AS s
				WHERE s.bucket = m.bucket AND s.recipient_id = m.recipient_id AND s.business_id IN (0, m.business_id)
					AND s.channel IN ('all', m.channel::text) AND s.category IN ('all', m.category::text)
				LIMIT 1) AS suppression ON true
			LEFT JOIN LATERAL (SELECT k.state FROM consent AS k
				WHERE k.bucket = m.bucket AND k.business_id = m.business_id AND k.channel = m.channel AND k.category = m.category
					AND k.recipient_id = m.recipient_id
				LIMIT 1) AS consent ON true
			LEFT JOIN reason AS r ON r.name = CASE
				WHEN run.obstacle IS NOT NULL THEN run.obstacle
				WHEN suppression.found THEN 'opted_out'
				WHEN consent.state = 'withdrawn' THEN 'no_consent'
				WHEN m.phone IS NULL THEN 'not_a_recipient'
				WHEN m.body IS NULL THEN 'sender_not_ready'
				WHEN lacks_variable(m.template, m.language, m.variables) THEN 'variable_missing'
				END
	)
	SELECT jsonb_agg(j) INTO back FROM judged AS j WHERE j.state IS NOT NULL;
	IF back IS NOT NULL THEN
		PERFORM settle_flight(at, '0', back);
	END IF;
	RETURN QUERY
	SELECT m.bucket, m.recipient_id, m.run_id, m.attempt, m.not_after, m.idempotency_key, '+' || m.phone, m.channel, m.category, m.sender,
		m.sender_address, m.campaign, m.template, m.language, m.body, text_values(m.variables)
	FROM flight_message AS m
	WHERE m.lane = take_flight.lane AND m.epoch = take_flight.epoch AND m.claim = take_flight.claim;
END $$;

-- What a daemon that is gone had in flight, or one whose lease ran out: nobody waits for those answers any more. Returns how many.
CREATE FUNCTION recover_flight(moment timestamptz DEFAULT NULL) RETURNS bigint LANGUAGE plpgsql
SECURITY DEFINER SET search_path = daypart, pg_catalog, pg_temp AS $$
DECLARE
	count bigint;
BEGIN
	UPDATE inflight AS i SET uncertain_at = coalesce(moment, session_now()) FROM lane_lease AS l
	WHERE l.lane = i.lane AND i.epoch < l.epoch AND i.uncertain_at IS NULL;
	GET DIAGNOSTICS count = ROW_COUNT;
	RETURN count;
END $$;

-- Some uncertain messages that the sink was not asked about within the last minute; they are marked as asked.
CREATE FUNCTION ask_flight(max int, moment timestamptz DEFAULT NULL) RETURNS TABLE (bucket smallint, recipient_id bigint, run_id int, lane smallint,
	epoch bigint, claim bigint, attempt smallint, not_after timestamptz, idempotency_key text, phone text, channel channel, category category,
	sender text, sender_address text, campaign text, template text, language text, body text, variables jsonb)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = daypart, pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
	at timestamptz := coalesce(ask_flight.moment, session_now());
BEGIN
	RETURN QUERY
	WITH next AS (
		SELECT i.bucket, i.recipient_id, i.run_id FROM inflight AS i
		WHERE i.uncertain_at IS NOT NULL AND (i.asked_at IS NULL OR i.asked_at < at - interval '1 minute')
		ORDER BY i.uncertain_at LIMIT ask_flight.max FOR UPDATE SKIP LOCKED
	), asked AS (
		UPDATE inflight AS i SET asked_at = at FROM next AS n
		WHERE i.bucket = n.bucket AND i.recipient_id = n.recipient_id AND i.run_id = n.run_id
		RETURNING i.bucket, i.recipient_id, i.run_id
	)
	SELECT m.bucket, m.recipient_id, m.run_id, m.lane, m.epoch, m.claim, m.attempt, m.not_after, m.idempotency_key, '+' || m.phone, m.channel,
		m.category, m.sender, m.sender_address, m.campaign, m.template, m.language, m.body, text_values(m.variables)
	FROM asked AS a JOIN flight_message AS m USING (bucket, recipient_id, run_id);
END $$;

-- What a provider's answer is about besides the message itself ------------------------------------------------------------------------------------

-- Senders whose messages go through one account of the provider: those of one portfolio, else all of the business on the channel.
CREATE FUNCTION account_senders(sender_id smallint) RETURNS SETOF smallint STABLE BEGIN ATOMIC
	SELECT o.sender_id FROM sender AS s
		JOIN sender AS o ON o.business = s.business AND o.channel = s.channel AND o.portfolio IS NOT DISTINCT FROM s.portfolio
	WHERE s.sender_id = account_senders.sender_id;
END;

-- A breaker, which a named person resumes with a reason: 0026_breakers.sql.
CREATE FUNCTION stop_senders(ids smallint[], action text, code text, words text) RETURNS text LANGUAGE plpgsql
SET search_path = daypart, pg_catalog, pg_temp AS $$
DECLARE
	stopped text[] := ARRAY(SELECT s.name FROM sender AS s WHERE s.sender_id = ANY (ids)
		AND trip_breaker('sender', s.name, 'provider', concat_ws(' ', action, code, words)) ORDER BY s.name);
BEGIN
	RETURN 'stopped sender ' || nullif(array_to_string(stopped, ', '), '');
END $$;

CREATE FUNCTION stop_template(name text, language text, new_status template_status, action text, code text, words text) RETURNS text LANGUAGE sql
SET search_path = daypart, pg_catalog, pg_temp AS $$
	WITH stopped AS (
		UPDATE template AS t SET status = new_status
		WHERE t.name = stop_template.name AND t.language = stop_template.language AND t.status = 'approved'
		RETURNING t.name || '/' || t.language AS name),
	noted AS (INSERT INTO provider_stop (subject, name, action, code, text) SELECT 'template', t.name, action, code, words FROM stopped AS t)
	SELECT format('template %s is %s now', t.name, new_status) FROM stopped AS t
$$;

CREATE FUNCTION stop_campaign(run campaign_run, action text, code text, words text) RETURNS text LANGUAGE plpgsql
SET search_path = daypart, pg_catalog, pg_temp AS $$
DECLARE
	subject text := (SELECT c.name FROM campaign AS c WHERE c.campaign_id = run.campaign_id AND c.status = 'approved');
BEGIN
	IF subject IS NULL THEN
		RETURN NULL;
	END IF;
	PERFORM campaign_set_status(subject, 'paused', format('the provider refuses its messages: %s', concat_ws(' ', code, words)));
	INSERT INTO provider_stop (subject, name, action, code, text) VALUES ('campaign', subject, action, code, words);
	RETURN format('paused campaign %s', subject);
END $$;

-- The person of a message does not want such messages (category given), or is not reached on the channel.
CREATE FUNCTION stop_person(person recipient, run campaign_run, category text, words text) RETURNS text LANGUAGE plpgsql
SET search_path = daypart, pg_catalog, pg_temp AS $$
BEGIN
	IF person.phone IS NULL THEN
		RETURN NULL; -- erased meanwhile
	END IF;
	PERFORM opt_out('+' || person.phone, (SELECT b.name FROM business AS b WHERE b.business_id = run.business_id),
		CASE WHEN category IS NULL THEN run.channel::text ELSE 'all' END, coalesce(category, 'all'), NULL, words);
	RETURN 'wrote a suppression';
END $$;

-- Does what an answer asks for beyond its own message, before the message is settled, so that a crash in between does not lose it. What holds already
-- is done. Returns what was done in words, or NULL. `unreachable_most`: so many messages of a business to a person on a channel may not reach
-- them, then no more are tried.
CREATE FUNCTION obey_provider(action text, bucket smallint, recipient_id bigint, run_id int, template text, language text, code text, words text,
	unreachable_most int) RETURNS text LANGUAGE plpgsql
SECURITY DEFINER SET search_path = daypart, pg_catalog, pg_temp AS $$
DECLARE
	run campaign_run;
	person recipient;
	done text;
BEGIN
	SELECT * INTO STRICT run FROM campaign_run AS r WHERE r.run_id = obey_provider.run_id;
	SELECT * INTO person FROM recipient AS r WHERE r.bucket = obey_provider.bucket AND r.recipient_id = obey_provider.recipient_id;
	CASE action
	WHEN 'stop_person' THEN
		done := stop_person(person, run, CASE run.category WHEN 'marketing' THEN 'marketing' ELSE 'all' END, concat_ws(' ', 'provider', code));
	WHEN 'unreachable' THEN
		IF 1 + (SELECT count(*) FROM sink_answer AS a JOIN campaign_run AS r USING (run_id)
				WHERE a.bucket = obey_provider.bucket AND a.recipient_id = obey_provider.recipient_id AND a.run_id <> obey_provider.run_id
					AND a.action = 'unreachable' AND r.business_id = run.business_id AND r.channel = run.channel) >= unreachable_most THEN
			done := stop_person(person, run, NULL, concat_ws(' ', 'unreachable', code));
		END IF;
	WHEN 'stop_campaign' THEN
		done := stop_campaign(run, action, code, words);
	WHEN 'hold_template' THEN
		done := stop_template(template, language, 'paused', action, code, words);
	WHEN 'cancel_template' THEN
		done := stop_template(template, language, 'disabled', action, code, words);
	WHEN 'late' THEN -- the instant is that of the claim, so that saying it again adds nothing
		PERFORM record_feedback((SELECT s.name FROM sender AS s WHERE s.sender_id = run.sender_id), 'violation',
			at => (SELECT i.claimed_at FROM inflight AS i WHERE i.bucket = obey_provider.bucket AND i.recipient_id = obey_provider.recipient_id
				AND i.run_id = obey_provider.run_id),
			phone => '+' || person.phone, template => template, reference => 'provider', note => concat_ws(' ', code, words));
		done := stop_senders(ARRAY[run.sender_id], action, code, words);
	WHEN 'stop_sender' THEN
		done := stop_senders(ARRAY[run.sender_id], action, code, words);
	WHEN 'pause_account' THEN
		done := stop_senders(ARRAY(SELECT account_senders(run.sender_id)), action, code, words);
	END CASE;
	NOTIFY daypart;
	RETURN done;
END $$;

-- What people decide -------------------------------------------------------------------------------------------------------------------------------

-- Messages of which nobody knows whether they were sent: nobody waits for their answer any more, or whoever did has been silent for a minute.
CREATE VIEW uncertain_message AS
SELECT m.campaign, m.occurrence, m.sender, m.idempotency_key, m.recipient_id, mask_phone(m.phone) AS phone, m.attempt, m.claimed_at,
	coalesce(m.uncertain_at, l.until) AS uncertain_since, a.code, a.text, m.bucket, m.run_id
FROM flight_message AS m
	LEFT JOIN lane_lease AS l USING (lane)
	LEFT JOIN sink_answer AS a ON a.bucket = m.bucket AND a.recipient_id = m.recipient_id AND a.run_id = m.run_id AND a.attempts = m.attempt
WHERE m.uncertain_at IS NOT NULL OR l.until < clock_timestamp() - interval '1 minute' OR l.epoch > m.epoch;

-- Decides them: by key, by campaign, or all that became uncertain before an instant; what is NULL does not choose. Sent: the ledger says handed
-- over, at the instant of the claim, which is what caps count. Not sent: held, so that the next plan gives the person a new instant if the
-- campaign still has one; nothing is sent again on the old one. Who decided and why is kept. Returns how many were decided.
CREATE FUNCTION settle_uncertain(key text, campaign text, before timestamptz, sent boolean, why text) RETURNS bigint LANGUAGE plpgsql
SECURITY DEFINER SET search_path = daypart, pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
	at timestamptz := session_now();
	count bigint;
BEGIN
	PERFORM refuse(ROW('nothing says which messages', 'give a key, a campaign or an instant')::problem)
	WHERE settle_uncertain.key IS NULL AND settle_uncertain.campaign IS NULL AND settle_uncertain.before IS NULL;
	PERFORM refuse(problem_missing('why', settle_uncertain.why)), refuse(problem_missing('sent', settle_uncertain.sent::text));
	WITH chosen AS MATERIALIZED (
		SELECT u.bucket, u.recipient_id, u.run_id FROM uncertain_message AS u
		WHERE (settle_uncertain.key IS NULL OR u.idempotency_key = settle_uncertain.key)
			AND (settle_uncertain.campaign IS NULL OR u.campaign = settle_uncertain.campaign)
			AND (settle_uncertain.before IS NULL OR u.uncertain_since < settle_uncertain.before)
	), gone AS MATERIALIZED (
		DELETE FROM inflight AS i USING chosen AS c
		WHERE i.bucket = c.bucket AND i.recipient_id = c.recipient_id AND i.run_id = c.run_id
		RETURNING i.*
	), ledger AS (
		INSERT INTO release (recipient_id, due_at, released_at, consent_given_at, run_id, class_id, plan_run, bucket, outcome)
		SELECT g.recipient_id, g.due_at, g.claimed_at, g.consent_given_at, g.run_id, g.class_id, g.plan_run, g.bucket, 'handed_over'
		FROM gone AS g WHERE settle_uncertain.sent
	), kept_back AS (
		INSERT INTO suppressed (recipient_id, at, run_id, plan_run, bucket, reason, kind)
		SELECT g.recipient_id, at, g.run_id, 0, g.bucket, r.reason, r.kind FROM gone AS g JOIN reason AS r ON r.name = 'not_sent'
		WHERE NOT settle_uncertain.sent
	), decided AS (
		INSERT INTO settlement (recipient_id, settled_at, run_id, bucket, attempt, sent, by_whom, why)
		SELECT g.recipient_id, at, g.run_id, g.bucket, g.attempt, settle_uncertain.sent, session_user, settle_uncertain.why FROM gone AS g
	), noted AS (
		INSERT INTO sink_answer (recipient_id, answered_at, run_id, bucket, attempts, action)
		SELECT g.recipient_id, at, g.run_id, g.bucket, g.attempt, 'uncertain' FROM gone AS g WHERE NOT settle_uncertain.sent
		ON CONFLICT (bucket, recipient_id, run_id) DO UPDATE SET attempts = excluded.attempts
	)
	SELECT count(*) INTO count FROM gone;
	RETURN count;
END $$;

-- What people read --------------------------------------------------------------------------------------------------------------------------------

-- As in 0004_views.sql, where nothing in flight was uncertain; so in the two that follow, which stood in 0019_campaign_series.sql and
-- 0020_campaign_texts.sql.
CREATE OR REPLACE VIEW delivery_plan AS
SELECT c.name AS campaign, run.occurrence, s.name AS sender, run.channel, run.category, m.recipient_id, mask_phone(p.phone) AS phone,
	class.regions, class.zones, m.due_at, local_clock(m.due_at, o.offset_s) AS due_local, o.offset_s AS utc_offset_s, m.not_after,
	m.released_at, local_clock(m.released_at, o.offset_s) AS released_local, m.status, r.name AS reason, m.run_id, m.class_id, m.plan_run
FROM (
	SELECT bucket, recipient_id, run_id, class_id, plan_run, due_at, not_after, NULL::timestamptz AS released_at, 'planned' AS status,
		NULL::smallint AS reason
	FROM slot
	UNION ALL
	SELECT bucket, recipient_id, run_id, class_id, plan_run, due_at, not_after, claimed_at,
		CASE WHEN uncertain_at IS NULL THEN 'in flight' ELSE 'uncertain' END, NULL
	FROM inflight
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
			SELECT run_id, CASE WHEN uncertain_at IS NULL THEN 'in_flight' ELSE 'uncertain' END, count(*), NULL, NULL FROM inflight GROUP BY 1, 2
			UNION ALL
			SELECT run_id, outcome::text, count(*), NULL, NULL FROM release GROUP BY run_id, outcome
			UNION ALL
			SELECT run_id, kind::text, count(*), NULL, NULL FROM suppressed GROUP BY run_id, kind
		) AS counted
		GROUP BY run_id
	) AS n USING (run_id);

CREATE OR REPLACE VIEW campaign_texts AS
SELECT c.name AS campaign, run.occurrence, n.template,
	CASE n.template WHEN c.first_template THEN 'first_template' WHEN c.template_b THEN 'template_b' WHEN c.template THEN 'template' END AS role,
	coalesce(sum(n.people) FILTER (WHERE n.place = 'planned'), 0)::bigint AS planned,
	coalesce(sum(n.people) FILTER (WHERE n.place = 'in_flight'), 0)::bigint AS in_flight,
	coalesce(sum(n.people) FILTER (WHERE n.place = 'handed_over'), 0)::bigint AS handed_over,
	coalesce(sum(n.people) FILTER (WHERE n.place = 'uncertain'), 0)::bigint AS uncertain,
	coalesce(sum(n.people) FILTER (WHERE n.place = 'refused'), 0)::bigint AS refused,
	coalesce(sum(n.people) FILTER (WHERE n.place = 'expired'), 0)::bigint AS expired,
	coalesce(sum(n.people) FILTER (WHERE n.place = 'failed'), 0)::bigint AS failed
FROM (
	SELECT counted.run_id, coalesce(nullif(class.template, ''), campaign.template) AS template, counted.place, counted.people
	FROM (
		SELECT run_id, class_id, 'planned' AS place, count(*) AS people FROM slot GROUP BY run_id, class_id
		UNION ALL
		SELECT run_id, class_id, CASE WHEN uncertain_at IS NULL THEN 'in_flight' ELSE 'uncertain' END, count(*) FROM inflight GROUP BY 1, 2, 3
		UNION ALL
		SELECT run_id, class_id, outcome::text, count(*) FROM release GROUP BY run_id, class_id, outcome
	) AS counted
		JOIN class USING (class_id)
		JOIN campaign_run USING (run_id)
		JOIN campaign USING (campaign_id)
) AS n
	JOIN campaign_run AS run USING (run_id)
	JOIN campaign AS c USING (campaign_id)
GROUP BY c.name, run.occurrence, n.template, c.template, c.template_b, c.first_template;

COMMENT ON COLUMN inflight.consent_given_at IS 'when the consent was given that it rests on';
COMMENT ON COLUMN inflight.epoch IS 'of the lease of the daypartd that claimed it';
COMMENT ON COLUMN inflight.claim IS 'number of the claim within the epoch';
COMMENT ON COLUMN inflight.uncertain_at IS 'since when nobody waits for its answer any more; empty: somebody does';
COMMENT ON COLUMN inflight.asked_at IS 'when the sink was last asked what became of it';
COMMENT ON TABLE sink_answer IS 'what the provider said of a message at its last attempt, where that is worth keeping';
COMMENT ON COLUMN sink_answer.recipient_id IS 'keyed hash of the number';
COMMENT ON COLUMN sink_answer.answered_at IS 'when it was said';
COMMENT ON COLUMN sink_answer.not_before IS 'not tried again earlier';
COMMENT ON COLUMN sink_answer.run_id IS 'campaign and occurrence: table campaign_run';
COMMENT ON COLUMN sink_answer.bucket IS 'fixed function of recipient_id';
COMMENT ON COLUMN sink_answer.attempts IS 'how often the message was given to the sink';
COMMENT ON COLUMN sink_answer.action IS 'what was made of the answer: a name of scheduler/policy/provider_answer.h';
COMMENT ON COLUMN sink_answer.provider_id IS 'the provider''s name of the message';
COMMENT ON COLUMN sink_answer.code IS 'the provider''s error code';
COMMENT ON COLUMN sink_answer.text IS 'in words';
COMMENT ON TABLE settlement IS 'what people decided on messages of which nobody knew whether they were sent';
COMMENT ON COLUMN settlement.recipient_id IS 'keyed hash of the number';
COMMENT ON COLUMN settlement.settled_at IS 'when it was decided';
COMMENT ON COLUMN settlement.run_id IS 'campaign and occurrence: table campaign_run';
COMMENT ON COLUMN settlement.bucket IS 'fixed function of recipient_id';
COMMENT ON COLUMN settlement.attempt IS 'which attempt it is about';
COMMENT ON COLUMN settlement.sent IS 'true: counts as handed over; false: the next plan looks again';
COMMENT ON COLUMN settlement.by_whom IS 'who decided';
COMMENT ON COLUMN settlement.why IS 'the reason given';
COMMENT ON TABLE provider_stop IS 'campaigns and templates that were stopped because the provider said so; of senders see breaker_event';
COMMENT ON COLUMN provider_stop.stopped_at IS 'when';
COMMENT ON COLUMN provider_stop.subject IS 'campaign or template';
COMMENT ON COLUMN provider_stop.name IS 'its name; of a template with its language';
COMMENT ON COLUMN provider_stop.action IS 'what the answer asked for';
COMMENT ON COLUMN provider_stop.code IS 'the provider''s error code';
COMMENT ON COLUMN provider_stop.text IS 'in words';
COMMENT ON VIEW flight_message IS 'everything in flight with what its message says; shows numbers';
COMMENT ON COLUMN flight_message.bucket IS 'fixed function of recipient_id';
COMMENT ON COLUMN flight_message.recipient_id IS 'keyed hash of the number';
COMMENT ON COLUMN flight_message.run_id IS 'campaign and occurrence: table campaign_run';
COMMENT ON COLUMN flight_message.lane IS 'the sender';
COMMENT ON COLUMN flight_message.epoch IS 'of the lease of the daypartd that claimed it';
COMMENT ON COLUMN flight_message.claim IS 'number of the claim within the epoch';
COMMENT ON COLUMN flight_message.attempt IS 'which attempt it is, from 1';
COMMENT ON COLUMN flight_message.claimed_at IS 'when it was claimed';
COMMENT ON COLUMN flight_message.not_after IS 'the first instant that is too late';
COMMENT ON COLUMN flight_message.uncertain_at IS 'since when nobody waits for its answer any more';
COMMENT ON COLUMN flight_message.asked_at IS 'when the sink was last asked';
COMMENT ON COLUMN flight_message.idempotency_key IS 'the same for every attempt';
COMMENT ON COLUMN flight_message.phone IS 'canonical number without the plus sign';
COMMENT ON COLUMN flight_message.business_id IS 'the business';
COMMENT ON COLUMN flight_message.channel IS 'whatsapp or sms';
COMMENT ON COLUMN flight_message.category IS 'category of the message';
COMMENT ON COLUMN flight_message.sender IS 'name of the sender';
COMMENT ON COLUMN flight_message.sender_address IS 'its number, short code or account name';
COMMENT ON COLUMN flight_message.campaign IS 'name of the campaign';
COMMENT ON COLUMN flight_message.occurrence IS 'its local date';
COMMENT ON COLUMN flight_message.template IS 'name of the template';
COMMENT ON COLUMN flight_message.language IS 'of the text';
COMMENT ON COLUMN flight_message.body IS 'text with {{placeholders}}';
COMMENT ON COLUMN flight_message.variables IS 'this person''s values';
COMMENT ON VIEW uncertain_message IS 'messages of which nobody knows whether they were sent; they count as sent until daypart settle';
COMMENT ON COLUMN uncertain_message.campaign IS 'name of the campaign';
COMMENT ON COLUMN uncertain_message.occurrence IS 'its local date';
COMMENT ON COLUMN uncertain_message.sender IS 'name of the sender';
COMMENT ON COLUMN uncertain_message.idempotency_key IS 'as the sink was given it';
COMMENT ON COLUMN uncertain_message.recipient_id IS 'keyed hash of the number';
COMMENT ON COLUMN uncertain_message.phone IS 'masked number';
COMMENT ON COLUMN uncertain_message.attempt IS 'which attempt it is, from 1';
COMMENT ON COLUMN uncertain_message.claimed_at IS 'when it was claimed';
COMMENT ON COLUMN uncertain_message.uncertain_since IS 'since when nobody waits for its answer';
COMMENT ON COLUMN uncertain_message.code IS 'the provider''s last code';
COMMENT ON COLUMN uncertain_message.text IS 'its last words';
COMMENT ON COLUMN uncertain_message.bucket IS 'fixed function of recipient_id';
COMMENT ON COLUMN uncertain_message.run_id IS 'campaign and occurrence: table campaign_run';
COMMENT ON FUNCTION text_values IS 'template variables with every value as a text';
COMMENT ON FUNCTION settle_flight IS 'ends the flight of messages whose answer is known';
COMMENT ON FUNCTION take_flight IS 'the messages of a claim, looked at once more';
COMMENT ON FUNCTION recover_flight IS 'makes uncertain what daemons that are gone had in flight';
COMMENT ON FUNCTION ask_flight IS 'uncertain messages that the sink may be asked about';
COMMENT ON FUNCTION account_senders IS 'senders whose messages go through one account of the provider';
COMMENT ON FUNCTION obey_provider IS 'does what an answer of the provider asks for beyond its own message';
COMMENT ON FUNCTION settle_uncertain IS 'decides messages of which nobody knows: settle_uncertain(key, campaign, before, sent, why), the first three choose';

CALL hand_over();
GRANT SELECT ON sink_answer, settlement, provider_stop, uncertain_message
	TO daypart_marketer, daypart_planner, daypart_scheduler, daypart_analyst, daypart_privacy;
GRANT EXECUTE ON FUNCTION settle_flight, take_flight, recover_flight, ask_flight, account_senders, obey_provider TO daypart_scheduler;
GRANT EXECUTE ON FUNCTION settle_uncertain TO daypart_marketer;
