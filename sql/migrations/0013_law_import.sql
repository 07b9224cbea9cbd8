-- Import, see 0006_import.sql: kinds wordings and attestations, new columns of consents, refusals, words that never count, and lists.

-- Rows of which nothing is kept but their number (R-053): numbers that were bought, rented or scraped.
ALTER TYPE import_counts ADD ATTRIBUTE purchased bigint;

-- As in 0006_import.sql; import_judged also says of which rows nothing is kept.
CREATE OR REPLACE FUNCTION import_begin() RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = daypart, pg_catalog, pg_temp SET client_min_messages = warning AS $$
BEGIN
	DROP TABLE IF EXISTS pg_temp.import_row, pg_temp.import_reject, pg_temp.import_seen, pg_temp.import_judged, pg_temp.import_person,
		pg_temp.import_event;
	CREATE TEMP TABLE import_row (line bigint NOT NULL, v text[] NOT NULL);
	CREATE TEMP TABLE import_reject (line bigint NOT NULL, field text, reason text NOT NULL);
	-- Who or what an earlier row of the file was about, so that a later one that contradicts it is found at any distance.
	CREATE TEMP TABLE import_seen (key bigint PRIMARY KEY, line bigint NOT NULL, digest bigint NOT NULL);
	CREATE TEMP TABLE import_judged (line bigint NOT NULL, v text[] NOT NULL, business_id int, problem problem, purchased boolean);
	CREATE TEMP TABLE import_person (line bigint NOT NULL, v text[] NOT NULL, business_id int, phone bigint NOT NULL, recipient_id bigint NOT NULL,
		bucket smallint NOT NULL);
	CREATE TEMP TABLE import_event (line bigint NOT NULL, event consent_event NOT NULL, digest bytea NOT NULL, evidence int NOT NULL);
	-- Not TRIGGER, for the same reason.
	EXECUTE format('GRANT SELECT, INSERT, TRUNCATE ON pg_temp.import_row, pg_temp.import_reject, pg_temp.import_seen TO %I', session_user);
END $$;

-- Small tables ----------------------------------------------------------------------------------------------------------------------------

-- A field as a value of its column: a list is written with blanks between, "whatsapp sms".
CREATE FUNCTION import_value(type text, place int) RETURNS text IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN type LIKE '%[]' THEN format('string_to_array($1[%s], '' '')::%s', place, type) ELSE format('$1[%s]::%s', place, type) END;

-- For tables whose rows never change, wordings and records: adds the row, or says in which column the one that is there differs. $1 is v.
CREATE FUNCTION import_append_statement(target regclass, key text[], columns text[], types text[], v text[]) RETURNS text STABLE
	RETURN (
		SELECT format('WITH added AS (INSERT INTO %s (%s) VALUES (%s) ON CONFLICT DO NOTHING RETURNING 1) '
				'SELECT nullif(EXISTS (SELECT FROM added), false), (SELECT coalesce(%s, NULL) FROM %1$s AS old WHERE %5$s)',
			target, string_agg(c.name, ', ' ORDER BY i), string_agg(c.value, ', ' ORDER BY i),
			string_agg(format('CASE WHEN old.%s IS DISTINCT FROM %s THEN %L END', c.name, c.value, columns[i]), ', ' ORDER BY i)
				FILTER (WHERE v[i] IS NOT NULL),
			string_agg(format('old.%s = %s', c.name, import_value(types[i], i)), ' AND ' ORDER BY i) FILTER (WHERE columns[i] = ANY (key)))
		FROM generate_subscripts(columns, 1) AS i
			CROSS JOIN LATERAL (SELECT quote_ident(columns[i]) AS name,
				CASE WHEN v[i] IS NULL THEN 'DEFAULT' ELSE import_value(types[i], i) END AS value) AS c
		WHERE types[i] IS NOT NULL);

-- As in 0006_import.sql, and the words of a list one by one.
CREATE OR REPLACE FUNCTION import_problem_value(field text, type text, value text) RETURNS problem LANGUAGE plpgsql STABLE
SET search_path = daypart, pg_catalog, pg_temp AS $$
DECLARE
	words text[];
BEGIN
	IF type = 'date' THEN
		RETURN problem_date(field, value);
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

