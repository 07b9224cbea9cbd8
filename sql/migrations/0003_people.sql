-- Functions through which people, their permission, the life cycle of campaigns and the outbox are written.
--
-- Whatever may take a permission away (opt-out, withdrawal, weaker evidence, another region or zone, a message sent elsewhere) follows one
-- protocol, in separate statements of a READ COMMITTED transaction, so that nothing is handed over after its commit (promise 3):
--     lock_people(people)           the people's bucket_gate rows FOR SHARE: waits for a publication that is under way
--     the fact                      INSERT or UPDATE
--     cancel_slots(people, ...)     permission_change, so that a plan with an older snapshot looks again at its publication;
--                                   then the slots, each accounted for in suppressed; waits for a claim that holds them
-- A publication locks the gates FOR UPDATE and in a later statement removes people named in permission_change since its snapshot.
--
-- All run as the owner of the tables (SECURITY DEFINER): nobody else may write them. 0005_roles.sql says who may call what.
-- Errors are those of 0001_checks.sql: message, hint, SQLSTATE 22023; a wrong isolation level is 25001.

-- The clock of this session: the database's, unless a batch verb fixed it (--now) with SET daypart.now.
CREATE FUNCTION session_now() RETURNS timestamptz VOLATILE
	RETURN coalesce(nullif(current_setting('daypart.now', true), '')::timestamptz, clock_timestamp());

-- Who a number is -------------------------------------------------------------------------------------------------------------------------

-- HMAC-SHA-256 over the decimal digits of the canonical number; the first 63 bits.
CREATE FUNCTION keyed_hash(inner_pad bytea, outer_pad bytea, phone bigint) RETURNS bigint IMMUTABLE PARALLEL SAFE
	RETURN ('x' || left(encode(sha256(outer_pad || sha256(inner_pad || convert_to(phone::text, 'UTF8'))), 'hex'), 16))::bit(64)::bigint
		>> 1 & 9223372036854775807;

-- The id of a canonical number (see canonical_phone), also of somebody who is no recipient.
CREATE FUNCTION person_id(phone bigint) RETURNS bigint LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
SECURITY DEFINER SET search_path = daypart, pg_catalog, pg_temp AS $$
DECLARE
	secret secret_key;
BEGIN
	SELECT * INTO secret FROM secret_key;
	PERFORM refuse(ROW('the installation has no key for its people', 'run: daypart init')::problem) WHERE secret.one IS NULL;
	RETURN keyed_hash(secret.inner_pad, secret.outer_pad, phone);
END $$;

-- The same for a set, with one look at the key: ids in the order of the numbers.
CREATE FUNCTION person_ids(phones bigint[]) RETURNS bigint[] LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
SECURITY DEFINER SET search_path = daypart, pg_catalog, pg_temp AS $$
DECLARE
	secret secret_key;
BEGIN
	SELECT * INTO secret FROM secret_key;
	PERFORM refuse(ROW('the installation has no key for its people', 'run: daypart init')::problem) WHERE secret.one IS NULL;
	RETURN ARRAY(SELECT keyed_hash(secret.inner_pad, secret.outer_pad, p.phone) FROM unnest(phones) WITH ORDINALITY AS p (phone, place)
		ORDER BY p.place);
END $$;

-- Once in the life of an installation: with another key every opt-out would be lost. `key` is 32 to 64 random bytes.
CREATE FUNCTION set_secret_key(key bytea) RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = daypart, pg_catalog, pg_temp AS $$
DECLARE
	pads secret_key := ROW(true, decode(repeat('36', 64), 'hex'), decode(repeat('5c', 64), 'hex'));
