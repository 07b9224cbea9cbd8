-- Approvals, attestations, waivers, wordings and emergencies are written here, and what a campaign was planned from is digested here.
--
-- F6: whoever submits a business, sender, template, campaign or wording does not approve it, unless a waiver of rule
-- house.approval.second_person lives for the business. An approval names the digest of what was approved, so that a changed row is not approved
-- any more, however it was changed. Whether approvals and attestations suffice is the rulebook's business (planner/core/admission.h).
-- All functions that write run as the owner of the tables; who did it is the login, session_user.

-- Daily limits are honoured now.
CREATE OR REPLACE FUNCTION problem_daily_limit(daily_limit int) RETURNS problem IMMUTABLE PARALLEL SAFE
	RETURN problem_positive('daily_limit', daily_limit);

-- Subjects --------------------------------------------------------------------------------------------------------------------------------

-- The campaign as its submitter wrote it. As JSON, because its texts of dates and times do not depend on the session.
CREATE FUNCTION campaign_text(campaign campaign) RETURNS text STABLE PARALLEL SAFE
	RETURN jsonb_build_array('campaign', campaign.sender, campaign.template, campaign.audience, campaign.category, campaign.starts_at,
		campaign.ends_at, campaign.local_from, campaign.local_to, campaign.rrule, campaign.pacing, campaign.catch_up, campaign.holdout_percent,
		campaign.offer_terms, campaign.offer_expires_on, campaign.tags)::text;

-- What an approval of the subject is about; NULL when there is none of this name. States that the platform or the operator sets (status, limits,
-- trust) are left out: they change without anybody writing anything new.
CREATE FUNCTION subject_digest(subject subject, name text) RETURNS bytea LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = daypart, pg_catalog, pg_temp AS $$
DECLARE
	content text;
BEGIN
	CASE subject
	WHEN 'business' THEN
		SELECT jsonb_build_array(b.legal_name, b.country, b.privacy_policy_url, b.privacy_policy_version, b.support_email, b.support_phone,
			b.website, b.provider)::text
		INTO content FROM business AS b WHERE b.name = subject_digest.name;
	WHEN 'sender' THEN
		SELECT jsonb_build_array(s.business, s.channel, s.address, s.country, s.identifier, s.transport, s.escalation, s.receives_replies)::text
		INTO content FROM sender AS s WHERE s.name = subject_digest.name;
	WHEN 'template' THEN
		SELECT string_agg(jsonb_build_array(t.language, t.business, t.channel, t.category, t.body, t.variables, t.free_form, t.tags)::text,
			E'\n' ORDER BY t.language COLLATE "C")
		INTO content FROM template AS t WHERE t.name = subject_digest.name;
	WHEN 'campaign' THEN
		SELECT campaign_text(c) INTO content FROM campaign AS c WHERE c.name = subject_digest.name;
	ELSE
	END CASE;
	RETURN sha256(convert_to(content, 'UTF8'));
END $$;

CREATE TYPE subject_owner AS (business text, submitters text[]);

-- The business a subject belongs to and the logins that submitted its rows; NULLs when there is none of this name.
CREATE FUNCTION subject_owner(subject subject, name text) RETURNS subject_owner LANGUAGE plpgsql STABLE
SET search_path = daypart, pg_catalog, pg_temp AS $$
DECLARE
	owner subject_owner;
BEGIN
	CASE subject
	WHEN 'business' THEN
		SELECT b.name, ARRAY[b.created_by] INTO owner FROM business AS b WHERE b.name = subject_owner.name;
	WHEN 'sender' THEN
		SELECT s.business, ARRAY[s.created_by] INTO owner FROM sender AS s WHERE s.name = subject_owner.name;
	WHEN 'template' THEN
		SELECT min(t.business), array_agg(DISTINCT t.created_by) INTO owner FROM template AS t WHERE t.name = subject_owner.name;
	WHEN 'campaign' THEN
		SELECT s.business, ARRAY[c.created_by] INTO owner FROM campaign AS c JOIN sender AS s ON s.name = c.sender
		WHERE c.name = subject_owner.name;
	ELSE
	END CASE;
	RETURN owner;
END $$;

