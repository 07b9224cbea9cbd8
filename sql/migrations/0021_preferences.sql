-- Instants that people and campaigns prefer: the hour that somebody likes to be written to, the local time of a campaign. They rank what is lawful.

CREATE FUNCTION problem_preferred_hour(preferred_hour text) RETURNS problem IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN preferred_hour !~ '^([01]?[0-9]|2[0-3])$'
		THEN problem_with('preferred_hour', preferred_hour, 'is no hour of the day', 'write 0 to 23, by the person''s own clock') END;

-- A time that nobody looks at, or none where it is looked for, would be a campaign at another time than its author meant.
CREATE FUNCTION problem_send_at(pacing text, send_at time) RETURNS problem IMMUTABLE PARALLEL SAFE
	RETURN CASE
		WHEN pacing = 'at' AND send_at IS NULL
			THEN ROW('pacing "at" is given without send_at', 'give send_at, a local time such as 10:00, or another pacing')::problem
		WHEN pacing <> 'at' AND send_at IS NOT NULL
			THEN problem_with('send_at', send_at::text, format('is given, but pacing is "%s"', pacing), 'set pacing to at, or leave send_at empty')
		WHEN send_at = '24:00' THEN problem_with('send_at', send_at::text, 'is the end of the day', 'write 00:00 to 23:59') END;
CREATE FUNCTION check_send_at(pacing text, send_at time) RETURNS boolean IMMUTABLE RETURN refuse(problem_send_at(pacing, send_at));
ALTER TABLE campaign ADD CHECK (check_send_at(pacing::text, send_at));

-- As in 0012_law_people.sql, and the preferred hour. Another hour is no reason to take back what is queued: a slot that is lawful stays.
DROP FUNCTION add_recipient(text, text, text, text, text, jsonb);
CREATE FUNCTION add_recipient(phone text, region text DEFAULT NULL, timezone text DEFAULT NULL, language text DEFAULT NULL,
	source text DEFAULT NULL, variables jsonb DEFAULT NULL, preferred_hour int DEFAULT NULL) RETURNS bigint LANGUAGE plpgsql
SECURITY DEFINER SET search_path = daypart, pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
	person bigint := person_of(phone);
	number bigint := canonical_phone(phone);
	known recipient;
	fresh recipient;
BEGIN
	PERFORM refuse(problem_region(region)), refuse(problem_timezone(timezone)), refuse(problem_language(language)),
		refuse(problem_contact_source(source)), refuse(problem_recipient_variables(variables)),
		refuse(problem_preferred_hour(preferred_hour::text));
	PERFORM lock_people(ARRAY[person]);
	INSERT INTO recipient (recipient_id, phone, added_at, bucket, region, timezone, language, source, variables, preferred_hour)
	VALUES (person, number, session_now(), bucket_of(person), add_recipient.region, add_recipient.timezone, add_recipient.language,
		add_recipient.source, nullif(jsonb_strip_nulls(add_recipient.variables), '{}'), add_recipient.preferred_hour)
	ON CONFLICT (bucket, recipient_id) DO NOTHING;
	SELECT * INTO known FROM recipient AS r WHERE r.bucket = bucket_of(person) AND r.recipient_id = person FOR UPDATE;
	PERFORM refuse(ROW(format('the id of phone "%s" belongs to another number', add_recipient.phone),
		'this person cannot be written: two numbers have one keyed hash')::problem) WHERE known.phone <> number;
	UPDATE recipient AS r SET region = coalesce(add_recipient.region, r.region), timezone = coalesce(add_recipient.timezone, r.timezone),
		language = coalesce(add_recipient.language, r.language), source = coalesce(add_recipient.source, r.source),
		variables = nullif(jsonb_strip_nulls(coalesce(r.variables, '{}') || coalesce(add_recipient.variables, '{}')), '{}'),
		preferred_hour = coalesce(add_recipient.preferred_hour, r.preferred_hour)
	WHERE r.bucket = bucket_of(person) AND r.recipient_id = person
	RETURNING * INTO fresh;
	IF (fresh.region, fresh.timezone, fresh.language, fresh.variables) IS DISTINCT FROM (known.region, known.timezone, known.language, known.variables)
	THEN
		PERFORM cancel_slots(ARRAY[person], 0, 'all', 'all', 'facts_changed');
	END IF;
	RETURN person;
