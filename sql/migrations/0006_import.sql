-- Import: rows of a CSV file, a batch at a time, with the checks, the words and the effects of the statements for one row.
--
-- `daypart import` calls import_begin() once, then in a transaction per batch: COPY into import_row, import_named() or import_people(), SELECT
-- from import_reject. `columns` are the header of the file; v holds a row in the same order, NULL for an empty field. An absent column has no
-- place, and v[NULL] is NULL: absent and empty are the same.
--
-- Small tables: a row at a time under a savepoint, with the caller's own rights, so that the table itself judges it.
-- People, with the owner's rights: judge the batch in one statement (bad rows to import_reject), land in a set, in lock order, what meets
-- nothing known, count what says nothing new, and give the few rows that meet something different to the function for one person, which knows
-- what may be changed and which slots it costs. Batches that committed stay, and importing the same rows again changes nothing, so an import
-- that broke off is completed by repeating it.
--
-- What only a table or a type can tell (a business, a region, a word of an enum) is joined for the set; problem_x() is asked for the words of
-- those rows for which the join finds nothing, because it starts a query per call.
--
-- What is known is always looked up by LATERAL ... OFFSET 0: one probe of the key per row. Left to choose, the planner, which knows no sizes of
-- temporary tables, reads the whole of a table of millions for a batch of thousands.

CREATE TYPE import_counts AS (added bigint, changed bigint, unchanged bigint);

-- Staging ---------------------------------------------------------------------------------------------------------------------------------

-- Made here, so that they belong to the owner of the functions: a table of the caller's own could run the caller's code with the owner's rights.
CREATE FUNCTION import_begin() RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = daypart, pg_catalog, pg_temp SET client_min_messages = warning AS $$
BEGIN
	DROP TABLE IF EXISTS pg_temp.import_row, pg_temp.import_reject, pg_temp.import_seen, pg_temp.import_judged, pg_temp.import_person,
		pg_temp.import_event;
	CREATE TEMP TABLE import_row (line bigint NOT NULL, v text[] NOT NULL);
	CREATE TEMP TABLE import_reject (line bigint NOT NULL, field text, reason text NOT NULL);
	-- Who or what an earlier row of the file was about, so that a later one that contradicts it is found at any distance.
	CREATE TEMP TABLE import_seen (key bigint PRIMARY KEY, line bigint NOT NULL, digest bigint NOT NULL);
	CREATE TEMP TABLE import_judged (line bigint NOT NULL, v text[] NOT NULL, business_id int, problem problem);
	CREATE TEMP TABLE import_person (line bigint NOT NULL, v text[] NOT NULL, business_id int, phone bigint NOT NULL, recipient_id bigint NOT NULL,
		bucket smallint NOT NULL);
	CREATE TEMP TABLE import_event (line bigint NOT NULL, event consent_event NOT NULL, digest bytea NOT NULL, evidence int NOT NULL);
	-- Not TRIGGER, for the same reason.
	EXECUTE format('GRANT SELECT, INSERT, TRUNCATE ON pg_temp.import_row, pg_temp.import_reject, pg_temp.import_seen TO %I', session_user);
END $$;

-- Before the owner's rights touch a table of the session.
CREATE FUNCTION import_check_staging() RETURNS void LANGUAGE plpgsql
SET search_path = daypart, pg_catalog, pg_temp AS $$
BEGIN
	IF (SELECT count(*) FROM pg_class AS c
		WHERE c.relnamespace = pg_my_temp_schema() AND c.relkind = 'r' AND c.relowner = current_user::regrole
			AND c.relname IN ('import_row', 'import_reject', 'import_seen', 'import_judged', 'import_person', 'import_event')) <> 6
	THEN
		RAISE EXCEPTION 'the staging tables of this session are not those of import_begin()'
			USING HINT = 'call import_begin() first', ERRCODE = 'object_not_in_prerequisite_state';
	END IF;
END $$;

-- Words -----------------------------------------------------------------------------------------------------------------------------------

CREATE FUNCTION import_reason(problem problem) RETURNS text IMMUTABLE PARALLEL SAFE
	RETURN (problem).message || coalesce(': ' || (problem).hint, '');

-- A message begins with the field it is about, and a variable's with that word.
CREATE FUNCTION import_field(message text, columns text[]) RETURNS text IMMUTABLE PARALLEL SAFE
	RETURN CASE
		WHEN message LIKE 'variable %' THEN 'var:' || (regexp_match(message, '^variable "?([^" ]+)'))[1]
		WHEN split_part(message, ' ', 1) = ANY (columns) THEN split_part(message, ' ', 1) END;