CREATE FUNCTION problem_subject(subject subject, name text) RETURNS problem STABLE
	RETURN CASE WHEN subject IS NOT NULL AND name IS NOT NULL AND (subject_owner(subject, name)).business IS NULL
		THEN problem_unknown(subject::text, name, format('write the name of a %s that was imported', subject)) END;

-- Waivers ---------------------------------------------------------------------------------------------------------------------------------

-- Dates of these tables are days of UTC where SQL has to judge them.
CREATE FUNCTION utc_today() RETURNS date VOLATILE
	RETURN timezone('UTC', session_now())::date;

CREATE FUNCTION is_waived(rule text, business text) RETURNS boolean VOLATILE
	RETURN EXISTS (SELECT FROM waiver AS w
		WHERE w.rule = is_waived.rule AND w.business = is_waived.business AND w.expires_on > utc_today());

-- Two people, as for approvals: who asks does not grant.
CREATE FUNCTION grant_waiver(rule text, business text, role text, reason text, expires_on date, asked_by text) RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = daypart, pg_catalog, pg_temp AS $$
BEGIN
	PERFORM business_of(business), refuse(problem_missing('rule', rule)), refuse(problem_missing('role', role)),
		refuse(problem_missing('reason', reason)), refuse(problem_missing('expires_on', expires_on::text)),
		refuse(problem_missing('asked_by', asked_by));
	PERFORM refuse(problem_with('expires_on', expires_on::text, 'is over', 'write the first day on which the rule binds again'))
		WHERE expires_on <= utc_today();
	PERFORM refuse(problem_with('asked_by', asked_by, 'cannot grant what the same login asks for', 'let somebody else grant the waiver'))
		WHERE asked_by = session_user;
	INSERT INTO waiver (rule, business, role, reason, expires_on, asked_by) VALUES (rule, business, role, reason, expires_on, asked_by);
END $$;

-- At once and everywhere: it is over the day before today, because today has not begun in every zone. Returns how many ended.
CREATE FUNCTION revoke_waiver(rule text, business text) RETURNS bigint LANGUAGE plpgsql
SECURITY DEFINER SET search_path = daypart, pg_catalog, pg_temp AS $$
DECLARE
	ended bigint;
BEGIN
	PERFORM business_of(business);
	UPDATE waiver AS w SET expires_on = utc_today() - 1
	WHERE w.rule = revoke_waiver.rule AND w.business = revoke_waiver.business AND w.expires_on > utc_today() - 1;
	GET DIAGNOSTICS ended = ROW_COUNT;
	RETURN ended;
END $$;

-- Approvals -------------------------------------------------------------------------------------------------------------------------------

CREATE FUNCTION problem_second_person(what text, business text, submitters text[]) RETURNS problem VOLATILE
	RETURN CASE WHEN session_user = ANY (submitters) AND NOT is_waived('house.approval.second_person', business)
		THEN ROW(format('%s was submitted by %s, who cannot approve it as well', what, session_user),
			'let somebody else approve it, under another login, or have rule house.approval.second_person waived: grant_waiver()')::problem END;

-- The row itself. Of a campaign it also says whom it reached then: who approves saw those people and no others (F1). One statement, so that
-- number and digest are of the same audience.
CREATE FUNCTION write_approval(subject subject, name text, note text) RETURNS void LANGUAGE plpgsql
SET search_path = daypart, pg_catalog, pg_temp AS $$
BEGIN
	INSERT INTO approval (subject, name, digest, rulebook_id, audience_people, audience_digest, note)
	SELECT write_approval.subject, write_approval.name, subject_digest(write_approval.subject, write_approval.name),
		(SELECT h.rulebook_id FROM rulebook_head AS h), reached.people, reached.digest, write_approval.note
	FROM (SELECT 1) AS one
		LEFT JOIN LATERAL (
			SELECT count(m.recipient_id) AS people, coalesce(bit_xor(m.recipient_id), 0) AS digest
			FROM campaign AS c JOIN audience AS a ON a.name = c.audience LEFT JOIN audience_member AS m USING (audience_id)
			WHERE c.name = write_approval.name) AS reached ON write_approval.subject = 'campaign';
END $$;