END $$;

-- As in 0013_law_import.sql, and the preferred hour.
CREATE OR REPLACE FUNCTION import_judge_recipients(columns text[], names text[], places int[]) RETURNS void LANGUAGE plpgsql
SET search_path = daypart, pg_catalog, pg_temp AS $$
DECLARE
	phone_place int := array_position(columns, 'phone');
	region_place int := array_position(columns, 'region');
	timezone_place int := array_position(columns, 'timezone');
	language_place int := array_position(columns, 'language');
	source_place int := array_position(columns, 'source');
	hour_place int := array_position(columns, 'preferred_hour');
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
		problem_language(i.v[language_place]), problem_preferred_hour(i.v[hour_place]),
		CASE WHEN names IS NOT NULL AND EXISTS (
			SELECT FROM declared AS d WHERE i.v[d.place] IS NOT NULL
				AND (d.type IS NULL OR problem_variable_value(d.name, d.type, d.max_length, i.v[d.place]) IS DISTINCT FROM NULL))
			THEN problem_recipient_variables(import_variables(names, places, i.v)) END),
		w.meaning = 'purchased'
	FROM import_row AS i LEFT JOIN region AS r ON r.code = i.v[region_place] LEFT JOIN time_zone AS z ON z.name = i.v[timezone_place]
		LEFT JOIN word AS w ON w.value = i.v[source_place];
END $$;

-- As in 0006_import.sql, and the preferred hour.
CREATE OR REPLACE FUNCTION import_recipients(columns text[]) RETURNS import_counts LANGUAGE plpgsql
SET search_path = daypart, pg_catalog, pg_temp AS $$
DECLARE
	region_place int := array_position(columns, 'region');
	timezone_place int := array_position(columns, 'timezone');
	language_place int := array_position(columns, 'language');
	source_place int := array_position(columns, 'source');
	hour_place int := array_position(columns, 'preferred_hour');
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
		INSERT INTO recipient (recipient_id, phone, added_at, bucket, region, timezone, language, source, variables, preferred_hour)
		SELECT p.recipient_id, p.phone, moment, p.bucket, p.v[region_place], p.v[timezone_place], p.v[language_place], p.v[source_place],
			import_variables(names, places, p.v), p.v[hour_place]::smallint
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
				AND coalesce(known.preferred_hour = p.v[hour_place]::smallint, p.v[hour_place] IS NULL)
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
			PERFORM add_recipient('+' || row.phone, row.v[region_place], row.v[timezone_place], row.v[language_place], row.v[source_place], row.variables,
				row.v[hour_place]::int);
			counts.changed := counts.changed + 1;
		EXCEPTION WHEN data_exception THEN
			GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, hint = PG_EXCEPTION_HINT;
			INSERT INTO import_reject VALUES (row.line, 'phone', import_reason(ROW(message, hint)::problem));
		END;
	END LOOP;
	RETURN counts;
END $$;

COMMENT ON FUNCTION add_recipient IS
	'adds a person, or changes what is known: NULL leaves a value as it is, a JSON null removes a variable';
COMMENT ON FUNCTION problem_preferred_hour IS 'what is wrong with an hour that a person prefers';
COMMENT ON FUNCTION problem_send_at IS 'whether a campaign''s local time fits its pacing';
COMMENT ON FUNCTION check_send_at IS 'the same, as a CHECK constraint asks';

CALL hand_over();
GRANT EXECUTE ON FUNCTION add_recipient TO daypart_marketer, daypart_privacy;