-- Times come as text only in files. The offset is asked for, because a bare time means another instant for every reader.
CREATE FUNCTION problem_instant(field text, value text) RETURNS problem IMMUTABLE PARALLEL SAFE
	RETURN CASE
		WHEN value IS NULL THEN NULL
		WHEN NOT campaign_time_is_local(value) AND left(value, 4) BETWEEN '1900' AND '2200' AND campaign_clock(value) IS NOT NULL THEN NULL
		WHEN campaign_clock(value || 'Z') IS NOT NULL THEN problem_with(field, value, 'has no offset',
			format('write "%sZ" for UTC, or the offset of the place: "%s-03:00"', value, value))
		ELSE problem_with(field, value, 'is no instant', 'write it as 2026-11-23T09:00:00-05:00') END;

CREATE FUNCTION problem_date(field text, value text) RETURNS problem IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN value IS NOT NULL AND campaign_clock(value || ' 00:00 local') IS NULL
		THEN problem_with(field, value, 'is no date', 'write it as 2026-11-23') END;

CREATE FUNCTION problem_ip(value text) RETURNS problem LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
	PERFORM value::inet;
	RETURN NULL;
EXCEPTION WHEN invalid_text_representation THEN
	RETURN daypart.problem_with('ip', value, 'is no internet address', 'write it as 203.0.113.7 or 2001:db8::7');
END $$;

-- Businesses, senders, templates, campaigns -----------------------------------------------------------------------------------------------

-- An INSERT that updates what differs, for one row. An empty field is the column's default. $1 is v. Returns whether the row is new, and the
-- first column that differs and may not be changed by the caller.
CREATE FUNCTION import_statement(target regclass, key text[], columns text[], types text[], v text[]) RETURNS text STABLE
	RETURN (
		SELECT format('INSERT INTO %s AS old (%s) VALUES (%s) ON CONFLICT (%s) DO UPDATE SET %s WHERE (%s) IS DISTINCT FROM (%s) '
				'RETURNING xmax = 0, coalesce(%s)', -- xmax is set only on a row that was there
			target, string_agg(c.name, ', ' ORDER BY i), string_agg(c.value, ', ' ORDER BY i),
			(SELECT string_agg(quote_ident(k), ', ') FROM unnest(key) AS k),
			string_agg(format('%s = excluded.%1$s', c.name), ', ' ORDER BY i) FILTER (WHERE c.changeable),
			string_agg('old.' || c.name, ', ' ORDER BY i), string_agg('excluded.' || c.name, ', ' ORDER BY i),
			coalesce(string_agg(format('CASE WHEN old.%s IS DISTINCT FROM $1[%s]::%s THEN %L END', c.name, i, types[i], columns[i]), ', ' ORDER BY i)
				FILTER (WHERE NOT c.changeable), 'NULL'))
		FROM generate_subscripts(columns, 1) AS i
			CROSS JOIN LATERAL (SELECT quote_ident(columns[i]) AS name, has_column_privilege(target, columns[i], 'UPDATE') AS changeable,
				CASE WHEN v[i] IS NULL THEN 'DEFAULT' ELSE format('$1[%s]::%s', i, types[i]) END AS value) AS c
		WHERE types[i] IS NOT NULL);

-- What a value would be refused for before it reaches the table.
CREATE FUNCTION import_problem_value(field text, type text, value text) RETURNS problem LANGUAGE plpgsql STABLE
SET search_path = daypart, pg_catalog, pg_temp AS $$
DECLARE
	words text[];
BEGIN
	IF type = 'date' THEN
		RETURN problem_date(field, value);
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
		ELSE format('write a value of type %s', type) END);
END $$;

-- What a table said of a row, in words for a file.
CREATE FUNCTION import_problem_error(state text, message text, detail text, hint text, column_name text) RETURNS problem IMMUTABLE
	RETURN CASE
		WHEN state = '23502' THEN problem_missing(column_name, NULL)
		WHEN state = '23503' THEN (
			SELECT problem_unknown(part[1], part[2], format('import the %s first, or correct the name', part[3]))
			FROM regexp_match(detail, '^Key \((.*?)\)=\((.*)\) is not present in table "(.*)"') AS part)
		ELSE ROW(message, coalesce(nullif(hint, ''), nullif(detail, '')))::problem END;