-- What no column and no constraint can tell of a row.
CREATE FUNCTION import_problem_row(target regclass, columns text[], v text[]) RETURNS problem STABLE
	RETURN CASE WHEN target = 'attestation'::regclass THEN problem_subject(v[array_position(columns, 'subject')]::subject,
		v[array_position(columns, 'name')]) END;

-- A mixed or unknown message is treated as marketing (REGULATIONS 3.1). Of people's consent the words are strict.
CREATE FUNCTION import_category(target regclass, columns text[], v text[]) RETURNS text[] STABLE
	RETURN CASE WHEN target IN ('template'::regclass, 'campaign'::regclass) AND v[array_position(columns, 'category')] IN ('mixed', 'unknown')
		THEN v[:array_position(columns, 'category') - 1] || 'marketing'::text || v[array_position(columns, 'category') + 1:] ELSE v END;

DROP FUNCTION import_named(regclass, text[], text[]);
DROP FUNCTION import_named_row(regclass, text[], text[], text[], bigint, text[]);

-- As in 0006_import.sql. `kept` is NULL for a table whose rows may change, else what to do instead of changing one.
CREATE FUNCTION import_named_row(target regclass, key text[], columns text[], types text[], row_line bigint, v text[], kept text) RETURNS text
LANGUAGE plpgsql
SET search_path = daypart, pg_catalog, pg_temp AS $$
DECLARE
	identity bigint := hashtextextended((SELECT array_agg(v[array_position(columns, k)]) FROM unnest(key) AS k)::text, 0);
	content bigint := hashtextextended(v::text, 0);
	first record;
	is_new boolean;
	stuck text;
	state text; message text; detail text; hint text; column_name text;
BEGIN
	PERFORM refuse(import_problem_value(columns[i], types[i], v[i])) FROM generate_subscripts(columns, 1) AS i WHERE types[i] IS NOT NULL;
	PERFORM refuse(import_problem_row(target, columns, v));
	SELECT * INTO first FROM import_seen AS s WHERE s.key = identity;
	IF first.digest = content THEN
		RETURN 'unchanged';
	END IF;
	PERFORM refuse(problem_with(key[1], v[array_position(columns, key[1])], format('was given with other values on line %s', first.line),
		'keep one of the rows')) WHERE first.line IS NOT NULL;
	EXECUTE CASE WHEN kept IS NULL THEN import_statement(target, key, columns, types, v)
		ELSE import_append_statement(target, key, columns, types, v) END INTO is_new, stuck USING v;
	PERFORM refuse(problem_with(stuck, v[array_position(columns, stuck)], 'is another than before and cannot be changed',
		coalesce(kept, 'keep it, or choose another name'))) WHERE stuck IS NOT NULL;
	INSERT INTO import_seen VALUES (identity, row_line, content);
	RETURN CASE WHEN is_new THEN 'added' WHEN NOT is_new THEN 'changed' ELSE 'unchanged' END;
EXCEPTION WHEN data_exception OR integrity_constraint_violation THEN
	GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT,
		column_name = COLUMN_NAME;
	INSERT INTO import_reject
	SELECT row_line, import_field((p).message, columns), import_reason(p)
	FROM import_problem_error(state, message, detail, hint, column_name) AS p;
	RETURN 'rejected';
END $$;

CREATE FUNCTION import_named(target regclass, key text[], columns text[], kept text DEFAULT NULL) RETURNS import_counts LANGUAGE plpgsql
SET search_path = daypart, pg_catalog, pg_temp AS $$
DECLARE
	types text[] := (
		SELECT array_agg(format_type(a.atttypid, a.atttypmod) ORDER BY place)
		FROM unnest(columns) WITH ORDINALITY AS c (name, place)
			LEFT JOIN pg_attribute AS a ON a.attrelid = target AND a.attname = c.name AND a.attnum > 0);
	counts import_counts;
BEGIN
	SELECT count(*) FILTER (WHERE verdict = 'added'), count(*) FILTER (WHERE verdict = 'changed'), count(*) FILTER (WHERE verdict = 'unchanged'), 0
	INTO counts
	FROM (SELECT line, v FROM import_row ORDER BY line) AS r
		CROSS JOIN LATERAL import_named_row(target, key, columns, types, r.line, import_category(target, columns, r.v), kept) AS verdict;
	RETURN counts;