-- Approves a business, sender, template (all its languages) or campaign as it is now. A campaign's status stays as it is: a draft is approved by
-- campaign_set_status(), which comes through here too; one that is approved already is approved again after its audience changed.
CREATE FUNCTION approve(subject subject, name text, note text DEFAULT NULL) RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = daypart, pg_catalog, pg_temp AS $$
DECLARE
	owner subject_owner := subject_owner(subject, name);
BEGIN
	PERFORM refuse(problem_missing('subject', subject::text)), refuse(problem_missing('name', name)), refuse(problem_subject(subject, name)),
		refuse(problem_second_person(format('%s "%s"', subject, name), owner.business, owner.submitters));
	PERFORM write_approval(subject, name, note);
END $$;

-- As in 0003_people.sql; whoever approves is not the submitter, and leaves a row of `approval`.
CREATE OR REPLACE FUNCTION campaign_set_status(name text, new_status text, note text DEFAULT NULL) RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = daypart, pg_catalog, pg_temp AS $$
DECLARE
	subject campaign;
	choices text;
BEGIN
	PERFORM lock_people('{}');
	PERFORM FROM plan_head FOR SHARE;
	-- NO KEY: a planner that has made a run of the campaign refers to the row until its commit, and may be waiting for plan_head.
	SELECT * INTO subject FROM campaign AS c WHERE c.name = campaign_set_status.name FOR NO KEY UPDATE;
	PERFORM refuse(problem_unknown('campaign', coalesce(campaign_set_status.name, ''), 'write the name of a campaign'))
		WHERE subject.name IS NULL;
	SELECT string_agg(format('%s (%s)', t.verb, t.to_status), ', ' ORDER BY t.to_status) INTO choices
	FROM campaign_transition AS t WHERE t.from_status = subject.status;
	PERFORM refuse(problem_with('campaign', subject.name, format('is %s and cannot become %s', subject.status, new_status),
		coalesce('possible now: ' || choices, 'nothing is possible any more: submit a new campaign')))
	WHERE NOT EXISTS (SELECT FROM campaign_transition AS t WHERE t.from_status = subject.status AND t.to_status::text = new_status);
	IF subject.status = 'draft' AND new_status = 'approved' THEN
		PERFORM refuse(ROW(format('campaign "%s" cannot be approved: %s', subject.name, campaign_problem(subject)),
			'correct it, then approve')::problem) WHERE campaign_problem(subject) IS NOT NULL;
		PERFORM approve('campaign', subject.name, campaign_set_status.note);
	END IF;
	UPDATE campaign AS c SET status = new_status::campaign_status WHERE c.campaign_id = subject.campaign_id;
	INSERT INTO campaign_event (campaign_id, status, by_whom, note)
	VALUES (subject.campaign_id, new_status::campaign_status, session_user, campaign_set_status.note);
	IF new_status = 'cancelled' THEN
		PERFORM cancel_campaign_slots(subject.campaign_id);
	END IF;
	NOTIFY daypart;
END $$;

-- Attestations and emergencies ------------------------------------------------------------------------------------------------------------

-- Ends every row of the item, at once and everywhere (see revoke_waiver); one that begins later never counts. Returns how many ended.
CREATE FUNCTION revoke_attestation(subject subject, name text, item text) RETURNS bigint LANGUAGE plpgsql
SECURITY DEFINER SET search_path = daypart, pg_catalog, pg_temp AS $$
DECLARE
	ended bigint;
BEGIN
	PERFORM refuse(problem_subject(subject, name));
	UPDATE attestation AS a SET valid_until = greatest(utc_today() - 1, a.given_on)
	WHERE a.subject = revoke_attestation.subject AND a.name = revoke_attestation.name AND a.item = revoke_attestation.item
		AND coalesce(a.valid_until, 'infinity') > greatest(utc_today() - 1, a.given_on);
	GET DIAGNOSTICS ended = ROW_COUNT;
	RETURN ended;
END $$;

-- P-20, P-21. `until` NULL: until end_emergency().
CREATE FUNCTION declare_emergency(area text, "from" timestamptz DEFAULT NULL, until timestamptz DEFAULT NULL, note text DEFAULT NULL) RETURNS void
LANGUAGE plpgsql
SECURITY DEFINER SET search_path = daypart, pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
	PERFORM refuse(problem_missing('area', declare_emergency.area)), refuse(problem_region(declare_emergency.area));
	PERFORM refuse(problem_with('until', until::text, 'is not after from', 'let the emergency end after it begins, or leave its end open'))
		WHERE until <= coalesce("from", session_now());
	INSERT INTO emergency AS e (area, declared_from, declared_until, note) VALUES (area, coalesce("from", session_now()), until, note)
	ON CONFLICT (area, declared_from) DO UPDATE SET declared_until = excluded.declared_until, by_whom = session_user, note = excluded.note;
	NOTIFY daypart;