-- Returns what became of the row: added, changed, unchanged or rejected.
CREATE FUNCTION import_named_row(target regclass, key text[], columns text[], types text[], row_line bigint, v text[]) RETURNS text
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
	SELECT * INTO first FROM import_seen AS s WHERE s.key = identity;
	IF first.digest = content THEN
		RETURN 'unchanged';
	END IF;
	PERFORM refuse(problem_with(key[1], v[array_position(columns, key[1])], format('was given with other values on line %s', first.line),
		'keep one of the rows')) WHERE first.line IS NOT NULL;
	EXECUTE import_statement(target, key, columns, types, v) INTO is_new, stuck USING v;
	PERFORM refuse(problem_with(stuck, v[array_position(columns, stuck)], 'is another than before and cannot be changed',
		'keep it, or choose another name')) WHERE stuck IS NOT NULL;
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

-- Small tables: a row at a time, each with its own savepoint, so that the table itself judges it.
CREATE FUNCTION import_named(target regclass, key text[], columns text[]) RETURNS import_counts LANGUAGE plpgsql
SET search_path = daypart, pg_catalog, pg_temp AS $$
DECLARE
	types text[] := (
		SELECT array_agg(format_type(a.atttypid, a.atttypmod) ORDER BY place)
		FROM unnest(columns) WITH ORDINALITY AS c (name, place)
			LEFT JOIN pg_attribute AS a ON a.attrelid = target AND a.attname = c.name AND a.attnum > 0);
	counts import_counts;
BEGIN
	SELECT count(*) FILTER (WHERE verdict = 'added'), count(*) FILTER (WHERE verdict = 'changed'), count(*) FILTER (WHERE verdict = 'unchanged')
	INTO counts
	FROM (SELECT line, v FROM import_row ORDER BY line) AS r
		CROSS JOIN LATERAL import_named_row(target, key, columns, types, r.line, r.v) AS verdict;
	RETURN counts;
END $$;

-- People ----------------------------------------------------------------------------------------------------------------------------------

-- Bad rows to import_reject, good ones with their ids to import_person.
CREATE FUNCTION import_identify(columns text[]) RETURNS void LANGUAGE plpgsql
SET search_path = daypart, pg_catalog, pg_temp AS $$
DECLARE
	phone_place int := array_position(columns, 'phone');
	lines bigint[];
	phones bigint[];
	ids bigint[];
BEGIN
	INSERT INTO import_reject
	SELECT j.line, import_field((j.problem).message, columns), import_reason(j.problem)
	FROM import_judged AS j WHERE (j.problem).message IS NOT NULL;
	SELECT array_agg(good.line), array_agg(canonical_digits(substr(phone_digits(good.phone), 2))) INTO lines, phones
	FROM (SELECT j.line, j.v[phone_place] AS phone FROM import_judged AS j WHERE (j.problem).message IS NULL) AS good;
	ids := person_ids(phones); -- in the query it would run twice, once to guess its size
	INSERT INTO import_person
	SELECT j.line, j.v, j.business_id, known.phone, known.id, bucket_of(known.id)
	FROM unnest(lines, phones, ids) AS known (line, phone, id) JOIN import_judged AS j USING (line);
END $$;

-- Recipients ------------------------------------------------------------------------------------------------------------------------------

-- Template variables of a row; NULL when it gives none. Starting a query per row is dear, so two functions: the outer one is inlined.
CREATE FUNCTION import_variables_given(names text[], places int[], v text[]) RETURNS jsonb IMMUTABLE PARALLEL SAFE
	RETURN (SELECT jsonb_object_agg(names[i], v[places[i]]) FROM generate_subscripts(names, 1) AS i WHERE v[places[i]] IS NOT NULL);
CREATE FUNCTION import_variables(names text[], places int[], v text[]) RETURNS jsonb IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN names IS NOT NULL THEN import_variables_given(names, places, v) END;

CREATE FUNCTION import_judge_recipients(columns text[], names text[], places int[]) RETURNS void LANGUAGE plpgsql
SET search_path = daypart, pg_catalog, pg_temp AS $$
DECLARE
	phone_place int := array_position(columns, 'phone');
	region_place int := array_position(columns, 'region');
	timezone_place int := array_position(columns, 'timezone');
	language_place int := array_position(columns, 'language');