END $$;

-- People ----------------------------------------------------------------------------------------------------------------------------------

-- As in 0006_import.sql; rows of which nothing is kept are not even rejected.
CREATE OR REPLACE FUNCTION import_identify(columns text[]) RETURNS void LANGUAGE plpgsql
SET search_path = daypart, pg_catalog, pg_temp AS $$
DECLARE
	phone_place int := array_position(columns, 'phone');
	lines bigint[];
	phones bigint[];
	ids bigint[];
BEGIN
	INSERT INTO import_reject
	SELECT j.line, import_field((j.problem).message, columns), import_reason(j.problem)
	FROM import_judged AS j WHERE (j.problem).message IS NOT NULL AND j.purchased IS NOT TRUE;
	SELECT array_agg(good.line), array_agg(canonical_digits(substr(phone_digits(good.phone), 2))) INTO lines, phones
	FROM (SELECT j.line, j.v[phone_place] AS phone FROM import_judged AS j WHERE (j.problem).message IS NULL AND j.purchased IS NOT TRUE) AS good;
	ids := person_ids(phones); -- in the query it would run twice, once to guess its size
	INSERT INTO import_person
	SELECT j.line, j.v, j.business_id, known.phone, known.id, bucket_of(known.id)
	FROM unnest(lines, phones, ids) AS known (line, phone, id) JOIN import_judged AS j USING (line);
END $$;

-- The words of the batch that never count. Each is looked up once, however many rows name it.
CREATE FUNCTION import_words(places int[]) RETURNS TABLE (value text, meaning text) LANGUAGE plpgsql STABLE
SET search_path = daypart, pg_catalog, pg_temp AS $$
BEGIN
	RETURN QUERY SELECT g.value, w.meaning
	FROM (SELECT DISTINCT i.v[place] FROM import_row AS i CROSS JOIN unnest(places) AS place WHERE i.v[place] IS NOT NULL OFFSET 0) AS g (value)
		JOIN consent_word AS w ON w.word = normalise_keyword(g.value)
	WHERE w.meaning IN ('refused', 'purchased');
END $$;

CREATE OR REPLACE FUNCTION import_judge_recipients(columns text[], names text[], places int[]) RETURNS void LANGUAGE plpgsql
SET search_path = daypart, pg_catalog, pg_temp AS $$
DECLARE
	phone_place int := array_position(columns, 'phone');
	region_place int := array_position(columns, 'region');
	timezone_place int := array_position(columns, 'timezone');
	language_place int := array_position(columns, 'language');
	source_place int := array_position(columns, 'source');
BEGIN
	INSERT INTO import_judged
	WITH declared AS MATERIALIZED (
		SELECT given.place, d.name, d.type, d.max_length
		FROM unnest(names, places) AS given (name, place)
			LEFT JOIN (SELECT DISTINCT v.name, v.type, v.max_length FROM template AS t CROSS JOIN LATERAL declared_variables(t.variables) AS v) AS d
				USING (name)
	), word AS MATERIALIZED (SELECT * FROM import_words(ARRAY[source_place]))
	SELECT i.line, i.v, NULL, coalesce(problem_missing('phone', i.v[phone_place]), problem_phone(i.v[phone_place]),
		CASE WHEN r.code IS NULL THEN problem_region(i.v[region_place]) END,
		CASE WHEN z.name IS NULL THEN problem_timezone(i.v[timezone_place]) END,
		problem_language(i.v[language_place]),
		CASE WHEN names IS NOT NULL AND EXISTS (
			SELECT FROM declared AS d WHERE i.v[d.place] IS NOT NULL
				AND (d.type IS NULL OR problem_variable_value(d.name, d.type, d.max_length, i.v[d.place]) IS DISTINCT FROM NULL))
			THEN problem_recipient_variables(import_variables(names, places, i.v)) END),
		w.meaning = 'purchased'
	FROM import_row AS i LEFT JOIN region AS r ON r.code = i.v[region_place] LEFT JOIN time_zone AS z ON z.name = i.v[timezone_place]
		LEFT JOIN word AS w ON w.value = i.v[source_place];
