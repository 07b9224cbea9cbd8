-- People and their consent: what a consent shows beyond its own fields, words that never count, refusals, approved wordings.

-- Facts of exceptions in overlays (P-60 and others). NULL: not known.
ALTER TABLE consent_event
	ADD customer_reference text,
	ADD night_hours boolean;

-- Evidence --------------------------------------------------------------------------------------------------------------------------------

CREATE FUNCTION consent_word_meaning(word text) RETURNS text STABLE
	RETURN (SELECT w.meaning FROM consent_word AS w WHERE w.word = normalise_keyword(consent_word_meaning.word));

-- What follows from an approved wording: F4. A consent cites one by its name or by exactly its text; the wording must be about messages of the
-- consent's kind. Languages of one name show the same, approve_wording() sees to it.
CREATE FUNCTION wording_facts(business_id int, wording text, channel channel, category category) RETURNS text[] LANGUAGE plpgsql STABLE
SET search_path = daypart, pg_catalog, pg_temp AS $$
BEGIN
	RETURN (SELECT array_remove(ARRAY[
			CASE WHEN count(*) > 0 THEN 'approved_wording' END,
			CASE WHEN bool_or(wording_facts.channel = ANY (w.names_channels)) THEN 'names_channel' END,
			CASE WHEN bool_or(w.names_business) THEN 'names_business' END,
			CASE WHEN bool_or(w.says_marketing) THEN 'says_marketing' END,
			CASE WHEN bool_or(w.privacy_policy_url <> '' AND w.privacy_policy_version <> '') THEN 'privacy_notice' END], NULL)
		FROM business AS b JOIN wording AS w ON w.business = b.name
		WHERE b.business_id = wording_facts.business_id AND w.approved_at IS NOT NULL AND wording_facts.wording IN (w.name, w.body)
			AND wording_facts.category = ANY (w.kinds));
END $$;

-- Begun by a message that came in, and not confirmed afterwards: good for replies only (R-025, R-026). Without a method nobody knows. By a word that
-- never counts: it shows nothing; such a consent was recorded before the rulebook knew the word (R-017 to R-020). plpgsql, because its plans are kept.
CREATE OR REPLACE FUNCTION consent_evidence(event consent_event) RETURNS int LANGUAGE plpgsql STABLE
SET search_path = daypart, pg_catalog, pg_temp AS $$
DECLARE
	facts text[] := CASE WHEN event.wording <> '' THEN wording_facts(event.business_id, event.wording, event.channel, event.category) END;
	method text := (SELECT w.meaning FROM consent_word AS w WHERE w.word = normalise_keyword(event.method));
	source text := (SELECT w.meaning FROM consent_word AS w WHERE w.word = normalise_keyword(event.source));
BEGIN
	IF method IN ('refused', 'purchased') OR source IN ('refused', 'purchased') THEN
		RETURN 0;
	END IF;
	facts := facts || array_remove(ARRAY[
		CASE WHEN event.given_at IS NOT NULL THEN 'time' END,
		CASE WHEN event.method <> '' THEN 'method' END,
		CASE WHEN event.wording <> '' THEN 'wording' END,
		CASE WHEN event.supplied_by_person THEN 'supplied_by_person' END,
		CASE WHEN event.ip IS NOT NULL THEN 'ip' END,
		CASE WHEN event.signature <> '' THEN 'signature' END,
		CASE WHEN event.tax_id <> '' THEN 'tax_id' END,
		CASE WHEN event.source <> '' THEN 'source' END,
		CASE WHEN event.confirmed_at IS NOT NULL THEN 'confirmation' END,
		CASE WHEN event.document <> '' THEN 'document' END,
		CASE WHEN event.customer_reference <> '' THEN 'customer' END,
		CASE WHEN event.night_hours THEN 'night_hours' END,
		CASE WHEN event.confirmed_at IS NOT NULL OR event.method <> '' AND method IS DISTINCT FROM 'inbound' THEN 'intent_confirmed' END,
		CASE WHEN event.document <> '' OR event.method <> '' AND 'offline' NOT IN (coalesce(method, ''), coalesce(source, '')) THEN 'paper_kept' END],
		NULL);
	RETURN (SELECT coalesce(sum(1 << b.bit), 0) FROM evidence_bit AS b WHERE b.name = ANY (facts));