BEGIN
	INSERT INTO import_judged
	WITH declared AS MATERIALIZED (
		SELECT given.place, d.name, d.type, d.max_length
		FROM unnest(names, places) AS given (name, place)
			LEFT JOIN (SELECT DISTINCT v.name, v.type, v.max_length FROM template AS t CROSS JOIN LATERAL declared_variables(t.variables) AS v) AS d
				USING (name))
	SELECT i.line, i.v, NULL, coalesce(problem_missing('phone', i.v[phone_place]), problem_phone(i.v[phone_place]),
		CASE WHEN r.code IS NULL THEN problem_region(i.v[region_place]) END,
		CASE WHEN z.name IS NULL THEN problem_timezone(i.v[timezone_place]) END,
		problem_language(i.v[language_place]),
		CASE WHEN names IS NOT NULL AND EXISTS (
			SELECT FROM declared AS d WHERE i.v[d.place] IS NOT NULL
				AND (d.type IS NULL OR problem_variable_value(d.name, d.type, d.max_length, i.v[d.place]) IS DISTINCT FROM NULL))
			THEN problem_recipient_variables(import_variables(names, places, i.v)) END)
	FROM import_row AS i LEFT JOIN region AS r ON r.code = i.v[region_place] LEFT JOIN time_zone AS z ON z.name = i.v[timezone_place];
END $$;

-- What a row says of a person, however the number is spelled.
CREATE FUNCTION import_digest(v text[], phone_place int) RETURNS bigint IMMUTABLE PARALLEL SAFE
	RETURN hashtextextended((v[:phone_place - 1] || v[phone_place + 1:])::text, 0);

-- The first row about a person wins; the same again is the same, anything else is a contradiction. Returns how many were the same.
CREATE FUNCTION import_drop_repeated(phone_place int) RETURNS bigint LANGUAGE plpgsql
SET search_path = daypart, pg_catalog, pg_temp AS $$
DECLARE
	seen bigint;
	repeated bigint;
BEGIN
	INSERT INTO import_seen SELECT p.recipient_id, p.line, import_digest(p.v, phone_place) FROM import_person AS p ORDER BY p.line
	ON CONFLICT DO NOTHING;
	GET DIAGNOSTICS seen = ROW_COUNT;
	IF seen = (SELECT count(*) FROM import_person) THEN
		RETURN 0;
	END IF;
	WITH later AS (
		DELETE FROM import_person AS p USING (
			SELECT q.line, first.line AS first_line, first.digest FROM import_person AS q
				CROSS JOIN LATERAL (SELECT * FROM import_seen AS s WHERE s.key = q.recipient_id OFFSET 0) AS first
			WHERE first.line <> q.line) AS again
		WHERE p.line = again.line
		RETURNING p.line, p.phone, again.first_line, again.digest = import_digest(p.v, phone_place) AS same
	), contradicting AS (
		INSERT INTO import_reject
		SELECT l.line, 'phone', import_reason(problem_with('phone', '+' || l.phone, format('was given with other values on line %s', l.first_line),
			'keep one of the rows'))
		FROM later AS l WHERE NOT l.same
	)
	SELECT count(*) INTO repeated FROM later AS l WHERE l.same;
	RETURN repeated;
END $$;

CREATE FUNCTION import_recipients(columns text[]) RETURNS import_counts LANGUAGE plpgsql
SET search_path = daypart, pg_catalog, pg_temp AS $$
DECLARE
	region_place int := array_position(columns, 'region');
	timezone_place int := array_position(columns, 'timezone');
	language_place int := array_position(columns, 'language');
	source_place int := array_position(columns, 'source');
	names text[];
	places int[];
	moment timestamptz := session_now();
	counts import_counts := (0, 0, 0);
	row record;
	message text; hint text;
BEGIN
	SELECT array_agg(substr(c.name, 5)), array_agg(c.place) INTO names, places
	FROM unnest(columns) WITH ORDINALITY AS c (name, place) WHERE c.name LIKE 'var:%';
	PERFORM import_judge_recipients(columns, names, places), import_identify(columns);
	counts.unchanged := import_drop_repeated(array_position(columns, 'phone'));
	WITH fresh AS (
		INSERT INTO recipient (recipient_id, phone, added_at, bucket, region, timezone, language, source, variables)
		SELECT p.recipient_id, p.phone, moment, p.bucket, p.v[region_place], p.v[timezone_place], p.v[language_place], p.v[source_place],
			import_variables(names, places, p.v)
		FROM import_person AS p ORDER BY p.bucket, p.recipient_id
		ON CONFLICT DO NOTHING
		RETURNING recipient.recipient_id)
	DELETE FROM import_person AS p USING fresh WHERE p.recipient_id = fresh.recipient_id;
	GET DIAGNOSTICS counts.added = ROW_COUNT;
	FOR row IN
		SELECT p.line, p.phone, p.v, given.variables, coalesce(known.phone = p.phone
				AND coalesce(known.region = p.v[region_place], p.v[region_place] IS NULL)
				AND coalesce(known.timezone = p.v[timezone_place], p.v[timezone_place] IS NULL)
				AND coalesce(known.language = p.v[language_place], p.v[language_place] IS NULL)
				AND coalesce(known.source = p.v[source_place], p.v[source_place] IS NULL)
				AND coalesce(known.variables @> given.variables, given.variables IS NULL), false) AS same
		FROM (SELECT * FROM import_person ORDER BY bucket, recipient_id) AS p
			CROSS JOIN LATERAL (SELECT import_variables(names, places, p.v) AS variables) AS given
			CROSS JOIN LATERAL (SELECT * FROM recipient AS r WHERE r.bucket = p.bucket AND r.recipient_id = p.recipient_id OFFSET 0) AS known
	LOOP
		IF row.same THEN
			counts.unchanged := counts.unchanged + 1;
			CONTINUE;
		END IF;
		BEGIN
			PERFORM add_recipient('+' || row.phone, row.v[region_place], row.v[timezone_place], row.v[language_place], row.v[source_place], row.variables);
			counts.changed := counts.changed + 1;
		EXCEPTION WHEN data_exception THEN
			GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, hint = PG_EXCEPTION_HINT;
			INSERT INTO import_reject VALUES (row.line, 'phone', import_reason(ROW(message, hint)::problem));
		END;
	END LOOP;
	RETURN counts;