END $$;

-- Consents --------------------------------------------------------------------------------------------------------------------------------

-- As in 0006_import.sql. Who withdraws or refuses may do so in any way; only what is to count as consent is asked how it came.
CREATE OR REPLACE FUNCTION import_judge_consents(columns text[]) RETURNS void LANGUAGE plpgsql
SET search_path = daypart, pg_catalog, pg_temp AS $$
DECLARE
	phone_place int := array_position(columns, 'phone');
	business_place int := array_position(columns, 'business');
	channel_place int := array_position(columns, 'channel');
	category_place int := array_position(columns, 'category');
	given_at_place int := array_position(columns, 'given_at');
	confirmed_at_place int := array_position(columns, 'confirmed_at');
	supplied_by_person_place int := array_position(columns, 'supplied_by_person');
	ip_place int := array_position(columns, 'ip');
	state_place int := array_position(columns, 'state');
	method_place int := array_position(columns, 'method');
	source_place int := array_position(columns, 'source');
	night_hours_place int := array_position(columns, 'night_hours');
BEGIN
	INSERT INTO import_judged
	WITH word AS MATERIALIZED (SELECT * FROM import_words(ARRAY[method_place, source_place]))
	SELECT i.line, i.v, b.business_id, coalesce(
		problem_missing('phone', i.v[phone_place]), problem_phone(i.v[phone_place]),
		problem_missing('business', i.v[business_place]), problem_business(i.v[business_place], b.business_id),
		problem_missing('channel', i.v[channel_place]), CASE WHEN channel IS NULL THEN problem_channel(i.v[channel_place]) END,
		problem_missing('category', i.v[category_place]), CASE WHEN category IS NULL THEN problem_category(i.v[category_place]) END,
		problem_instant('given_at', i.v[given_at_place]), problem_future('given_at', i.v[given_at_place]::timestamptz),
		problem_instant('confirmed_at', i.v[confirmed_at_place]), problem_future('confirmed_at', i.v[confirmed_at_place]::timestamptz),
		CASE WHEN i.v[supplied_by_person_place] IS NOT NULL
			THEN problem_word('supplied_by_person', i.v[supplied_by_person_place], '{true,false,yes,no,1,0}') END,
		CASE WHEN i.v[night_hours_place] IS NOT NULL THEN problem_word('night_hours', i.v[night_hours_place], '{true,false,yes,no,1,0}') END,
		CASE WHEN i.v[ip_place] IS NOT NULL THEN problem_ip(i.v[ip_place]) END,
		CASE WHEN i.v[state_place] IS NOT NULL
			THEN problem_word('state', i.v[state_place], enum_range(NULL::consent_state)::text[] || 'refused'::text) END,
		CASE WHEN granting AND method.meaning IS NOT NULL THEN problem_consent_word('method', i.v[method_place]) END,
		CASE WHEN granting AND source.meaning IS NOT NULL THEN problem_consent_word('source', i.v[source_place]) END),
		granting AND 'purchased' IN (method.meaning, source.meaning)
	FROM import_row AS i LEFT JOIN business AS b ON b.name = i.v[business_place]
		LEFT JOIN unnest(enum_range(NULL::channel)) AS channel ON channel::text = i.v[channel_place]
		LEFT JOIN unnest(enum_range(NULL::category)) AS category ON category::text = i.v[category_place]
		LEFT JOIN word AS method ON method.value = i.v[method_place]
		LEFT JOIN word AS source ON source.value = i.v[source_place]
		CROSS JOIN LATERAL (SELECT coalesce(i.v[state_place], 'granted') NOT IN ('withdrawn', 'refused') AS granting) AS said;
END $$;