END $$;

-- The facts that came later are left out when they are absent, so that what was recorded before keeps its digest.
CREATE OR REPLACE FUNCTION consent_digest(event consent_event) RETURNS bytea IMMUTABLE PARALLEL SAFE
	RETURN sha256(convert_to((jsonb_build_array(event.state, extract(epoch FROM event.given_at), extract(epoch FROM event.confirmed_at),
		event.supplied_by_person, event.method, event.wording, event.ip, event.signature, event.tax_id, event.source, event.document)
		|| CASE WHEN event.customer_reference IS NULL AND event.night_hours IS NULL THEN '[]'
			ELSE jsonb_build_array(event.customer_reference, event.night_hours) END)::text, 'UTF8'));

-- The same for many, in their order. Few events differ in what decides, so consent_evidence() is asked once for each kind of them; words and wordings
-- are looked up once each, and those that mean nothing are all alike.
CREATE FUNCTION evidence_of(events consent_event[]) RETURNS int[] LANGUAGE plpgsql STABLE
SET search_path = daypart, pg_catalog, pg_temp AS $$
BEGIN
	RETURN ARRAY(
		WITH event AS MATERIALIZED (
			SELECT row_number() OVER () AS place, e.event FROM (SELECT unnest(events) AS event OFFSET 0) AS e
		), word AS MATERIALIZED (
			SELECT g.value, w.meaning
			FROM (SELECT DISTINCT f.value FROM event AS e CROSS JOIN LATERAL (VALUES ((e.event).method), ((e.event).source)) AS f (value)
					WHERE f.value <> '' OFFSET 0) AS g
				JOIN consent_word AS w ON w.word = normalise_keyword(g.value)
		), citable AS MATERIALIZED (
			SELECT DISTINCT b.business_id, v.text
			FROM wording AS w JOIN business AS b ON b.name = w.business CROSS JOIN LATERAL (VALUES (w.name), (w.body)) AS v (text)
			WHERE w.approved_at IS NOT NULL
		), shaped AS MATERIALIZED (
			SELECT e.place, e.event, concat_ws('|', (e.event).business_id, (e.event).channel, (e.event).category, (e.event).given_at IS NULL,
					coalesce((e.event).supplied_by_person, false), (e.event).ip IS NULL, coalesce((e.event).signature, '') = '',
					coalesce((e.event).tax_id, '') = '', (e.event).confirmed_at IS NULL, coalesce((e.event).document, '') = '',
					coalesce((e.event).customer_reference, '') = '', coalesce((e.event).night_hours, false),
					coalesce((e.event).method, '') = '', coalesce(method.meaning, '-'), coalesce((e.event).source, '') = '',
					coalesce(source.meaning, '-'), coalesce((e.event).wording, '') = '', cited.text) AS shape
			FROM event AS e LEFT JOIN word AS method ON method.value = (e.event).method LEFT JOIN word AS source ON source.value = (e.event).source
				LEFT JOIN citable AS cited ON cited.business_id = (e.event).business_id AND cited.text = (e.event).wording
		), shown AS MATERIALIZED (
			SELECT k.shape, consent_evidence(k.event) AS evidence
			FROM (SELECT DISTINCT ON (s.shape) s.shape, s.event FROM shaped AS s ORDER BY s.shape OFFSET 0) AS k
		)
		SELECT k.evidence FROM shaped AS s JOIN shown AS k USING (shape) ORDER BY s.place);
END $$;

-- The events on which the consents of a business (NULL: of all) in some buckets rest. Of one consent there can be several, when they were recorded
-- at one instant and about one instant: it shows what each of them shows.
CREATE FUNCTION consents_in_force(business_id int, first_bucket int DEFAULT 0, last_bucket int DEFAULT 1023) RETURNS SETOF consent_event STABLE
BEGIN ATOMIC
	SELECT e.*
	FROM consent AS c
		JOIN consent_event AS e ON e.bucket = c.bucket AND e.recipient_id = c.recipient_id AND e.business_id = c.business_id
			AND e.channel = c.channel AND e.category = c.category AND e.state = c.state AND e.given_at IS NOT DISTINCT FROM c.given_at
	WHERE c.bucket BETWEEN first_bucket AND last_bucket
		AND (consents_in_force.business_id IS NULL OR c.business_id = consents_in_force.business_id)
		AND NOT EXISTS (SELECT FROM consent_event AS l
			WHERE l.bucket = e.bucket AND l.recipient_id = e.recipient_id AND l.business_id = e.business_id AND l.channel = e.channel
				AND l.category = e.category AND l.state = e.state AND l.given_at IS NOT DISTINCT FROM e.given_at
				AND l.recorded_at > e.recorded_at);