BEGIN
	PERFORM refuse(ROW(format('the key has %s bytes', length(key)), 'give 32 to 64 random bytes')::problem)
		WHERE coalesce(length(key), 0) NOT BETWEEN 32 AND 64;
	PERFORM refuse(ROW('the installation has its key already', 'keep it: with another key every opt-out would be lost')::problem)
		FROM secret_key;
	FOR i IN 0 .. length(key) - 1 LOOP
		pads.inner_pad := set_byte(pads.inner_pad, i, get_byte(key, i) # 54);
		pads.outer_pad := set_byte(pads.outer_pad, i, get_byte(key, i) # 92);
	END LOOP;
	INSERT INTO secret_key SELECT pads.*;
END $$;

-- Whether the key is there: a dump may have been restored without it.
CREATE FUNCTION has_secret_key() RETURNS boolean LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = daypart, pg_catalog, pg_temp AS 'SELECT EXISTS (SELECT FROM secret_key)';

-- person_id() of what a caller wrote; a missing or wrong number is refused.
CREATE FUNCTION person_of(phone text) RETURNS bigint LANGUAGE plpgsql STABLE
SET search_path = daypart, pg_catalog, pg_temp AS $$
BEGIN
	PERFORM refuse(problem_missing('phone', phone));
	RETURN person_id(canonical_phone(phone));
END $$;

-- Words of callers ------------------------------------------------------------------------------------------------------------------------

CREATE FUNCTION problem_unknown(field text, value text, cure text) RETURNS problem IMMUTABLE PARALLEL SAFE
	RETURN problem_with(field, value, 'is unknown', cure);

CREATE FUNCTION problem_region(region text) RETURNS problem STABLE
	RETURN CASE WHEN region IS NOT NULL AND NOT EXISTS (SELECT FROM region AS r WHERE r.code = problem_region.region)
		THEN problem_unknown('region', region, 'write a code of ISO 3166-1 or 3166-2, such as BR or US-CA') END;

CREATE FUNCTION problem_timezone(timezone text) RETURNS problem STABLE
	RETURN CASE WHEN timezone IS NOT NULL AND NOT EXISTS (SELECT FROM time_zone AS z WHERE z.name = problem_timezone.timezone)
		THEN problem_unknown('timezone', timezone, 'write a name of the IANA time zone database, such as America/Sao_Paulo') END;

CREATE FUNCTION problem_word(field text, value text, words text[]) RETURNS problem IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN coalesce(value <> ALL (words), true)
		THEN problem_with(field, coalesce(value, ''), 'is unknown', 'write one of ' || array_to_string(words, ', ')) END;

CREATE FUNCTION problem_channel(channel text) RETURNS problem IMMUTABLE PARALLEL SAFE
	RETURN problem_word('channel', channel, enum_range(NULL::channel)::text[]);
CREATE FUNCTION problem_category(category text) RETURNS problem IMMUTABLE PARALLEL SAFE
	RETURN problem_word('category', category, enum_range(NULL::category)::text[]);

-- A day of grace for clocks that differ; beyond it a typing error would outlive every later statement of the person.
CREATE FUNCTION problem_future(field text, at timestamptz) RETURNS problem VOLATILE
	RETURN CASE WHEN at > session_now() + interval '1 day'
		THEN problem_with(field, at::text, 'has not come yet', 'write the instant at which it happened') END;

CREATE FUNCTION problem_business(business text, business_id int) RETURNS problem IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN business_id IS NULL
		THEN problem_unknown('business', coalesce(business, ''), 'write the name of a business, or add it to table business') END;

CREATE FUNCTION business_of(business text) RETURNS int LANGUAGE plpgsql STABLE
SET search_path = daypart, pg_catalog, pg_temp AS $$
DECLARE
	id int;
BEGIN
	SELECT b.business_id INTO id FROM business AS b WHERE b.name = business;
	PERFORM refuse(problem_business(business, id));
	RETURN id;
END $$;

-- The first value that no template declares, or that does not fit each declaration of its name: F13, R-085, R-090, R-164.
CREATE FUNCTION problem_recipient_variables(variables jsonb) RETURNS problem STABLE BEGIN ATOMIC
	SELECT CASE
		WHEN jsonb_typeof(variables) <> 'object'
			THEN ROW('variables are no JSON object', 'write them as {"first_name": "Ana"}')::problem
		ELSE (SELECT p FROM (
			SELECT CASE
				WHEN declared.name IS NULL
					THEN problem_unknown('variable', given.key,
						'write a name that a template declares (see view variable), or leave it out')
				WHEN jsonb_typeof(given.value) NOT IN ('string', 'number', 'null')
					THEN problem_with('variable ' || given.key, given.value::text, 'is no single value', 'write a text or a number')
				ELSE problem_variable_value(given.key, declared.type, declared.max_length, given.value #>> '{}') END AS p
			FROM jsonb_each(CASE jsonb_typeof(variables) WHEN 'object' THEN variables END) AS given
				LEFT JOIN (SELECT v.* FROM template AS t CROSS JOIN LATERAL declared_variables(t.variables) AS v) AS declared
					ON declared.name = given.key
			ORDER BY given.key) AS judged
			WHERE (p).message IS NOT NULL
			LIMIT 1) END;
END;

-- The protocol ----------------------------------------------------------------------------------------------------------------------------

-- First statement of the protocol. In bucket order, so that two calls never wait for each other crosswise.
CREATE FUNCTION lock_people(people bigint[]) RETURNS void LANGUAGE plpgsql
SET search_path = daypart, pg_catalog, pg_temp AS $$
BEGIN
	IF current_setting('transaction_isolation') <> 'read committed' THEN
		RAISE EXCEPTION 'facts about people cannot be changed at isolation level %', current_setting('transaction_isolation')
			USING HINT = 'use READ COMMITTED: with a frozen snapshot a slot planned meanwhile would survive',
				ERRCODE = 'active_sql_transaction';
	END IF;
	PERFORM FROM bucket_gate AS g WHERE g.bucket IN (SELECT bucket_of(p) FROM unnest(people) AS p) ORDER BY g.bucket FOR SHARE;
END $$;

-- Every gate, in order: for a transaction that will change many people in several calls, so that it never waits for a publication with some
-- gates in hand.
CREATE FUNCTION lock_every_gate() RETURNS void LANGUAGE sql
SECURITY DEFINER SET search_path = daypart, pg_catalog, pg_temp AS 'SELECT FROM bucket_gate ORDER BY bucket FOR SHARE';

-- Last statements of the protocol: the people's slots within the scope (business 0, 'all', 'all': everything) become rows of `suppressed`.
-- Returns how many.
CREATE FUNCTION cancel_slots(people bigint[], business_id int, channel text, category text, why text) RETURNS bigint LANGUAGE plpgsql
SET search_path = daypart, pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
	verdict reason;
	moment timestamptz := session_now();
	count bigint;
BEGIN
	SELECT * INTO STRICT verdict FROM reason WHERE name = why;
	INSERT INTO permission_change (recipient_id, bucket) SELECT p, bucket_of(p) FROM unnest(people) AS p ON CONFLICT DO NOTHING;
	-- A part attached since this transaction first touched `slot` is invisible to it (PostgreSQL re-reads a partition list only when it
	-- takes a lock it does not hold yet): the second opt-out of a transaction would miss it. Walking the tree takes such a lock.
	PERFORM FROM pg_partition_tree('slot');
	WITH gone AS (
		DELETE FROM slot USING unnest(people) AS person, campaign_run AS run
		WHERE slot.bucket = bucket_of(person) AND slot.recipient_id = person AND run.run_id = slot.run_id
			AND cancel_slots.business_id IN (0, run.business_id)
			AND cancel_slots.channel IN ('all', run.channel::text)
			AND cancel_slots.category IN ('all', run.category::text)
		RETURNING slot.recipient_id, slot.run_id, slot.bucket)
	INSERT INTO suppressed AS s (recipient_id, at, run_id, plan_run, bucket, reason, kind)
	SELECT recipient_id, moment, run_id, 0, bucket, verdict.reason, verdict.kind FROM gone
	ON CONFLICT (bucket, recipient_id, run_id) DO UPDATE
		SET at = excluded.at, plan_run = excluded.plan_run, reason = excluded.reason, kind = excluded.kind, rule = NULL;
	GET DIAGNOSTICS count = ROW_COUNT;
	RETURN count;
END $$;

-- Recipients and audiences ----------------------------------------------------------------------------------------------------------------

-- Adds a person, or changes what is known: NULL leaves a value as it is, a JSON null removes a variable. Returns recipient_id.
CREATE FUNCTION add_recipient(phone text, region text DEFAULT NULL, timezone text DEFAULT NULL, language text DEFAULT NULL,
	source text DEFAULT NULL, variables jsonb DEFAULT NULL) RETURNS bigint LANGUAGE plpgsql
SECURITY DEFINER SET search_path = daypart, pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
	person bigint := person_of(phone);
	number bigint := canonical_phone(phone);
	known recipient;
BEGIN
	PERFORM refuse(problem_region(region)), refuse(problem_timezone(timezone)), refuse(problem_language(language)),
		refuse(problem_recipient_variables(variables));
	PERFORM lock_people(ARRAY[person]);
	INSERT INTO recipient (recipient_id, phone, added_at, bucket, region, timezone, language, source, variables)
	VALUES (person, number, session_now(), bucket_of(person), add_recipient.region, add_recipient.timezone, add_recipient.language,
		add_recipient.source, nullif(jsonb_strip_nulls(add_recipient.variables), '{}'))
	ON CONFLICT (bucket, recipient_id) DO NOTHING;
	SELECT * INTO known FROM recipient AS r WHERE r.bucket = bucket_of(person) AND r.recipient_id = person FOR UPDATE;
	PERFORM refuse(ROW(format('the id of phone "%s" belongs to another number', add_recipient.phone),
		'this person cannot be written: two numbers have one keyed hash')::problem) WHERE known.phone <> number;
	UPDATE recipient AS r SET region = coalesce(add_recipient.region, r.region), timezone = coalesce(add_recipient.timezone, r.timezone),
		language = coalesce(add_recipient.language, r.language), source = coalesce(add_recipient.source, r.source),
		variables = nullif(jsonb_strip_nulls(coalesce(r.variables, '{}') || coalesce(add_recipient.variables, '{}')), '{}')
	WHERE r.bucket = bucket_of(person) AND r.recipient_id = person;
	IF add_recipient.region <> coalesce(known.region, '') OR add_recipient.timezone <> coalesce(known.timezone, '') THEN
		PERFORM cancel_slots(ARRAY[person], 0, 'all', 'all', 'facts_changed');
	END IF;
	RETURN person;
END $$;

CREATE FUNCTION problem_stranger(phone text) RETURNS problem IMMUTABLE PARALLEL SAFE
	RETURN problem_with('phone', phone, 'is no recipient', 'add the person first: add_recipient(phone, ...), or import recipients');

CREATE FUNCTION add_member(audience text, phone text) RETURNS bigint LANGUAGE plpgsql
SECURITY DEFINER SET search_path = daypart, pg_catalog, pg_temp AS $$
DECLARE
	person bigint := person_of(phone);
	id int;
BEGIN
	SELECT a.audience_id INTO id FROM audience AS a WHERE a.name = audience;
	PERFORM refuse(problem_unknown('audience', coalesce(audience, ''), 'write the name of an audience, or add it to table audience'))
		WHERE id IS NULL;
	PERFORM refuse(problem_stranger(phone))
		WHERE NOT EXISTS (SELECT FROM recipient AS r WHERE r.bucket = bucket_of(person) AND r.recipient_id = person);
	INSERT INTO audience_member (recipient_id, audience_id, bucket) VALUES (person, id, bucket_of(person)) ON CONFLICT DO NOTHING;
	RETURN person;
END $$;

-- Consent ---------------------------------------------------------------------------------------------------------------------------------

-- The facts present in a record, as bits of table evidence_bit. Whether they suffice is the rulebook's business.
CREATE FUNCTION consent_evidence(event consent_event) RETURNS int STABLE BEGIN ATOMIC
	SELECT coalesce(sum(1 << b.bit), 0)::int
	FROM evidence_bit AS b
		JOIN (VALUES ('time', event.given_at IS NOT NULL), ('method', event.method <> ''), ('wording', event.wording <> ''),
			('supplied_by_person', event.supplied_by_person), ('ip', event.ip IS NOT NULL), ('signature', event.signature <> ''),
			('tax_id', event.tax_id <> ''), ('source', event.source <> ''), ('confirmation', event.confirmed_at IS NOT NULL),
			('document', event.document <> '')) AS fact (name, present) ON fact.name = b.name AND fact.present;
END;

-- The same statement of the same person twice is one event. Instants count as numbers: their text depends on the session.
CREATE FUNCTION consent_digest(event consent_event) RETURNS bytea IMMUTABLE PARALLEL SAFE
	RETURN sha256(convert_to(jsonb_build_array(event.state, extract(epoch FROM event.given_at), extract(epoch FROM event.confirmed_at),
		event.supplied_by_person, event.method, event.wording, event.ip, event.signature, event.tax_id, event.source,
		event.document)::text, 'UTF8'));

-- Appends the event and, unless a newer statement of the person is known, makes it the current state. At one instant a withdrawal wins.
-- A grant that shows less evidence than the one it replaces takes permission away as a withdrawal does, until the next plan has looked.
CREATE FUNCTION store_consent(event consent_event) RETURNS void LANGUAGE plpgsql
SET search_path = daypart, pg_catalog, pg_temp AS $$
DECLARE
	facts int := consent_evidence(event);
	known consent;
BEGIN
	event.digest := consent_digest(event);
	PERFORM lock_people(ARRAY[event.recipient_id]);
	INSERT INTO consent (recipient_id, given_at, business_id, evidence, channel, category, state, bucket)
	VALUES (event.recipient_id, event.given_at, event.business_id, facts, event.channel, event.category, event.state, event.bucket)
	ON CONFLICT DO NOTHING;
	SELECT * INTO known FROM consent AS c
	WHERE c.bucket = event.bucket AND c.business_id = event.business_id AND c.channel = event.channel AND c.category = event.category
		AND c.recipient_id = event.recipient_id
	FOR UPDATE;
	IF EXISTS (SELECT FROM consent_event AS e WHERE e.bucket = event.bucket AND e.recipient_id = event.recipient_id
		AND e.business_id = event.business_id AND e.channel = event.channel AND e.category = event.category
		AND e.digest = event.digest) THEN
		RETURN;
	END IF;
	INSERT INTO consent_event SELECT event.*;
	IF coalesce(event.given_at, '-infinity') < coalesce(known.given_at, '-infinity')
		OR event.given_at = known.given_at AND event.state = 'granted' AND known.state = 'withdrawn' THEN
		RETURN;
	END IF;
	UPDATE consent AS c SET given_at = event.given_at, evidence = facts, state = event.state
	WHERE c.bucket = event.bucket AND c.business_id = event.business_id AND c.channel = event.channel AND c.category = event.category
		AND c.recipient_id = event.recipient_id;
	IF event.state = 'withdrawn' THEN
		PERFORM cancel_slots(ARRAY[event.recipient_id], event.business_id, event.channel::text, event.category::text, 'no_consent');
	ELSIF known.evidence & ~facts <> 0 THEN
		PERFORM cancel_slots(ARRAY[event.recipient_id], event.business_id, event.channel::text, event.category::text, 'facts_changed');
	END IF;
END $$;

CREATE FUNCTION record_consent(phone text, business text, channel text, category text DEFAULT 'marketing',
	given_at timestamptz DEFAULT NULL, method text DEFAULT NULL, wording text DEFAULT NULL, supplied_by_person boolean DEFAULT NULL, ip inet DEFAULT NULL,
	signature text DEFAULT NULL, tax_id text DEFAULT NULL, source text DEFAULT NULL, confirmed_at timestamptz DEFAULT NULL,
	document text DEFAULT NULL) RETURNS bigint LANGUAGE plpgsql
SECURITY DEFINER SET search_path = daypart, pg_catalog, pg_temp AS $$
DECLARE
	event consent_event;
BEGIN
	PERFORM refuse(problem_channel(channel)), refuse(problem_category(category)), refuse(problem_future('given_at', given_at)),
		refuse(problem_future('confirmed_at', confirmed_at));
	event.recipient_id := person_of(phone);
	event.bucket := bucket_of(event.recipient_id);
	event.recorded_at := session_now();
	event.business_id := business_of(business);
	event.channel := channel;
	event.category := category;
	event.state := 'granted';
	event.given_at := given_at;
	event.confirmed_at := confirmed_at;
	event.supplied_by_person := supplied_by_person;
	event.method := method;
	event.wording := wording;
	event.ip := ip;
	event.signature := signature;
	event.tax_id := tax_id;
	event.source := source;
	event.document := document;
	PERFORM store_consent(event);
	RETURN event.recipient_id;
END $$;

-- R-115. A withdrawal without an instant is one of now.
CREATE FUNCTION withdraw_consent(phone text, business text, channel text, category text DEFAULT 'marketing', at timestamptz DEFAULT NULL,
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
	RETURN event.recipient_id;
END $$;

-- Opt-out and what people write back ------------------------------------------------------------------------------------------------------

-- R-113 to R-116: for good, on or off the channel, also for people who are no recipients (yet). business NULL or 'all' is every business.
CREATE FUNCTION opt_out(phone text, business text DEFAULT 'all', channel text DEFAULT 'all', category text DEFAULT 'all',
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
	RETURN person;
END $$;

-- Stores a message that came in. An opt-out keyword opts the person out of everything the sender's business sends, on every channel, in the
-- same transaction (R-112, R-114, R-116). Returns the keyword, or NULL. Providers give ids without a plus sign: put it before them.
CREATE FUNCTION receive(sender text, phone text, text text, at timestamptz DEFAULT NULL) RETURNS text LANGUAGE plpgsql
SECURITY DEFINER SET search_path = daypart, pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
	person bigint := person_of(phone);
	line sender;
	found_keyword text;
	moment timestamptz := coalesce(receive.at, session_now());
BEGIN
	SELECT * INTO line FROM sender AS s WHERE s.name = receive.sender;
	PERFORM refuse(problem_unknown('sender', coalesce(receive.sender, ''), 'write the name of a sender, or add it to table sender'))
		WHERE line.name IS NULL;
	SELECT k.keyword INTO found_keyword FROM opt_out_keyword AS k WHERE k.keyword = normalise_keyword(receive.text);
	INSERT INTO inbound (recipient_id, at, sender_id, bucket, text, keyword, digest)
	VALUES (person, moment, line.sender_id, bucket_of(person), coalesce(receive.text, ''), found_keyword,
		sha256(convert_to(coalesce(receive.text, ''), 'UTF8')))
	ON CONFLICT DO NOTHING;
	IF found_keyword IS NOT NULL THEN
		PERFORM opt_out(receive.phone, line.business, 'all', 'all', moment, 'keyword ' || found_keyword);
	END IF;
	RETURN found_keyword;
END $$;

-- A message sent in the past or by another system. It uses up caps, so the business's own slots for the person wait for the next plan.
CREATE FUNCTION record_send(phone text, business text, channel text, category text, sent_at timestamptz, reference text DEFAULT '')
RETURNS bigint LANGUAGE plpgsql
SECURITY DEFINER SET search_path = daypart, pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
	person bigint := person_of(phone);
	id int := business_of(business);
	added int;
BEGIN
	PERFORM refuse(problem_channel(record_send.channel)), refuse(problem_category(record_send.category)),
		refuse(problem_missing('sent_at', record_send.sent_at::text)), refuse(problem_future('sent_at', record_send.sent_at));
	PERFORM lock_people(ARRAY[person]);
	INSERT INTO outside_send (recipient_id, sent_at, business_id, channel, category, bucket, reference)
	VALUES (person, record_send.sent_at, id, record_send.channel::channel, record_send.category::category, bucket_of(person),
		coalesce(record_send.reference, ''))
	ON CONFLICT DO NOTHING
	RETURNING 1 INTO added;
	IF added IS NOT NULL THEN
		PERFORM cancel_slots(ARRAY[person], id, 'all', 'all', 'facts_changed');
	END IF;
	RETURN person;
END $$;

-- Life cycle ------------------------------------------------------------------------------------------------------------------------------

-- All queued messages of a cancelled campaign, in one statement. Scans the lane's slots; waits for a claim that holds some.
CREATE FUNCTION cancel_campaign_slots(id int) RETURNS void LANGUAGE plpgsql
SET search_path = daypart, pg_catalog, pg_temp AS $$
DECLARE
	verdict reason;
	moment timestamptz := session_now();
BEGIN
	SELECT * INTO STRICT verdict FROM reason AS r WHERE r.name = 'campaign_cancelled';
	PERFORM FROM pg_partition_tree('slot'); -- see cancel_slots()
	WITH gone AS (
		DELETE FROM slot AS s USING campaign_run AS run
		WHERE run.campaign_id = id AND s.lane = run.sender_id AND s.run_id = run.run_id
		RETURNING s.recipient_id, s.run_id, s.bucket)
	INSERT INTO suppressed (recipient_id, at, run_id, plan_run, bucket, reason, kind)
	SELECT g.recipient_id, moment, g.run_id, 0, g.bucket, verdict.reason, verdict.kind FROM gone AS g
	ON CONFLICT (bucket, recipient_id, run_id) DO UPDATE
		SET at = excluded.at, plan_run = excluded.plan_run, reason = excluded.reason, kind = excluded.kind, rule = NULL;
END $$;

-- The one function that changes a campaign's status, along campaign_transition. plan_head is locked FOR SHARE first: a publication that
-- comes later sees the new status, one that came before is seen here.
CREATE FUNCTION campaign_set_status(name text, new_status text, note text DEFAULT NULL) RETURNS void LANGUAGE plpgsql
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
	PERFORM refuse(ROW(format('campaign "%s" cannot be approved: %s', subject.name, campaign_problem(subject)),
		'correct it, then approve')::problem)
	WHERE subject.status = 'draft' AND new_status = 'approved' AND campaign_problem(subject) IS NOT NULL;
	UPDATE campaign AS c SET status = new_status::campaign_status WHERE c.campaign_id = subject.campaign_id;
	INSERT INTO campaign_event (campaign_id, status, by_whom, note)
	VALUES (subject.campaign_id, new_status::campaign_status, session_user, campaign_set_status.note);
	IF new_status = 'cancelled' THEN
		PERFORM cancel_campaign_slots(subject.campaign_id);
	END IF;
	NOTIFY daypart;
END $$;

-- The one row that every claim reads. NOTIFY is a hint; the daemon reads the row at every claim anyway.
CREATE FUNCTION set_stopped(stop boolean) RETURNS void LANGUAGE plpgsql
SET search_path = daypart, pg_catalog, pg_temp AS $$
BEGIN
	UPDATE control AS c SET stopped = stop, changed_by = session_user, changed_at = now() WHERE c.stopped <> stop;
	NOTIFY daypart;
END $$;
CREATE FUNCTION stop_all() RETURNS void LANGUAGE sql
SECURITY DEFINER SET search_path = daypart, pg_catalog, pg_temp AS 'SELECT set_stopped(true)';
CREATE FUNCTION start_all() RETURNS void LANGUAGE sql
SECURITY DEFINER SET search_path = daypart, pg_catalog, pg_temp AS 'SELECT set_stopped(false)';

-- The ledger and the outbox ---------------------------------------------------------------------------------------------------------------

-- Makes sure that the ledger has a part for this run; 256 runs share one. The part is made beside the ledger and then attached, which
-- blocks neither readers nor claims. The lock lets one caller at a time look and make.
CREATE FUNCTION ensure_release_part(run_id int) RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = daypart, pg_catalog, pg_temp AS $$
DECLARE
	runs_per_part constant int := 256;
	first_run int := run_id - run_id % runs_per_part;
	part text := format('release_%s', first_run);
BEGIN
	IF to_regclass(part) IS NOT NULL THEN
		RETURN;
	END IF;
	LOCK TABLE release IN SHARE UPDATE EXCLUSIVE MODE;
	IF to_regclass(part) IS NULL THEN
		EXECUTE format('CREATE TABLE %I (LIKE release INCLUDING ALL)', part);
		EXECUTE format('ALTER TABLE release ATTACH PARTITION %I FOR VALUES FROM (%s) TO (%s)', part, first_run, first_run + runs_per_part);
	END IF;
END $$;

-- Which language of a template a person gets: their own, else its shorter forms (pt-BR, pt), else another form of it (pt-PT), else the
-- template's oldest. Approved ones come first.
CREATE FUNCTION template_language(template text, wanted text) RETURNS text STABLE BEGIN ATOMIC
	SELECT t.language FROM template AS t
	WHERE t.name = template_language.template
	ORDER BY t.status = 'approved' DESC, t.language IS NOT DISTINCT FROM wanted DESC,
		CASE WHEN starts_with(wanted, t.language || '-') THEN length(t.language) ELSE 0 END DESC,
		coalesce(split_part(t.language, '-', 1) = split_part(wanted, '-', 1), false) DESC, t.created_at, t.language
	LIMIT 1;
END;

-- True when the body names a variable for which the person has no value.
CREATE FUNCTION lacks_variable(template text, language text, variables jsonb) RETURNS boolean STABLE BEGIN ATOMIC
	SELECT EXISTS (SELECT FROM template AS t CROSS JOIN LATERAL declared_variables(t.variables) AS v
		WHERE t.name = lacks_variable.template AND t.language = lacks_variable.language
			AND strpos(t.body, '{{' || v.name || '}}') > 0 AND coalesce(lacks_variable.variables ->> v.name, '') = '');
END;

-- The consumer's contract. In a loop: BEGIN; SELECT * FROM take_outbox(100); send; COMMIT.
--   - A row is one consumer's (SKIP LOCKED) and gone when that consumer commits. If it dies before, the rows come again: give the provider
--     idempotency_key, which is the same every time for one campaign run and person, or commit before sending and lose what a crash loses.
--   - Send before not_after, drop the row after it. Rows already past it are dropped here, and so are rows of people who since then
--     opted out, withdrew their consent or were erased; table outbox_dropped names each. Keep transactions short.
--   - No rows: nothing to do now. Rows come about in the order in which they were handed over.
CREATE FUNCTION take_outbox(max int DEFAULT 100) RETURNS TABLE (idempotency_key text, phone text, channel channel, sender text,
	sender_address text, campaign text, category category, template text, language text, body text, variables jsonb, handed_at timestamptz,
	not_after timestamptz, recipient_id bigint, run_id int) LANGUAGE plpgsql
SECURITY DEFINER SET search_path = daypart, pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
	moment timestamptz;
	kept_back int[]; -- runs of paused campaigns: their rows stay
BEGIN
	PERFORM refuse(problem_positive('max', take_outbox.max));
	LOOP
		EXIT WHEN (SELECT stopped FROM control);
		moment := session_now();
		kept_back := ARRAY(SELECT run_id FROM campaign_run JOIN campaign USING (campaign_id) WHERE status = 'paused');
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
				template_language(c.template, p.language) AS language, p.phone, p.variables, why.name AS why
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
				CROSS JOIN LATERAL (SELECT CASE
					WHEN c.status = 'cancelled' THEN 'campaign_cancelled'
					WHEN suppression.found THEN 'opted_out'
					WHEN consent.state = 'withdrawn' THEN 'no_consent'
					WHEN p.recipient_id IS NULL THEN 'not_a_recipient'
					WHEN t.not_after <= moment THEN 'expired'
					WHEN template_language(c.template, p.language) IS NULL THEN 'sender_not_ready'
					WHEN lacks_variable(c.template, template_language(c.template, p.language), p.variables) THEN 'variable_missing'
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