END $$;

-- Consents --------------------------------------------------------------------------------------------------------------------------------

CREATE FUNCTION import_judge_consents(columns text[]) RETURNS void LANGUAGE plpgsql
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
BEGIN
	INSERT INTO import_judged
	SELECT i.line, i.v, b.business_id, coalesce(
		problem_missing('phone', i.v[phone_place]), problem_phone(i.v[phone_place]),
		problem_missing('business', i.v[business_place]), problem_business(i.v[business_place], b.business_id),
		problem_missing('channel', i.v[channel_place]), CASE WHEN channel IS NULL THEN problem_channel(i.v[channel_place]) END,
		problem_missing('category', i.v[category_place]), CASE WHEN category IS NULL THEN problem_category(i.v[category_place]) END,
		problem_instant('given_at', i.v[given_at_place]), problem_future('given_at', i.v[given_at_place]::timestamptz),
		problem_instant('confirmed_at', i.v[confirmed_at_place]), problem_future('confirmed_at', i.v[confirmed_at_place]::timestamptz),
		CASE WHEN i.v[supplied_by_person_place] IS NOT NULL
			THEN problem_word('supplied_by_person', i.v[supplied_by_person_place], '{true,false,yes,no,1,0}') END,
		CASE WHEN i.v[ip_place] IS NOT NULL THEN problem_ip(i.v[ip_place]) END,
		CASE WHEN i.v[state_place] IS NOT NULL THEN problem_word('state', i.v[state_place], enum_range(NULL::consent_state)::text[]) END)
	FROM import_row AS i LEFT JOIN business AS b ON b.name = i.v[business_place]
		LEFT JOIN unnest(enum_range(NULL::channel)) AS channel ON channel::text = i.v[channel_place]
		LEFT JOIN unnest(enum_range(NULL::category)) AS category ON category::text = i.v[category_place];
END $$;

-- To import_event, as the event that record_consent() or withdraw_consent() would make of it: ROW is in the order of table consent_event.
-- Which facts are present depends on which fields are empty and on whether the person supplied the number: consent_evidence(), which starts a
-- query per call, is asked once for each combination.
CREATE FUNCTION import_make_events(columns text[]) RETURNS void LANGUAGE plpgsql
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
	state_place int := array_position(columns, 'state');
	moment timestamptz := session_now();
BEGIN
	INSERT INTO import_event
	WITH made AS MATERIALIZED (
		SELECT p.line, array_positions(p.v, NULL) AS missing, coalesce(p.v[supplied_by_person_place], '') AS supplied,
			ROW(p.recipient_id, moment, p.v[given_at_place]::timestamptz, p.v[confirmed_at_place]::timestamptz, p.business_id,
				p.v[channel_place]::channel, p.v[category_place]::category, coalesce(p.v[state_place], 'granted')::consent_state,
				p.v[supplied_by_person_place]::boolean, p.bucket, p.v[method_place], p.v[wording_place], p.v[ip_place]::inet, p.v[signature_place],
				p.v[tax_id_place], p.v[source_place], p.v[document_place], NULL)::consent_event AS event
		FROM import_person AS p
	), facts AS MATERIALIZED (
		SELECT e.missing, e.supplied, consent_evidence(e.event) AS evidence
		FROM (SELECT DISTINCT ON (missing, supplied) missing, supplied, event FROM made ORDER BY missing, supplied OFFSET 0) AS e
	)
	SELECT m.line, m.event, consent_digest(m.event), f.evidence FROM made AS m JOIN facts AS f USING (missing, supplied);