END $$;

-- Ends the emergencies of an area that are on and takes back those that have not begun. Returns how many.
CREATE FUNCTION end_emergency(area text) RETURNS bigint LANGUAGE plpgsql
SECURITY DEFINER SET search_path = daypart, pg_catalog, pg_temp AS $$
DECLARE
	moment timestamptz := session_now();
	ended bigint;
BEGIN
	WITH ended AS (
		UPDATE emergency AS e SET declared_until = moment
		WHERE e.area = end_emergency.area AND e.declared_from < moment AND coalesce(e.declared_until, 'infinity') > moment
		RETURNING 1
	), taken_back AS (
		DELETE FROM emergency AS e WHERE e.area = end_emergency.area AND e.declared_from >= moment RETURNING 1
	)
	SELECT (SELECT count(*) FROM ended) + (SELECT count(*) FROM taken_back) INTO ended;
	NOTIFY daypart;
	RETURN ended;
END $$;

-- Planning --------------------------------------------------------------------------------------------------------------------------------

-- What a run was planned from; a slot whose campaign differs is held by the gate until it is planned again. It covers everything that
-- admission.h judged, so that the gate need not: the campaign, its template in all languages, what the law asks of sender and business, the records
-- about them and about the business's provider, approvals and waivers. Waivers and records count with their dates and whether they have ended or
-- not, because the planner ends slots when they do: the digest changes when somebody changes something, not at midnight.
-- Which approvals fit follows from the rows and from the digests that were approved, so the digests suffice.
-- plpgsql, because its plans are kept for the session: evaluated once a run per claim, it is a dozen probes of small tables. Records are written
-- without JSON, for there are many; their items hold no blanks.
CREATE OR REPLACE FUNCTION campaign_digest(campaign campaign) RETURNS bytea LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = daypart, pg_catalog, pg_temp AS $$
DECLARE
	line sender;
	house business;
	agent business; -- who sends for it
	subjects subject[] := '{business,business,sender,template,campaign}';
	names text[];
	texts text[];
BEGIN
	SELECT * INTO line FROM sender AS s WHERE s.name = campaign.sender;
	SELECT * INTO house FROM business AS b WHERE b.name = line.business;
	SELECT * INTO agent FROM business AS b WHERE b.name = house.provider;
	names := ARRAY[house.name, agent.name, line.name, campaign.template, campaign.name];
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
				t.free_form, t.tags, t.submitted_on, t.verified_on, t.created_by)::text, E'\n' ORDER BY t.language COLLATE "C")
			FROM template AS t WHERE t.name = campaign.template),
		(SELECT string_agg(concat_ws(' ', s.place, a.item, a.given_on - date '2000-01-01', a.valid_until - date '2000-01-01'), E'\n'
				ORDER BY s.place, a.item COLLATE "C", a.given_on)
			FROM unnest(subjects, names) WITH ORDINALITY AS s (subject, name, place)
				CROSS JOIN LATERAL (SELECT * FROM attestation AS a WHERE a.subject = s.subject AND a.name = s.name OFFSET 0) AS a),
		(SELECT string_agg(DISTINCT concat_ws(' ', s.place, encode(a.digest, 'hex'), a.approved_by) COLLATE "C", E'\n')
			FROM unnest(subjects, names) WITH ORDINALITY AS s (subject, name, place)
				CROSS JOIN LATERAL (SELECT * FROM approval AS a WHERE a.subject = s.subject AND a.name = s.name OFFSET 0) AS a),
		(SELECT string_agg(concat_ws(' ', w.rule, w.expires_on - date '2000-01-01'), E'\n' ORDER BY w.rule COLLATE "C", w.expires_on)
			FROM waiver AS w WHERE w.business = house.name)];
	RETURN sha256(convert_to(array_to_string(texts, E'\n--\n', '-'), 'UTF8'));