END;

-- The consents of one bucket, as their events show now. Returns how many changed, and the people who lost by it.
CREATE FUNCTION refresh_bucket(of_bucket int, OUT changed bigint, OUT weaker bigint[]) LANGUAGE plpgsql
SET search_path = daypart, pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
	events consent_event[] := ARRAY(SELECT e FROM consents_in_force(NULL, of_bucket, of_bucket) AS e);
BEGIN
	WITH shown AS MATERIALIZED (
		SELECT (s.event).bucket, (s.event).recipient_id, (s.event).business_id, (s.event).channel, (s.event).category, bit_and(s.evidence) AS evidence
		FROM (SELECT unnest(events) AS event, unnest(evidence_of(events)) AS evidence) AS s GROUP BY 1, 2, 3, 4, 5
	), fresh AS (
		UPDATE consent AS c SET evidence = s.evidence
		FROM shown AS s JOIN consent AS old USING (bucket, recipient_id, business_id, channel, category)
		WHERE c.bucket = s.bucket AND c.business_id = s.business_id AND c.channel = s.channel AND c.category = s.category
			AND c.recipient_id = s.recipient_id AND c.evidence <> s.evidence
		RETURNING c.recipient_id, old.evidence & ~c.evidence <> 0 AS weaker)
	SELECT count(*), array_agg(DISTINCT f.recipient_id) FILTER (WHERE f.weaker) INTO refresh_bucket.changed, refresh_bucket.weaker FROM fresh AS f;
END $$;

-- After the words changed (init, rules load): every consent shows again what its event shows. What shows less than before is not sent to until
-- the next plan has looked. Returns how many changed.
CREATE FUNCTION refresh_evidence() RETURNS bigint LANGUAGE plpgsql
SECURITY DEFINER SET search_path = daypart, pg_catalog, pg_temp AS $$
DECLARE
	total bigint := 0;
	part record;
BEGIN
	PERFORM lock_every_gate();
	FOR part IN SELECT r.* FROM generate_series(0, 1023) AS b CROSS JOIN LATERAL refresh_bucket(b) AS r WHERE r.changed > 0 LOOP
		total := total + part.changed;
		PERFORM cancel_slots(part.weaker, 0, 'all', 'all', 'facts_changed') WHERE part.weaker IS NOT NULL;
	END LOOP;
	RETURN total;
END $$;

-- Words that never count ------------------------------------------------------------------------------------------------------------------

-- R-017 to R-020, R-052.
CREATE FUNCTION problem_consent_word(field text, value text) RETURNS problem STABLE
	RETURN (SELECT CASE w.meaning
			WHEN 'purchased' THEN problem_with(field, value, format('never counts (rule %s): numbers that were bought, rented or scraped are not stored',
				w.rule), 'leave these people out; ask people yourself, in a way that counts')
			ELSE problem_with(field, value, format('never counts as consent (rule %s)', w.rule),
				'ask the person again, in a way that counts, or leave the row out') END
		FROM consent_word AS w WHERE w.word = normalise_keyword(value) AND w.meaning IN ('refused', 'purchased'));

-- Whether a source is of the kind of which nothing is kept.
CREATE FUNCTION problem_contact_source(source text) RETURNS problem STABLE
	RETURN CASE WHEN consent_word_meaning(source) = 'purchased' THEN problem_consent_word('source', source) END;