-- As in 0006_import.sql: to import_event, as the event that record_consent() or withdraw_consent() would make of it; ROW is in the order of table
-- consent_event. A refusal is no consent event.
CREATE OR REPLACE FUNCTION import_make_events(columns text[]) RETURNS void LANGUAGE plpgsql
SET search_path = daypart, pg_catalog, pg_temp AS $$
DECLARE
	channel_place int := array_position(columns, 'channel');
	category_place int := array_position(columns, 'category');
	given_at_place int := array_position(columns, 'given_at');
	confirmed_at_place int := array_position(columns, 'confirmed_at');
	supplied_by_person_place int := array_position(columns, 'supplied_by_person');
	method_place int := array_position(columns, 'method');
	wording_place int := array_position(columns, 'wording');
	ip_place int := array_position(columns, 'ip');
	signature_place int := array_position(columns, 'signature');
	tax_id_place int := array_position(columns, 'tax_id');
	source_place int := array_position(columns, 'source');
	document_place int := array_position(columns, 'document');
	customer_reference_place int := array_position(columns, 'customer_reference');
	night_hours_place int := array_position(columns, 'night_hours');
	state_place int := array_position(columns, 'state');
	moment timestamptz := session_now();
	lines bigint[];
	events consent_event[];
BEGIN
	PERFORM FROM wording AS w WHERE w.approved_at IS NULL FOR SHARE; -- see store_consent()
	SELECT array_agg(p.line ORDER BY p.line), array_agg(ROW(p.recipient_id, moment, p.v[given_at_place]::timestamptz,
			p.v[confirmed_at_place]::timestamptz, p.business_id, p.v[channel_place]::channel, p.v[category_place]::category,
			coalesce(p.v[state_place], 'granted')::consent_state, p.v[supplied_by_person_place]::boolean, p.bucket, p.v[method_place],
			p.v[wording_place], p.v[ip_place]::inet, p.v[signature_place], p.v[tax_id_place], p.v[source_place], p.v[document_place], NULL,
			p.v[customer_reference_place], p.v[night_hours_place]::boolean)::consent_event ORDER BY p.line)
	INTO lines, events
	FROM import_person AS p WHERE p.v[state_place] IS DISTINCT FROM 'refused';
	INSERT INTO import_event
	SELECT e.line, e.event, consent_digest(e.event), e.evidence
	FROM (SELECT unnest(lines) AS line, unnest(events) AS event, unnest(evidence_of(events)) AS evidence) AS e;
END $$;

-- As in 0006_import.sql, with the facts that came later.
CREATE OR REPLACE FUNCTION import_fresh_consents() RETURNS bigint LANGUAGE plpgsql
SET search_path = daypart, pg_catalog, pg_temp AS $$
DECLARE
	added bigint;
BEGIN
	WITH alone AS MATERIALIZED (
		SELECT * FROM (
			SELECT e.line, e.digest, e.event, e.evidence, (e.event).recipient_id, (e.event).bucket, (e.event).business_id, (e.event).channel, (e.event).category,
				count(*) OVER (PARTITION BY (e.event).recipient_id, (e.event).business_id, (e.event).channel, (e.event).category) AS events
			FROM import_event AS e) AS counted
		WHERE counted.events = 1 AND (counted.event).state = 'granted'
	), fresh AS (
		INSERT INTO consent (recipient_id, given_at, business_id, evidence, channel, category, state, bucket)
		SELECT a.recipient_id, (a.event).given_at, a.business_id, a.evidence, a.channel, a.category, 'granted', a.bucket
		FROM alone AS a ORDER BY a.bucket, a.recipient_id
		ON CONFLICT DO NOTHING
		RETURNING consent.recipient_id, consent.business_id, consent.channel, consent.category
	), stored AS MATERIALIZED (
		SELECT a.line, a.event, a.digest FROM fresh JOIN alone AS a USING (recipient_id, business_id, channel, category)
	), events AS (
		INSERT INTO consent_event (recipient_id, recorded_at, given_at, confirmed_at, business_id, channel, category, state, supplied_by_person, bucket,
			method, wording, ip, signature, tax_id, source, document, digest, customer_reference, night_hours)
		SELECT (s.event).recipient_id, (s.event).recorded_at, (s.event).given_at, (s.event).confirmed_at, (s.event).business_id, (s.event).channel,
			(s.event).category, (s.event).state, (s.event).supplied_by_person, (s.event).bucket, (s.event).method, (s.event).wording, (s.event).ip,
			(s.event).signature, (s.event).tax_id, (s.event).source, (s.event).document, s.digest, (s.event).customer_reference,
			(s.event).night_hours
		FROM stored AS s ORDER BY (s.event).bucket, (s.event).recipient_id
		ON CONFLICT DO NOTHING
	)
	DELETE FROM import_event AS e USING stored WHERE e.line = stored.line;
	GET DIAGNOSTICS added = ROW_COUNT;
	RETURN added;