END $$;
CREATE INDEX waiver_business ON waiver (business);

-- Why an approved campaign cannot be planned now, or NULL. Facts of the small tables only; the law is not asked here. A free-form text needs no
-- platform's approval: whom it may reach is the rulebook's business.
CREATE OR REPLACE FUNCTION campaign_problem(campaign campaign) RETURNS text STABLE PARALLEL SAFE RETURN (
	SELECT CASE
		WHEN campaign.category = 'opt_out_confirmation' THEN 'no campaign sends opt_out_confirmation: an opt-out is confirmed by itself'
		WHEN s.status <> 'active' THEN format('sender "%s" is %s', s.name, s.status)
		WHEN a.business <> s.business THEN format('audience "%s" belongs to "%s", sender "%s" to "%s"', a.name, a.business, s.name, s.business)
		WHEN NOT EXISTS (SELECT FROM template t WHERE t.name = campaign.template) THEN format('template "%s" does not exist', campaign.template)
		WHEN NOT EXISTS (SELECT FROM template t WHERE t.name = campaign.template AND t.business = s.business)
			THEN format('template "%s" belongs to another business than sender "%s"', campaign.template, s.name)
		WHEN NOT EXISTS (SELECT FROM template t WHERE t.name = campaign.template AND t.business = s.business AND t.channel = s.channel)
			THEN format('template "%s" is for another channel than sender "%s" (%s)', campaign.template, s.name, s.channel)
		WHEN NOT EXISTS (SELECT FROM template t WHERE t.name = campaign.template AND t.business = s.business AND t.channel = s.channel
			AND t.category = campaign.category) THEN format('template "%s" is not of category %s', campaign.template, campaign.category)
		WHEN NOT EXISTS (SELECT FROM template t WHERE t.name = campaign.template AND t.business = s.business AND t.channel = s.channel
			AND t.category = campaign.category AND (t.status = 'approved' OR t.free_form))
			THEN format('template "%s" is not approved', campaign.template)
		WHEN EXISTS (SELECT FROM campaign_run AS run
			WHERE run.campaign_id = campaign.campaign_id AND (run.sender_id, run.category, run.channel) <> (s.sender_id, campaign.category, s.channel)
				AND EXISTS (SELECT FROM release WHERE release.run_id = run.run_id))
			THEN 'it has sent messages from another sender or in another category: submit what is left as a new campaign'
		END
	FROM sender s, audience a WHERE s.name = campaign.sender AND a.name = campaign.audience
);

-- As in 0007_publish.sql; a refusal also names the rule that decided it, where there is one.
CREATE OR REPLACE FUNCTION plan_stage() RETURNS void VOLATILE LANGUAGE plpgsql SECURITY DEFINER SET search_path = daypart, pg_temp AS $$
BEGIN
	SET LOCAL client_min_messages = warning;
	DROP TABLE IF EXISTS pg_temp.plan_slot, pg_temp.plan_move, pg_temp.plan_refusal, pg_temp.plan_unsuppress, pg_temp.plan_changed;
	CREATE TEMP TABLE plan_slot (LIKE slot) ON COMMIT DROP;
	CREATE TEMP TABLE plan_move (LIKE slot) ON COMMIT DROP;
	CREATE TEMP TABLE plan_refusal (recipient_id bigint NOT NULL, run_id int NOT NULL, bucket smallint NOT NULL, reason smallint NOT NULL,
		part smallint, rule text) ON COMMIT DROP;
	CREATE TEMP TABLE plan_unsuppress (recipient_id bigint NOT NULL, run_id int NOT NULL, bucket smallint NOT NULL) ON COMMIT DROP;
	CREATE TEMP TABLE plan_changed (bucket smallint NOT NULL, recipient_id bigint NOT NULL) ON COMMIT DROP;
	GRANT ALL ON pg_temp.plan_slot, pg_temp.plan_move, pg_temp.plan_refusal, pg_temp.plan_unsuppress TO PUBLIC;
END $$;