-- As in 0001_checks.sql; a missing value is fine whatever the type, so a JSON null removes a date too.
CREATE OR REPLACE FUNCTION problem_variable_value(name text, type text, max_length int, value text) RETURNS problem IMMUTABLE PARALLEL SAFE
	RETURN CASE
		WHEN value IS NULL THEN NULL
		WHEN length(value) > max_length
			THEN problem_with('variable ' || name, value, format('is longer than %s characters', max_length), 'shorten it')
		WHEN value ~ '[[:cntrl:]]' THEN problem_with('variable ' || name, value, 'holds a line break or control character',
			'write it on one line')
		WHEN type = 'number' AND value !~ '^-?[0-9]+([.,][0-9]+)*$'
			THEN problem_with('variable ' || name, value, 'is no number', 'write digits, such as 1250 or 12.50')
		WHEN type = 'date' AND campaign_clock(value || ' 00:00 local') IS NULL
			THEN problem_with('variable ' || name, value, 'is no date', 'write it as 2026-11-23')
		WHEN type = 'url' AND value !~ '^https?://[^[:space:]]+$'
			THEN problem_with('variable ' || name, value, 'is no address', 'write it with https://') END;

-- Recipients ------------------------------------------------------------------------------------------------------------------------------

-- As in 0003_people.sql. The rendered text was judged when the message was planned, so other values or another language ask for a new look.
CREATE OR REPLACE FUNCTION add_recipient(phone text, region text DEFAULT NULL, timezone text DEFAULT NULL, language text DEFAULT NULL,
	source text DEFAULT NULL, variables jsonb DEFAULT NULL) RETURNS bigint LANGUAGE plpgsql
SECURITY DEFINER SET search_path = daypart, pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
	person bigint := person_of(phone);
	number bigint := canonical_phone(phone);
	known recipient;
	fresh recipient;
BEGIN
	PERFORM refuse(problem_region(region)), refuse(problem_timezone(timezone)), refuse(problem_language(language)),
		refuse(problem_contact_source(source)), refuse(problem_recipient_variables(variables));
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
	WHERE r.bucket = bucket_of(person) AND r.recipient_id = person
	RETURNING * INTO fresh;
	IF (fresh.region, fresh.timezone, fresh.language, fresh.variables) IS DISTINCT FROM (known.region, known.timezone, known.language, known.variables)
	THEN
		PERFORM cancel_slots(ARRAY[person], 0, 'all', 'all', 'facts_changed');
	END IF;
	RETURN person;
END $$;

-- Consent ---------------------------------------------------------------------------------------------------------------------------------

-- As in 0003_people.sql. A wording that the consent cites and that is being approved at this moment is waited for, so that its facts are not
-- missed by both.
CREATE OR REPLACE FUNCTION store_consent(event consent_event) RETURNS void LANGUAGE plpgsql
SET search_path = daypart, pg_catalog, pg_temp AS $$
DECLARE
	facts int;
	known consent;
BEGIN
	PERFORM FROM wording AS w JOIN business AS b ON b.name = w.business
	WHERE b.business_id = event.business_id AND w.approved_at IS NULL AND event.wording IN (w.name, w.body)
	FOR SHARE OF w;
	facts := consent_evidence(event);
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

DROP FUNCTION record_consent(text, text, text, text, timestamptz, text, text, boolean, inet, text, text, text, timestamptz, text);
CREATE FUNCTION record_consent(phone text, business text, channel text, category text DEFAULT 'marketing',
	given_at timestamptz DEFAULT NULL, method text DEFAULT NULL, wording text DEFAULT NULL, supplied_by_person boolean DEFAULT NULL, ip inet DEFAULT NULL,
	signature text DEFAULT NULL, tax_id text DEFAULT NULL, source text DEFAULT NULL, confirmed_at timestamptz DEFAULT NULL,
	document text DEFAULT NULL, customer_reference text DEFAULT NULL, night_hours boolean DEFAULT NULL) RETURNS bigint LANGUAGE plpgsql
SECURITY DEFINER SET search_path = daypart, pg_catalog, pg_temp AS $$
DECLARE
	event consent_event;
BEGIN
	PERFORM refuse(problem_channel(channel)), refuse(problem_category(category)), refuse(problem_future('given_at', given_at)),
		refuse(problem_future('confirmed_at', confirmed_at)), refuse(problem_consent_word('method', method)),
		refuse(problem_consent_word('source', source));
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
	event.customer_reference := customer_reference;
	event.night_hours := night_hours;
	PERFORM store_consent(event);
	RETURN event.recipient_id;
END $$;