END $$;

-- Grants about which nothing was known and that stand alone in the batch: the bulk of a first import. They take no permission away, so no gate
-- is locked. They leave import_event; returns how many.
CREATE FUNCTION import_fresh_consents() RETURNS bigint LANGUAGE plpgsql
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
			method, wording, ip, signature, tax_id, source, document, digest)
		SELECT (s.event).recipient_id, (s.event).recorded_at, (s.event).given_at, (s.event).confirmed_at, (s.event).business_id, (s.event).channel,
			(s.event).category, (s.event).state, (s.event).supplied_by_person, (s.event).bucket, (s.event).method, (s.event).wording, (s.event).ip,
			(s.event).signature, (s.event).tax_id, (s.event).source, (s.event).document, s.digest
		FROM stored AS s ORDER BY (s.event).bucket, (s.event).recipient_id
		ON CONFLICT DO NOTHING
	)
	DELETE FROM import_event AS e USING stored WHERE e.line = stored.line;
	GET DIAGNOSTICS added = ROW_COUNT;
	RETURN added;
END $$;

-- Everything else goes through store_consent(), in lock order and within one person in the order of the file. A withdrawal without an instant
-- is one of now, and says nothing new of a consent that is withdrawn.
CREATE FUNCTION import_consents(columns text[]) RETURNS import_counts LANGUAGE plpgsql
SET search_path = daypart, pg_catalog, pg_temp AS $$
DECLARE
	counts import_counts := (0, 0, 0);
	row record;
	event consent_event;
BEGIN
	PERFORM import_judge_consents(columns), import_identify(columns), import_make_events(columns);
	counts.added := import_fresh_consents();
	PERFORM lock_people(ARRAY(SELECT (e.event).recipient_id FROM import_event AS e));
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

-- Opt-outs --------------------------------------------------------------------------------------------------------------------------------

-- An opt-out is never refused for contradicting another: the first stands, and both say no.
CREATE FUNCTION import_opt_outs(columns text[]) RETURNS import_counts LANGUAGE plpgsql
SET search_path = daypart, pg_catalog, pg_temp AS $$
DECLARE
	phone_place int := array_position(columns, 'phone');
	business_place int := array_position(columns, 'business');
	channel_place int := array_position(columns, 'channel');
	category_place int := array_position(columns, 'category');
	at_place int := array_position(columns, 'at');
	source_place int := array_position(columns, 'source');
	counts import_counts := (0, 0, 0);
	fresh suppression[];
BEGIN
	INSERT INTO import_judged
	SELECT i.line, i.v, CASE WHEN coalesce(i.v[business_place], 'all') = 'all' THEN 0 ELSE b.business_id END, coalesce(
		problem_missing('phone', i.v[phone_place]), problem_phone(i.v[phone_place]),
		CASE WHEN coalesce(i.v[business_place], 'all') <> 'all' THEN problem_business(i.v[business_place], b.business_id) END,
		CASE WHEN channel IS NULL AND i.v[channel_place] <> 'all' THEN problem_channel(i.v[channel_place]) END,
		CASE WHEN category IS NULL AND i.v[category_place] <> 'all' THEN problem_category(i.v[category_place]) END,
		problem_instant('at', i.v[at_place]))
	FROM import_row AS i LEFT JOIN business AS b ON b.name = i.v[business_place]
		LEFT JOIN unnest(enum_range(NULL::channel)) AS channel ON channel::text = i.v[channel_place]
		LEFT JOIN unnest(enum_range(NULL::category)) AS category ON category::text = i.v[category_place];
	PERFORM import_identify(columns);
	PERFORM lock_people(ARRAY(SELECT p.recipient_id FROM import_person AS p));
	WITH stored AS (
		INSERT INTO suppression (recipient_id, at, business_id, bucket, channel, category, source)
		SELECT p.recipient_id, coalesce(p.v[at_place]::timestamptz, session_now()), p.business_id, p.bucket, coalesce(p.v[channel_place], 'all'),
			coalesce(p.v[category_place], 'all'), p.v[source_place]
		FROM import_person AS p ORDER BY p.bucket, p.recipient_id, p.line
		ON CONFLICT DO NOTHING
		RETURNING suppression.*)
	SELECT array_agg(s::suppression) INTO fresh FROM stored AS s;
	PERFORM cancel_slots(array_agg(f.recipient_id), f.business_id, f.channel, f.category, 'opted_out')
	FROM unnest(fresh) AS f GROUP BY f.business_id, f.channel, f.category;
	counts.added := coalesce(cardinality(fresh), 0);
	counts.unchanged := (SELECT count(*) FROM import_person) - counts.added;
	RETURN counts;