-- As in 0007_publish.sql, with the deciding rules.
CREATE OR REPLACE FUNCTION publish_plan(this_run int, expected_head int, seen pg_snapshot, new_part smallint, runs int[], old_runs int[])
RETURNS published VOLATILE LANGUAGE plpgsql SECURITY DEFINER SET search_path = daypart, pg_temp AS $$
DECLARE
	result published := (0, 0, 0, 0);
	source text := CASE WHEN new_part > 0 THEN format('slot_%s', new_part) ELSE 'pg_temp.plan_slot' END;
	affected bigint;
BEGIN
	IF current_setting('transaction_isolation') <> 'read committed' THEN
		RAISE EXCEPTION 'a plan is published under READ COMMITTED only' USING ERRCODE = '25001';
	END IF;
	PERFORM FROM plan_head WHERE plan_run = expected_head FOR UPDATE;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'another plan was published meanwhile' USING ERRCODE = '40001', HINT = 'Run daypart plan again.';
	END IF;
	-- Whoever changes a campaign's status holds plan_head in share mode until commit, so this is the last word.
	IF EXISTS (SELECT FROM campaign_run r JOIN campaign c USING (campaign_id)
			WHERE r.run_id = ANY (runs) AND (c.status <> 'approved' OR campaign_digest(c) <> r.campaign_hash)) THEN
		RAISE EXCEPTION 'a campaign was changed while it was planned' USING ERRCODE = '40001', HINT = 'Run daypart plan again.';
	END IF;
	PERFORM FROM bucket_gate ORDER BY bucket FOR UPDATE;

	INSERT INTO plan_changed SELECT DISTINCT bucket, recipient_id FROM permission_change
		WHERE changed_by >= pg_snapshot_xmin(seen) AND NOT pg_visible_in_snapshot(changed_by, seen);
	IF FOUND THEN
		EXECUTE format('WITH gone AS (DELETE FROM %s s USING plan_changed c WHERE (s.bucket, s.recipient_id) = (c.bucket, c.recipient_id)
				RETURNING s.recipient_id, s.run_id, s.bucket)
			INSERT INTO suppressed (recipient_id, at, run_id, plan_run, bucket, reason, kind)
			SELECT g.recipient_id, statement_timestamp(), g.run_id, $1, g.bucket, r.reason, r.kind FROM gone g, reason r WHERE r.name = ''facts_changed''
			ON CONFLICT (bucket, run_id, recipient_id) DO NOTHING', source) USING this_run;
		GET DIAGNOSTICS result.swept = ROW_COUNT;
		DELETE FROM plan_move m USING plan_changed c WHERE (m.bucket, m.recipient_id) = (c.bucket, c.recipient_id);
		DELETE FROM plan_unsuppress u USING plan_changed c WHERE (u.bucket, u.recipient_id) = (c.bucket, c.recipient_id);
	END IF;

	-- Slots that must go. One that has left meanwhile is in the ledger and stays there.
	WITH gone AS (DELETE FROM slot s USING plan_refusal p
			WHERE p.part IS NOT NULL AND (s.bucket, s.recipient_id, s.run_id, s.part) = (p.bucket, p.recipient_id, p.run_id, p.part)
			RETURNING p.recipient_id, p.run_id, p.bucket, p.reason, p.rule)
	INSERT INTO suppressed (recipient_id, at, run_id, plan_run, bucket, reason, kind, rule)
	SELECT g.recipient_id, statement_timestamp(), g.run_id, this_run, g.bucket, g.reason, r.kind, g.rule FROM gone g JOIN reason r USING (reason)
	ON CONFLICT (bucket, run_id, recipient_id) DO UPDATE SET (at, plan_run, reason, kind, rule) =
		(excluded.at, excluded.plan_run, excluded.reason, excluded.kind, excluded.rule);
	GET DIAGNOSTICS result.cancelled = ROW_COUNT;
	INSERT INTO suppressed (recipient_id, at, run_id, plan_run, bucket, reason, kind, rule)
	SELECT p.recipient_id, statement_timestamp(), p.run_id, this_run, p.bucket, p.reason, r.kind, p.rule FROM plan_refusal p JOIN reason r USING (reason)
	WHERE p.part IS NULL
	ON CONFLICT (bucket, run_id, recipient_id) DO UPDATE SET (at, plan_run, reason, kind, rule) =
		(excluded.at, excluded.plan_run, excluded.reason, excluded.kind, excluded.rule)
	WHERE NOT EXISTS (SELECT FROM plan_changed c WHERE (c.bucket, c.recipient_id) = (suppressed.bucket, suppressed.recipient_id));

	-- An update, never delete and insert: a slot that was released meanwhile must not come back.
	UPDATE slot s SET (due_at, not_after, class_id, plan_run, lane) = (m.due_at, m.not_after, m.class_id, m.plan_run, m.lane)
	FROM plan_move m WHERE (s.bucket, s.recipient_id, s.run_id, s.part) = (m.bucket, m.recipient_id, m.run_id, m.part);
	GET DIAGNOSTICS result.moved = ROW_COUNT;

	-- Nobody who is in the ledger of the run gets a second slot. A run that is new has no ledger yet.
	EXECUTE format('DELETE FROM %s s USING release l
		WHERE s.run_id = ANY ($1) AND (l.bucket, l.recipient_id, l.run_id) = (s.bucket, s.recipient_id, s.run_id)', source) USING old_runs;
	IF new_part > 0 THEN
		EXECUTE format('ALTER TABLE slot ATTACH PARTITION slot_%s FOR VALUES IN (%s)', new_part, new_part);
	ELSE
		INSERT INTO slot SELECT * FROM plan_slot ON CONFLICT DO NOTHING;
	END IF;
	DELETE FROM suppressed s USING plan_unsuppress u WHERE (s.bucket, s.run_id, s.recipient_id) = (u.bucket, u.run_id, u.recipient_id);

	UPDATE plan_head SET plan_run = this_run, checked_at = clock_timestamp();
	UPDATE plan_run SET published_at = clock_timestamp(), swept = result.swept WHERE plan_run = this_run;
	DELETE FROM permission_change WHERE changed_by < pg_snapshot_xmin(seen);
	NOTIFY daypart;
	RETURN result;
END $$;

-- As in 0003_people.sql; a person gets the language that was planned, because the law was asked about that text.
CREATE OR REPLACE FUNCTION take_outbox(max int DEFAULT 100) RETURNS TABLE (idempotency_key text, phone text, channel channel, sender text,
	sender_address text, campaign text, category category, template text, language text, body text, variables jsonb, handed_at timestamptz,
	not_after timestamptz, recipient_id bigint, run_id int) LANGUAGE plpgsql
SECURITY DEFINER SET search_path = daypart, pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
	moment timestamptz;
	kept_back int[]; -- runs of paused campaigns, and of those whose facts changed since they were planned: their rows stay
BEGIN
	PERFORM refuse(problem_positive('max', take_outbox.max));
	LOOP
		EXIT WHEN (SELECT stopped FROM control);
		moment := session_now();
		kept_back := ARRAY(SELECT run_id FROM campaign_run JOIN campaign USING (campaign_id)
			WHERE status = 'paused' OR last_at > moment AND campaign_digest(campaign) <> campaign_hash);
		RETURN QUERY
		WITH next AS MATERIALIZED (
			SELECT o.bucket, o.recipient_id, o.run_id FROM outbox AS o WHERE o.run_id <> ALL (kept_back)
			LIMIT take_outbox.max FOR UPDATE SKIP LOCKED
		), taken AS (
			DELETE FROM outbox AS o USING next
			WHERE o.bucket = next.bucket AND o.recipient_id = next.recipient_id AND o.run_id = next.run_id
			RETURNING o.*
		), judged AS MATERIALIZED (
			SELECT t.*, run.channel, run.category, run.sender_id, c.name AS campaign, c.template,
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
				CROSS JOIN LATERAL (SELECT CASE
					WHEN class.language <> ''
						THEN (SELECT v.language FROM template AS v WHERE v.name = c.template AND v.language = class.language)
					ELSE template_language(c.template, p.language) END AS language) AS chosen
				CROSS JOIN LATERAL (SELECT CASE
					WHEN c.status = 'cancelled' THEN 'campaign_cancelled'
					WHEN suppression.found THEN 'opted_out'
					WHEN consent.state = 'withdrawn' THEN 'no_consent'
					WHEN p.recipient_id IS NULL THEN 'not_a_recipient'
					WHEN t.not_after <= moment THEN 'expired'
					WHEN chosen.language IS NULL THEN 'sender_not_ready'
					WHEN lacks_variable(c.template, chosen.language, p.variables) THEN 'variable_missing'
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