END $$;

-- R-027: refusals become suppressions, as record_refusal() makes them. The caller holds the people's gates. Returns how many are new.
CREATE FUNCTION import_refusals(columns text[]) RETURNS bigint LANGUAGE plpgsql
SET search_path = daypart, pg_catalog, pg_temp AS $$
DECLARE
	channel_place int := array_position(columns, 'channel');
	category_place int := array_position(columns, 'category');
	given_at_place int := array_position(columns, 'given_at');
	source_place int := array_position(columns, 'source');
	state_place int := array_position(columns, 'state');
	fresh suppression[];
BEGIN
	WITH stored AS (
		INSERT INTO suppression (recipient_id, at, business_id, bucket, channel, category, source)
		SELECT p.recipient_id, coalesce(p.v[given_at_place]::timestamptz, session_now()), p.business_id, p.bucket, p.v[channel_place],
			p.v[category_place], coalesce(p.v[source_place], 'refused')
		FROM import_person AS p WHERE p.v[state_place] = 'refused' ORDER BY p.bucket, p.recipient_id, p.line
		ON CONFLICT DO NOTHING
		RETURNING suppression.*)
	SELECT array_agg(s::suppression) INTO fresh FROM stored AS s;
	PERFORM cancel_slots(array_agg(f.recipient_id), f.business_id, f.channel, f.category, 'opted_out')
	FROM unnest(fresh) AS f GROUP BY f.business_id, f.channel, f.category;
	RETURN coalesce(cardinality(fresh), 0);
END $$;

-- As in 0006_import.sql, with refusals.
CREATE OR REPLACE FUNCTION import_consents(columns text[]) RETURNS import_counts LANGUAGE plpgsql
SET search_path = daypart, pg_catalog, pg_temp AS $$
DECLARE
	state_place int := array_position(columns, 'state');
	counts import_counts := (0, 0, 0, 0);
	refused bigint;
	row record;
	event consent_event;
BEGIN
	PERFORM import_judge_consents(columns), import_identify(columns), import_make_events(columns);
	counts.added := import_fresh_consents();
	PERFORM lock_people(ARRAY(SELECT (e.event).recipient_id FROM import_event AS e)
		|| ARRAY(SELECT p.recipient_id FROM import_person AS p WHERE p.v[state_place] = 'refused'));
	refused := import_refusals(columns);
	counts.added := counts.added + refused;
	counts.unchanged := (SELECT count(*) FROM import_person AS p WHERE p.v[state_place] = 'refused') - refused;
	FOR row IN SELECT e.event, e.digest FROM import_event AS e ORDER BY (e.event).bucket, (e.event).recipient_id, e.line LOOP
		event := row.event;
		IF event.state = 'withdrawn' AND event.given_at IS NULL AND EXISTS (
				SELECT FROM consent AS c WHERE c.bucket = event.bucket AND c.business_id = event.business_id AND c.channel = event.channel
					AND c.category = event.category AND c.recipient_id = event.recipient_id AND c.state = 'withdrawn')
			OR EXISTS (
				SELECT FROM consent_event AS e WHERE e.bucket = event.bucket AND e.recipient_id = event.recipient_id
					AND e.business_id = event.business_id AND e.channel = event.channel AND e.category = event.category AND e.digest = row.digest)
		THEN
			counts.unchanged := counts.unchanged + 1;
			CONTINUE;
		END IF;
		IF event.state = 'withdrawn' THEN
			event.given_at := coalesce(event.given_at, session_now());
		END IF;
		PERFORM store_consent(event);
		counts.added := counts.added + 1;
	END LOOP;
	RETURN counts;
END $$;

-- A batch ---------------------------------------------------------------------------------------------------------------------------------

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
		WHEN 'sends' THEN import_sends(columns) END;
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
		ELSE import_people(kind, columns) END;
END $$;