END $$;

-- Audiences -------------------------------------------------------------------------------------------------------------------------------

-- An audience that is new is made when its row names its business.
CREATE FUNCTION import_judge_members(columns text[]) RETURNS void LANGUAGE plpgsql
SET search_path = daypart, pg_catalog, pg_temp AS $$
DECLARE
	phone_place int := array_position(columns, 'phone');
	audience_place int := array_position(columns, 'audience');
	business_place int := array_position(columns, 'business');
BEGIN
	INSERT INTO audience (name, business)
	SELECT DISTINCT ON (i.v[audience_place]) i.v[audience_place], i.v[business_place]
	FROM import_row AS i JOIN business AS b ON b.name = i.v[business_place]
	WHERE problem_name(i.v[audience_place]) IS NULL AND i.v[audience_place] IS NOT NULL
	ORDER BY i.v[audience_place], i.line
	ON CONFLICT DO NOTHING;
	INSERT INTO import_judged
	SELECT i.line, i.v, NULL, coalesce(
		problem_missing('audience', i.v[audience_place]), problem_name(i.v[audience_place]),
		CASE WHEN b.name IS NULL AND i.v[business_place] IS NOT NULL THEN problem_business(i.v[business_place], b.business_id) END,
		CASE WHEN a.name IS NULL
			THEN problem_unknown('audience', i.v[audience_place], 'name its business in the column business, and it will be made') END,
		CASE WHEN a.business <> b.name THEN problem_with('business', b.name, format('does not own audience "%s", "%s" does', a.name, a.business),
			'correct one of the names') END,
		problem_missing('phone', i.v[phone_place]), problem_phone(i.v[phone_place]))
	FROM import_row AS i LEFT JOIN business AS b ON b.name = i.v[business_place] LEFT JOIN audience AS a ON a.name = i.v[audience_place];
END $$;

CREATE FUNCTION import_members(columns text[]) RETURNS import_counts LANGUAGE plpgsql
SET search_path = daypart, pg_catalog, pg_temp AS $$
DECLARE
	phone_place int := array_position(columns, 'phone');
	audience_place int := array_position(columns, 'audience');
	counts import_counts := (0, 0, 0);
BEGIN
	PERFORM import_judge_members(columns), import_identify(columns);
	WITH strangers AS (
		DELETE FROM import_person AS p USING (
			SELECT q.line FROM import_person AS q
				LEFT JOIN LATERAL (SELECT true AS found FROM recipient AS r WHERE r.bucket = q.bucket AND r.recipient_id = q.recipient_id OFFSET 0)
					AS known ON true
			WHERE known.found IS NULL) AS unknown
		WHERE p.line = unknown.line
		RETURNING p.line, p.v)
	INSERT INTO import_reject
	SELECT s.line, 'phone', import_reason(problem_stranger(s.v[phone_place])) FROM strangers AS s;
	WITH stored AS (
		INSERT INTO audience_member (recipient_id, audience_id, bucket)
		SELECT p.recipient_id, a.audience_id, p.bucket
		FROM import_person AS p JOIN audience AS a ON a.name = p.v[audience_place] ORDER BY p.bucket, p.recipient_id
		ON CONFLICT DO NOTHING
		RETURNING 1)
	SELECT count(*) INTO counts.added FROM stored;
	counts.unchanged := (SELECT count(*) FROM import_person) - counts.added;
	RETURN counts;
END $$;

-- Sends -----------------------------------------------------------------------------------------------------------------------------------

CREATE FUNCTION import_judge_sends(columns text[]) RETURNS void LANGUAGE plpgsql
SET search_path = daypart, pg_catalog, pg_temp AS $$
DECLARE
	phone_place int := array_position(columns, 'phone');
	business_place int := array_position(columns, 'business');
	channel_place int := array_position(columns, 'channel');
	category_place int := array_position(columns, 'category');
	sent_at_place int := array_position(columns, 'sent_at');