-- R-027. Somebody who was asked and said no gets nothing of that kind from that business on that channel, whatever was agreed before.
CREATE FUNCTION record_refusal(phone text, business text, channel text, category text DEFAULT 'marketing', at timestamptz DEFAULT NULL,
	source text DEFAULT NULL) RETURNS bigint LANGUAGE plpgsql
SECURITY DEFINER SET search_path = daypart, pg_catalog, pg_temp AS $$
BEGIN
	PERFORM refuse(problem_channel(channel)), refuse(problem_category(category)), refuse(problem_future('at', at)), business_of(business);
	RETURN opt_out(phone, business, channel, category, at, coalesce(source, 'refused'));
END $$;

-- Wordings --------------------------------------------------------------------------------------------------------------------------------

-- Approves a wording in one language, or in all that are not approved yet, and lets the consents that cite it show so; they only gain by it.
-- First the wording, then the consents: one that is being recorded meanwhile either sees the approval or is seen here (store_consent).
CREATE FUNCTION approve_wording(business text, name text, language text DEFAULT NULL) RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = daypart, pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
	owner int := business_of(approve_wording.business);
	what text := format('wording "%s" of "%s"', approve_wording.name, approve_wording.business);
	fresh wording[];
BEGIN
	PERFORM FROM wording AS w WHERE w.business = approve_wording.business AND w.name = approve_wording.name FOR UPDATE;
	PERFORM refuse(problem_unknown('wording', coalesce(approve_wording.name, ''), 'import it first: daypart import wordings'))
	WHERE NOT EXISTS (SELECT FROM wording AS w WHERE w.business = approve_wording.business AND w.name = approve_wording.name
		AND coalesce(w.language = approve_wording.language, true));
	fresh := ARRAY(SELECT w FROM wording AS w
		WHERE w.business = approve_wording.business AND w.name = approve_wording.name AND w.approved_at IS NULL
			AND (approve_wording.language IS NULL OR w.language = approve_wording.language));
	PERFORM refuse(ROW(what || ' is approved already', 'a wording never changes: write another one under another name')::problem)
	WHERE cardinality(fresh) = 0;
	PERFORM refuse(problem_second_person(what, approve_wording.business, ARRAY(SELECT f.created_by FROM unnest(fresh) AS f)));
	PERFORM refuse(ROW(what || ' does not say the same in each language',
		'languages of one name share kinds, names_channels, names_business, says_marketing and the privacy policy: give another one another name')::problem)
	WHERE (SELECT count(DISTINCT (w.kinds, w.names_channels, w.names_business, w.says_marketing, coalesce(w.privacy_policy_url, ''),
				coalesce(w.privacy_policy_version, '')))
			FROM wording AS w
			WHERE w.business = approve_wording.business AND w.name = approve_wording.name
				AND (w.approved_at IS NOT NULL OR approve_wording.language IS NULL OR w.language = approve_wording.language)) > 1;
	UPDATE wording AS w SET approved_by = session_user, approved_at = session_now()
	FROM unnest(fresh) AS f WHERE w.business = f.business AND w.name = f.name AND w.language = f.language;
	WITH gained AS MATERIALIZED (
		SELECT channel, category, bit_or(1 << b.bit)::int AS bits
		FROM unnest(enum_range(NULL::channel)) AS channel CROSS JOIN unnest(enum_range(NULL::category)) AS category
			JOIN evidence_bit AS b ON b.name = ANY (wording_facts(owner, approve_wording.name, channel, category))
		GROUP BY 1, 2
	), citing AS MATERIALIZED (
		SELECT e.bucket, e.recipient_id, e.channel, e.category FROM consents_in_force(owner) AS e
		GROUP BY 1, 2, 3, 4
		HAVING bool_and(e.state = 'granted' AND e.wording = ANY (ARRAY(SELECT f.body FROM unnest(fresh) AS f) || approve_wording.name))
	)
	UPDATE consent AS c SET evidence = c.evidence | g.bits
	FROM citing AS k JOIN gained AS g USING (channel, category)
	WHERE c.bucket = k.bucket AND c.business_id = owner AND c.channel = k.channel AND c.category = k.category
		AND c.recipient_id = k.recipient_id AND c.evidence <> c.evidence | g.bits;
END $$;