BEGIN
	INSERT INTO import_judged
	SELECT i.line, i.v, b.business_id, coalesce(
		problem_missing('phone', i.v[phone_place]), problem_phone(i.v[phone_place]),
		problem_missing('business', i.v[business_place]), problem_business(i.v[business_place], b.business_id),
		problem_missing('channel', i.v[channel_place]), CASE WHEN channel IS NULL THEN problem_channel(i.v[channel_place]) END,
		problem_missing('category', i.v[category_place]), CASE WHEN category IS NULL THEN problem_category(i.v[category_place]) END,
		problem_missing('sent_at', i.v[sent_at_place]), problem_instant('sent_at', i.v[sent_at_place]),
		problem_future('sent_at', i.v[sent_at_place]::timestamptz))
	FROM import_row AS i LEFT JOIN business AS b ON b.name = i.v[business_place]
		LEFT JOIN unnest(enum_range(NULL::channel)) AS channel ON channel::text = i.v[channel_place]
		LEFT JOIN unnest(enum_range(NULL::category)) AS category ON category::text = i.v[category_place];
END $$;

CREATE FUNCTION import_sends(columns text[]) RETURNS import_counts LANGUAGE plpgsql
SET search_path = daypart, pg_catalog, pg_temp AS $$
DECLARE
	channel_place int := array_position(columns, 'channel');
	category_place int := array_position(columns, 'category');
	sent_at_place int := array_position(columns, 'sent_at');
	reference_place int := array_position(columns, 'reference');
	counts import_counts := (0, 0, 0);
	fresh outside_send[];
	contradicting bigint;
BEGIN
	PERFORM import_judge_sends(columns), import_identify(columns);
	PERFORM lock_people(ARRAY(SELECT p.recipient_id FROM import_person AS p));
	WITH stored AS (
		INSERT INTO outside_send (recipient_id, sent_at, business_id, channel, category, bucket, reference)
		SELECT p.recipient_id, p.v[sent_at_place]::timestamptz, p.business_id, p.v[channel_place]::channel, p.v[category_place]::category, p.bucket,
			coalesce(p.v[reference_place], '')
		FROM import_person AS p ORDER BY p.bucket, p.recipient_id, p.line
		ON CONFLICT DO NOTHING
		RETURNING outside_send.*)
	SELECT array_agg(s::outside_send) INTO fresh FROM stored AS s;
	PERFORM cancel_slots(array_agg(f.recipient_id), f.business_id, 'all', 'all', 'facts_changed') FROM unnest(fresh) AS f GROUP BY f.business_id;
	INSERT INTO import_reject
	SELECT p.line, 'sent_at', import_reason(problem_with('sent_at', p.v[sent_at_place], format('is known as a send of channel %s and category %s',
		known.channel, known.category), 'give different sends different values in the column reference'))
	FROM import_person AS p CROSS JOIN LATERAL (
		SELECT * FROM outside_send AS o WHERE o.bucket = p.bucket AND o.recipient_id = p.recipient_id AND o.business_id = p.business_id
			AND o.sent_at = p.v[sent_at_place]::timestamptz AND o.reference = coalesce(p.v[reference_place], '') OFFSET 0) AS known
	WHERE (known.channel::text, known.category::text) <> (p.v[channel_place], p.v[category_place]);
	GET DIAGNOSTICS contradicting = ROW_COUNT;
	counts.added := coalesce(cardinality(fresh), 0);
	counts.unchanged := (SELECT count(*) FROM import_person) - counts.added - contradicting;
	RETURN counts;
END $$;

-- A batch ---------------------------------------------------------------------------------------------------------------------------------

CREATE FUNCTION import_people(kind text, columns text[]) RETURNS import_counts LANGUAGE plpgsql
SECURITY DEFINER SET search_path = daypart, pg_catalog, pg_temp AS $$
BEGIN
	PERFORM import_check_staging();
	TRUNCATE import_judged, import_person, import_event;
	RETURN CASE kind
		WHEN 'recipients' THEN import_recipients(columns)
		WHEN 'consents' THEN import_consents(columns)
		WHEN 'opt-outs' THEN import_opt_outs(columns)
		WHEN 'audiences' THEN import_members(columns)
		WHEN 'sends' THEN import_sends(columns) END;
END $$;

-- Lands what import_row holds and leaves what is wrong in import_reject.
CREATE FUNCTION import_batch(kind text, columns text[]) RETURNS import_counts LANGUAGE plpgsql
SET search_path = daypart, pg_catalog, pg_temp AS $$
BEGIN
	TRUNCATE import_reject;
	RETURN CASE kind
		WHEN 'businesses' THEN import_named('business', '{name}', columns)
		WHEN 'senders' THEN import_named('sender', '{name}', columns)
		WHEN 'templates' THEN import_named('template', '{name,language}', columns)
		WHEN 'campaigns' THEN import_named('campaign', '{name}', columns)
		ELSE import_people(kind, columns) END;
END $$;
