-- Segments: audiences that are defined by a query (F12; R-161, R-162, R-166; profiling asks for consent to analytics, R-040).
--
-- A query may read only what was registered for it, and nothing about a protected attribute. What it reads is not guessed from its text:
--     one statement   the text holds no semicolon
--     a SELECT        it becomes a view, which is parsed and never run; its author's rights do not matter
--     what it reads   relations, whole rows and built-in functions stand in the view's rule, columns and all other functions in pg_depend; views
--                     below are looked through as well
--     no more         the view is read by role daypart_segment_reader with its own rights (security_invoker). The role owns nothing and can do
--                     nothing but read what its owners granted it, so that a trick that gets by the rest ends there
-- It is judged when it is defined and again at each refresh, because views below, registrations and the list of attributes change; what fails then
-- chooses nobody, and campaigns that name it, for whom to write to or for whom to leave out, wait. Persons are read through view daypart_segment.person, which has just the registered columns and variables: a key of JSON in
-- the query's text could be hidden, a column cannot.

CALL install_role('daypart_segment_reader', true);
CREATE SCHEMA daypart_segment;
COMMENT ON SCHEMA daypart_segment IS 'what segments may read of people, and the segments themselves as views';

-- What nobody is chosen by ----------------------------------------------------------------------------------------------------------------

-- A name as words, however it was written: "CustomerReligião_2" is customer_religiao.
CREATE FUNCTION attribute_form(name text) RETURNS text IMMUTABLE PARALLEL SAFE
	RETURN btrim(regexp_replace(lower(regexp_replace(regexp_replace(normalize(name, NFKD), '[\u0300-\u036f]+', '', 'g') COLLATE "und-x-icu",
		'([[:lower:]])([[:upper:]])|([[:upper:]])([[:upper:]][[:lower:]])', '\1\3_\2\4', 'g')), '[^[:alpha:]]+', '_', 'g'), '_');

CREATE TABLE protected_attribute (                    -- written by init and rules load from a file
	word text PRIMARY KEY CHECK (word = attribute_form(word)),
	attribute text NOT NULL,
	sources text NOT NULL
);

-- The attribute that a name speaks of, or NULL. Short words must stand alone ("race", not "trace"), longer ones may be part of another.
CREATE FUNCTION protected_attribute_of(name text) RETURNS protected_attribute STABLE
	RETURN (SELECT p FROM protected_attribute AS p CROSS JOIN (SELECT format('_%s_', attribute_form(name)) AS form OFFSET 0) AS n
		WHERE strpos(n.form, format('_%s_', p.word)) > 0 OR strpos(n.form, format('_%ss_', p.word)) > 0
			OR octet_length(replace(p.word, '_', '')) >= 6 AND strpos(replace(n.form, '_', ''), replace(p.word, '_', '')) > 0
		ORDER BY length(p.word) DESC, p.word COLLATE "C" LIMIT 1);

CREATE FUNCTION problem_protected(field text, name text, attribute protected_attribute) RETURNS problem IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN (attribute).word IS NOT NULL
		THEN problem_with(field, name, format('speaks of %s ("%s"), which is protected', (attribute).attribute, (attribute).word),
			format('leave it out: nobody is chosen by it (%s); where the word means something else, correct the file of protected attributes, then: '
				'daypart rules load', (attribute).sources)) END;

-- What segments may read ------------------------------------------------------------------------------------------------------------------

CREATE TYPE column_purpose AS ENUM ('messaging', 'segmentation');

CREATE TABLE segment_column (                         -- rows are added and revoked, never changed
	relation text NOT NULL,                            -- schema and name, quoted where SQL needs it
	column_name text NOT NULL,                         -- of daypart.recipient also variables.NAME
	registered_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	registered_by text NOT NULL DEFAULT session_user,
	purpose column_purpose NOT NULL,
	profiling boolean NOT NULL,                        -- tells what somebody likes, does or is like: only with consent to analytics
	note text,
	revoked_at timestamptz,
	revoked_by text,
	PRIMARY KEY (relation, column_name, registered_at),
	CHECK ((revoked_at IS NULL) = (revoked_by IS NULL))
);
CREATE UNIQUE INDEX segment_column_now ON segment_column (relation, column_name) WHERE revoked_at IS NULL;

-- Of recipients only what is no number; the rest is in variables.
CREATE FUNCTION person_columns() RETURNS text[] IMMUTABLE PARALLEL SAFE
	RETURN '{recipient_id,region,timezone,language,source,added_at,preferred_hour}'::text[];
CREATE FUNCTION person_column(column_name text) RETURNS text IMMUTABLE PARALLEL SAFE
	RETURN regexp_replace(column_name, '^variables\.', 'var_');

-- The registered columns where queries find them.
CREATE VIEW segment_source AS
SELECT CASE c.relation WHEN 'daypart.recipient' THEN 'daypart_segment.person' ELSE c.relation END AS relation,
	CASE c.relation WHEN 'daypart.recipient' THEN person_column(c.column_name) ELSE c.column_name END AS column_name, c.purpose, c.profiling, c.note,
	c.registered_by, c.registered_at
FROM segment_column AS c WHERE c.revoked_at IS NULL;

-- One row a person. What is not registered any more stays as an empty column, because segments may depend on it; they are refused then.
CREATE FUNCTION make_person_view() RETURNS void LANGUAGE plpgsql
SET search_path = daypart, pg_catalog, pg_temp AS $$
DECLARE
	columns text;
	fresh text;
BEGIN
	WITH wanted AS (
		SELECT a.attname::text AS name, format_type(a.atttypid, a.atttypmod) AS type, a.attnum::int AS place
		FROM pg_attribute AS a WHERE a.attrelid = to_regclass('daypart_segment.person') AND a.attnum > 0
		UNION ALL
		SELECT s.column_name, NULL, 1000 + (row_number() OVER (ORDER BY array_position(person_columns(), s.column_name), s.column_name COLLATE "C"))::int
		FROM segment_source AS s
		WHERE s.relation = 'daypart_segment.person' AND s.purpose = 'segmentation' AND NOT EXISTS (SELECT FROM pg_attribute AS a
			WHERE a.attrelid = to_regclass('daypart_segment.person') AND a.attname = s.column_name AND a.attnum > 0)
	)
	SELECT string_agg(format('%s AS %I', CASE
			WHEN s.column_name IS NULL THEN format('NULL::%s', w.type)
			WHEN starts_with(w.name, 'var_') THEN format('r.variables ->> %L', substr(w.name, 5))
			ELSE format('r.%I', w.name) END, w.name), ', ' ORDER BY w.place)
	INTO columns
	FROM wanted AS w LEFT JOIN segment_source AS s
		ON s.relation = 'daypart_segment.person' AND s.column_name = w.name AND s.purpose = 'segmentation';
	EXECUTE format('CREATE OR REPLACE VIEW daypart_segment.person AS SELECT %s FROM daypart.recipient AS r', columns);
	FOR fresh IN SELECT a.attname FROM pg_attribute AS a
		WHERE a.attrelid = 'daypart_segment.person'::regclass AND a.attnum > 0 AND col_description(a.attrelid, a.attnum) IS NULL
	LOOP
		EXECUTE format('COMMENT ON COLUMN daypart_segment.person.%I IS %L', fresh,
			CASE WHEN starts_with(fresh, 'var_') THEN format('variable %s of the recipient', substr(fresh, 5)) ELSE 'as in table recipient' END);
	END LOOP;
END $$;

CREATE FUNCTION problem_daypart_column(relation text, column_name text) RETURNS problem STABLE
	RETURN CASE
		WHEN relation <> 'daypart.recipient' THEN problem_with('relation', relation, 'holds what messages are sent by (purpose messaging)',
			'register columns of daypart.recipient, or of tables of your own')
		WHEN column_name <> ALL (person_columns()) AND column_name !~ '^variables\.[a-z][a-z0-9_]{0,39}$'
			THEN problem_with('column', column_name, 'of daypart.recipient is not for segments',
				format('register one of %s, or a variable as variables.NAME', array_to_string(person_columns(), ', '))) END;

-- A column of somebody else's table or view. Values with an inside are refused, because what is read of it could not be told.
CREATE FUNCTION problem_own_column(relation text, column_name text) RETURNS problem STABLE
	RETURN (SELECT CASE
			WHEN n.nspname ~ '^(pg_|information_schema$|daypart_segment$)'
				THEN problem_with('relation', relation, 'is no table of yours', 'register columns of daypart.recipient, or of tables of your own')
			WHEN a.attname IS NULL
				THEN problem_unknown('column', format('%s.%s', relation, column_name), 'write the name of a column as it stands in the table')
			WHEN NOT (t.oid < 16384 OR t.typtype = 'e') OR t.oid IN ('json'::regtype, 'jsonb'::regtype, 'xml'::regtype) OR t.typtype IN ('c', 'p')
				THEN problem_with('column', format('%s.%s', relation, column_name), format('holds several values at once (type %s)', format_type(a.atttypid, NULL)),
					'make a view that has the values needed in columns of their own, and register those')
			WHEN NOT has_schema_privilege('daypart_segment_reader', n.oid, 'USAGE') OR NOT has_schema_privilege('daypart_owner', n.oid, 'USAGE')
					OR NOT has_column_privilege('daypart_segment_reader', c.oid, a.attnum, 'SELECT')
				THEN problem_with('column', format('%s.%s', relation, column_name), 'cannot be read by daypart_segment_reader',
					format('as the owner of the table: GRANT USAGE ON SCHEMA %I TO daypart_owner, daypart_segment_reader; '
						'GRANT SELECT (%I) ON %s TO daypart_segment_reader', n.nspname, a.attname, relation)) END
		FROM (SELECT parse_ident(relation) AS part) AS name
			LEFT JOIN pg_namespace AS n ON n.nspname = name.part[1]
			LEFT JOIN pg_class AS c ON c.relnamespace = n.oid AND c.relname = name.part[2] AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
			LEFT JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attname = problem_own_column.column_name AND a.attnum > 0 AND NOT a.attisdropped
			LEFT JOIN pg_type AS given ON given.oid = a.atttypid
			LEFT JOIN pg_type AS plain ON plain.oid = CASE given.typtype WHEN 'd' THEN given.typbasetype ELSE given.oid END
			LEFT JOIN pg_type AS t ON t.oid = CASE plain.typcategory WHEN 'A' THEN plain.typelem ELSE plain.oid END);

-- Lets segments read a column, or (purpose messaging) says that they never may.
CREATE FUNCTION register_segment_column(relation text, column_name text, purpose text DEFAULT 'segmentation', profiling boolean DEFAULT false,
	note text DEFAULT NULL) RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = daypart, pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
	part text[];
	full_name text;
BEGIN
	PERFORM refuse(problem_missing('relation', register_segment_column.relation)),
		refuse(problem_missing('column_name', register_segment_column.column_name)),
		refuse(problem_word('purpose', register_segment_column.purpose, enum_range(NULL::column_purpose)::text[]));
	part := parse_ident(register_segment_column.relation);
	PERFORM refuse(problem_with('relation', register_segment_column.relation, 'has no schema', 'write schema and table, such as crm.customer'))
		WHERE cardinality(part) <> 2;
	full_name := format('%I.%I', part[1], part[2]);
	IF register_segment_column.purpose = 'segmentation' THEN
		PERFORM refuse(problem_protected('column', format('%s.%s', full_name, register_segment_column.column_name),
				protected_attribute_of(format('%s %s', part[2], register_segment_column.column_name)))),
			refuse(CASE part[1] WHEN 'daypart' THEN problem_daypart_column(full_name, register_segment_column.column_name)
				ELSE problem_own_column(full_name, register_segment_column.column_name) END);
	END IF;
	UPDATE segment_column AS c SET revoked_at = clock_timestamp(), revoked_by = session_user
	WHERE c.relation = full_name AND c.column_name = register_segment_column.column_name AND c.revoked_at IS NULL;
	INSERT INTO segment_column (relation, column_name, purpose, profiling, note)
	VALUES (full_name, register_segment_column.column_name, register_segment_column.purpose::column_purpose,
		coalesce(register_segment_column.profiling, false), register_segment_column.note);
	PERFORM make_person_view() WHERE full_name = 'daypart.recipient';
END $$;

-- Segments that read the column choose nobody from their next refresh on.
CREATE FUNCTION revoke_segment_column(relation text, column_name text) RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = daypart, pg_catalog, pg_temp AS $$
DECLARE
	full_name text := (SELECT format('%I.%I', p.part[1], p.part[2]) FROM (SELECT parse_ident(relation) AS part) AS p);
BEGIN
	UPDATE segment_column AS c SET revoked_at = clock_timestamp(), revoked_by = session_user
	WHERE c.relation = full_name AND c.column_name = revoke_segment_column.column_name AND c.revoked_at IS NULL;
	PERFORM refuse(problem_with('column', format('%s.%s', relation, revoke_segment_column.column_name), 'is not registered', 'see table segment_column'))
		WHERE NOT FOUND;
	PERFORM make_person_view() WHERE full_name = 'daypart.recipient';
END $$;

-- Consent to analytics --------------------------------------------------------------------------------------------------------------------

CREATE TABLE analytics_consent (                      -- append-only: what a person said last counts, a withdrawal before a grant of the same instant
	recipient_id bigint NOT NULL,
	at timestamptz NOT NULL,                           -- when the person said so
	recorded_at timestamptz NOT NULL,
	business_id int NOT NULL,
	bucket smallint NOT NULL,
	state consent_state NOT NULL,
	method text, wording text, source text,
	by_whom text NOT NULL DEFAULT session_user,
	PRIMARY KEY (bucket, recipient_id, business_id, at, state)
);

CREATE FUNCTION analytics_state(bucket smallint, recipient_id bigint, business_id int) RETURNS consent_state STABLE
	RETURN (SELECT a.state FROM analytics_consent AS a
		WHERE a.bucket = analytics_state.bucket AND a.recipient_id = analytics_state.recipient_id AND a.business_id = analytics_state.business_id
		ORDER BY a.at DESC, a.state = 'withdrawn' DESC LIMIT 1);

CREATE FUNCTION record_analytics_consent(phone text, business text, method text, given_at timestamptz DEFAULT NULL, wording text DEFAULT NULL,
	source text DEFAULT NULL) RETURNS bigint LANGUAGE plpgsql
SECURITY DEFINER SET search_path = daypart, pg_catalog, pg_temp AS $$
DECLARE
	person bigint := person_of(phone);
BEGIN
	PERFORM refuse(problem_missing('method', method)), refuse(problem_future('given_at', given_at)), refuse(problem_consent_word('method', method)),
		refuse(problem_consent_word('source', source));
	INSERT INTO analytics_consent (recipient_id, at, recorded_at, business_id, bucket, state, method, wording, source)
	VALUES (person, coalesce(given_at, session_now()), session_now(), business_of(business), bucket_of(person), 'granted', method, wording, source)
	ON CONFLICT DO NOTHING;
	RETURN person;
END $$;

-- What a query reads ----------------------------------------------------------------------------------------------------------------------

-- The rules of a view and of all views below it.
CREATE FUNCTION segment_rules(top oid) RETURNS TABLE (view oid, rule oid, tree text) STABLE BEGIN ATOMIC
	WITH RECURSIVE below AS (
		SELECT r.ev_class AS view, r.oid AS rule, r.ev_action::text AS tree FROM pg_rewrite AS r WHERE r.ev_class = top AND r.rulename = '_RETURN'
		UNION
		SELECT r.ev_class, r.oid, r.ev_action::text
		FROM below AS b CROSS JOIN LATERAL regexp_matches(b.tree, ':relid (\d+)', 'g') AS m (part)
			JOIN pg_rewrite AS r ON r.ev_class = m.part[1]::oid AND r.rulename = '_RETURN'
	)
	SELECT * FROM below;
END;

-- Every column that is read anywhere in the query (direct) or in views below.
CREATE FUNCTION segment_reads(top oid) RETURNS TABLE (relation text, name text, column_name text, direct boolean) STABLE BEGIN ATOMIC
	SELECT DISTINCT format('%I.%I', n.nspname, c.relname), c.relname::text, a.attname::text, r.view = top
	FROM segment_rules(top) AS r
		JOIN pg_depend AS d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.rule AND d.refclassid = 'pg_class'::regclass AND d.refobjsubid > 0
			AND d.refobjid <> r.view
		JOIN pg_class AS c ON c.oid = d.refobjid
		JOIN pg_namespace AS n ON n.oid = c.relnamespace
		JOIN pg_attribute AS a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid;
END;

CREATE FUNCTION problem_segment_output(top oid) RETURNS problem STABLE
	RETURN (SELECT CASE
			WHEN count(*) <> 1 OR min(a.attname) NOT IN ('recipient_id', 'phone')
				THEN ROW(format('the query gives %s', string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum)),
					'let it give one column, recipient_id or phone, such as SELECT recipient_id FROM person WHERE ...')::problem
			WHEN min(a.attname) = 'recipient_id' AND bool_or(a.atttypid <> 'bigint'::regtype)
					OR bool_or(a.atttypid NOT IN ('bigint'::regtype, 'numeric'::regtype, 'text'::regtype, 'varchar'::regtype))
				THEN problem_with('column', min(a.attname), format('has type %s', min(format_type(a.atttypid, NULL))),
					'recipient_id is a bigint as in person, phone a text such as +1 415 555 0123') END
		FROM pg_attribute AS a WHERE a.attrelid = top AND a.attnum > 0);

-- What a segment cannot do, because what it reads or gives could not be told.
CREATE FUNCTION problem_segment_shape(top oid) RETURNS problem STABLE
	RETURN (SELECT CASE
			WHEN bool_or(r.tree ~ ':varattno (0|-\d+) ')
				THEN ROW('the query, or a view that it reads, reads a whole row or a system column',
					'name the columns that it needs, also in count(...) and to_jsonb(...)')::problem
			WHEN bool_or(r.tree ~ ':hasRecursive true')
				THEN ROW('the query is recursive, and could go on forever', 'write it without WITH RECURSIVE')::problem END
		FROM segment_rules(top) AS r);

-- Names of relations and columns; of JSON, where any is read, every text in the view, because each may be a key.
CREATE FUNCTION problem_segment_protected(top oid) RETURNS problem STABLE
	RETURN (SELECT f.found FROM (
			SELECT problem_protected('column', format('%s.%s', s.relation, s.column_name), protected_attribute_of(format('%s %s', s.name, s.column_name)))
				AS found, format('%s.%s', s.relation, s.column_name) AS place
			FROM segment_reads(top) AS s
			UNION ALL
			SELECT problem_protected('key', m.part[1], protected_attribute_of(m.part[1])), m.part[1]
			FROM segment_rules(top) AS r CROSS JOIN LATERAL regexp_matches(pg_get_viewdef(r.view), '''((?:[^'']|'''')*)''', 'g') AS m (part)
			WHERE r.tree ~ ':(vartype|funcresulttype|opresulttype|resulttype|consttype) (114|3802) '
				AND r.view IS DISTINCT FROM to_regclass('daypart_segment.person')) AS f
		WHERE (f.found).message IS NOT NULL ORDER BY f.place COLLATE "C" LIMIT 1);

CREATE FUNCTION problem_segment_relation(relation text) RETURNS problem STABLE
	RETURN CASE
		WHEN EXISTS (SELECT FROM segment_source AS s WHERE s.relation = problem_segment_relation.relation) THEN NULL
		WHEN relation = 'daypart.recipient' THEN problem_with('relation', relation, 'cannot be read by segments',
			'read person instead: it has the columns that are registered, and variables as var_NAME')
		WHEN relation LIKE 'daypart.%' THEN problem_with('relation', relation, 'holds what messages are sent by (purpose messaging)',
			'leave it out; view segment_source lists what segments may read')
		WHEN relation ~ '^(pg_|information_schema\.|daypart_segment\.)' THEN problem_with('relation', relation, 'is not for segments',
			'leave it out; view segment_source lists what segments may read')
		ELSE problem_with('relation', relation, 'is not registered for segments',
			format('ask somebody with role daypart_privacy: register_segment_column(%L, ''COLUMN'')', relation)) END;

CREATE FUNCTION problem_segment_column(relation text, column_name text, purpose column_purpose) RETURNS problem IMMUTABLE PARALLEL SAFE
	RETURN CASE
		WHEN purpose = 'segmentation' THEN NULL
		WHEN purpose = 'messaging' THEN problem_with('column', format('%s.%s', relation, column_name), 'may be used for messaging only',
			'leave it out; table segment_column says who decided so')
		ELSE problem_with('column', format('%s.%s', relation, column_name), 'is not registered for segments',
			format('leave it out, or ask somebody with role daypart_privacy: register_segment_column(%L, %L)',
				CASE relation WHEN 'daypart_segment.person' THEN 'daypart.recipient' ELSE relation END,
				CASE relation WHEN 'daypart_segment.person' THEN regexp_replace(column_name, '^var_', 'variables.') ELSE column_name END)) END;

CREATE FUNCTION problem_segment_columns(top oid) RETURNS problem STABLE
	RETURN coalesce(
		(SELECT f.found FROM (
				SELECT DISTINCT problem_segment_relation(format('%I.%I', n.nspname, c.relname)) AS found
				FROM segment_rules(top) AS r CROSS JOIN LATERAL regexp_matches(r.tree, ':relid (\d+)', 'g') AS m (part)
					JOIN pg_class AS c ON c.oid = m.part[1]::oid JOIN pg_namespace AS n ON n.oid = c.relnamespace
				WHERE r.view = top AND c.oid <> top) AS f
			WHERE (f.found).message IS NOT NULL ORDER BY (f.found).message COLLATE "C" LIMIT 1),
		(SELECT problem_segment_column(s.relation, s.column_name, c.purpose)
			FROM segment_reads(top) AS s LEFT JOIN segment_source AS c ON c.relation = s.relation AND c.column_name = s.column_name
			WHERE s.direct AND c.purpose IS DISTINCT FROM 'segmentation'
			ORDER BY s.relation COLLATE "C", s.column_name COLLATE "C" LIMIT 1));

-- Functions of others could read anything; built-in ones that are not the same twice, or that take a query or a table's name, are no better.
CREATE FUNCTION problem_segment_functions(top oid) RETURNS problem STABLE
	RETURN (
		WITH rules AS MATERIALIZED (SELECT * FROM segment_rules(top)
		), used AS (
			SELECT m.part[1]::oid AS function FROM rules AS r
				CROSS JOIN LATERAL regexp_matches(r.tree, ':(?:funcid|opfuncid|aggfnoid|winfnoid|tsmhandler) (\d+)', 'g') AS m (part)
			UNION
			SELECT o.oprcode FROM rules AS r CROSS JOIN LATERAL regexp_matches(r.tree, ':opno (\d+)', 'g') AS m (part)
				JOIN pg_operator AS o ON o.oid = m.part[1]::oid
			UNION
			SELECT coalesce(o.oprcode, d.refobjid) FROM rules AS r JOIN pg_depend AS d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.rule
				LEFT JOIN pg_operator AS o ON d.refclassid = 'pg_operator'::regclass AND o.oid = d.refobjid
			WHERE d.refclassid IN ('pg_proc'::regclass, 'pg_operator'::regclass)
		)
		SELECT problem_with('function', p.proname, CASE
				WHEN p.oid >= 16384 OR p.pronamespace <> 'pg_catalog'::regnamespace THEN 'is not one of PostgreSQL''s own'
				WHEN p.provolatile = 'v' THEN 'gives something else at each call'
				ELSE 'reads more than its arguments' END,
			'use comparisons and built-in functions of values; prepare what is more difficult in a column of a table of your own')
		FROM used AS u JOIN pg_proc AS p ON p.oid = u.function
		WHERE p.oid >= 16384 OR p.pronamespace <> 'pg_catalog'::regnamespace OR p.provolatile = 'v'
			OR p.proname ~ '^(pg_|current_setting$|ts_stat$|(table|query|cursor|schema|database)_to_xml)'
		ORDER BY p.proname COLLATE "C" LIMIT 1);

-- Types of others can bring functions with them; lists of words cannot.
CREATE FUNCTION problem_segment_types(top oid) RETURNS problem STABLE
	RETURN (SELECT problem_with('type', t.typname, 'is not one of PostgreSQL''s own', 'compare with texts and numbers; enums are fine')
		FROM segment_rules(top) AS r JOIN pg_depend AS d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.rule AND d.refclassid = 'pg_type'::regclass
			JOIN pg_type AS t ON t.oid = d.refobjid LEFT JOIN pg_type AS item ON item.oid = t.typelem
		WHERE 'e' NOT IN (t.typtype, coalesce(item.typtype, ' '))
		ORDER BY t.typname COLLATE "C" LIMIT 1);

CREATE TYPE segment_judgement AS (problem problem, reads text[], profiling boolean, below text);

-- All of it, about view daypart_segment.NAME. below: the definitions of the views below, as far as they are others'.
CREATE FUNCTION judge_segment(view_name text) RETURNS segment_judgement LANGUAGE plpgsql STABLE
SET search_path = daypart, pg_catalog, pg_temp AS $$
DECLARE
	top oid := to_regclass(format('daypart_segment.%I', view_name));
	result segment_judgement;
BEGIN
	result.problem := coalesce(problem_segment_output(top), problem_segment_protected(top), problem_segment_shape(top), problem_segment_columns(top),
		problem_segment_functions(top), problem_segment_types(top));
	SELECT array_agg(DISTINCT format('%s.%s', s.relation, s.column_name)) FILTER (WHERE s.direct), coalesce(bool_or(c.profiling), false)
	INTO result.reads, result.profiling
	FROM segment_reads(top) AS s LEFT JOIN segment_source AS c ON c.relation = s.relation AND c.column_name = s.column_name;
	SELECT string_agg(pg_get_viewdef(r.view), E'\n' ORDER BY r.view::regclass::text COLLATE "C") INTO result.below
	FROM segment_rules(top) AS r WHERE r.view <> top AND r.view <> 'daypart_segment.person'::regclass;
	RETURN result;
END $$;

-- Definitions -----------------------------------------------------------------------------------------------------------------------------

CREATE TABLE segment_definition (                     -- append-only: the last row counts; query NULL: a list of people again
	audience_id int NOT NULL REFERENCES audience (audience_id),
	defined_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	defined_by text NOT NULL DEFAULT session_user,
	query text,
	note text,
	reads text[],
	profiling boolean,
	digest bytea,                                      -- of the query and of the views below: what an approval of a campaign covers
	PRIMARY KEY (audience_id, defined_at),
	CHECK ((query IS NULL) = (digest IS NULL))
);
CREATE TABLE segment_refresh (                        -- the last one
	audience_id int PRIMARY KEY REFERENCES audience (audience_id),
	refreshed_at timestamptz NOT NULL,
	profiling boolean NOT NULL,
	people bigint NOT NULL, added bigint NOT NULL, removed bigint NOT NULL,
	without_consent bigint NOT NULL,                   -- left out, for lack of consent to analytics
	strangers bigint NOT NULL,                         -- left out, no recipients
	problem text, cure text                            -- why it chooses nobody any more
);

CREATE VIEW segment AS
SELECT a.name AS audience, a.business, d.query, d.reads, coalesce(r.profiling, d.profiling) AS profiling, d.note, d.defined_by, d.defined_at, r.refreshed_at, r.people, r.added, r.removed,
	r.without_consent, r.strangers, r.problem, r.cure, a.audience_id, d.digest
FROM audience AS a
	CROSS JOIN LATERAL (SELECT * FROM segment_definition AS d WHERE d.audience_id = a.audience_id ORDER BY d.defined_at DESC LIMIT 1) AS d
	LEFT JOIN segment_refresh AS r ON r.audience_id = a.audience_id
WHERE d.query IS NOT NULL;

CREATE FUNCTION problem_segment_list(audience text, audience_id int) RETURNS problem STABLE
	RETURN CASE WHEN EXISTS (SELECT FROM segment AS s WHERE s.audience_id = problem_segment_list.audience_id)
		THEN problem_with('audience', audience, 'is defined by a query',
			'change the query: define_segment(audience, query); or make it a list again: end_segment(audience)') END;

-- What the view gives, with the reader's rights. A phone that is a number lacks its plus sign.
CREATE FUNCTION segment_people(view_name text, column_name text, is_number boolean) RETURNS SETOF text LANGUAGE plpgsql STABLE
SECURITY DEFINER SET search_path = daypart, pg_catalog, pg_temp AS $$
BEGIN
	RETURN QUERY EXECUTE format('SELECT DISTINCT %L || %I::text FROM daypart_segment.%I WHERE %2$I IS NOT NULL',
		CASE WHEN is_number AND column_name = 'phone' THEN '+' ELSE '' END, column_name, view_name);
END $$;

-- Their ids; numbers that are none count as strangers.
CREATE FUNCTION segment_ids(view_name text, OUT ids bigint[], OUT wrong bigint) LANGUAGE plpgsql STABLE
SET search_path = daypart, pg_catalog, pg_temp AS $$
DECLARE
	given pg_attribute;
	numbers bigint[];
BEGIN
	SELECT * INTO STRICT given FROM pg_attribute AS a WHERE a.attrelid = format('daypart_segment.%I', view_name)::regclass AND a.attnum = 1;
	IF given.attname = 'recipient_id' THEN
		SELECT array_agg(v::bigint), 0 INTO ids, wrong FROM segment_people(view_name, given.attname, true) AS v;
	ELSE
		SELECT array_agg(DISTINCT canonical_digits(substr(phone_digits(v), 2))) FILTER (WHERE problem_phone(v) IS NULL),
			count(*) FILTER (WHERE problem_phone(v) IS NOT NULL)
		INTO numbers, wrong
		FROM segment_people(view_name, given.attname, given.atttypid IN ('bigint'::regtype, 'numeric'::regtype)) AS v;
		ids := person_ids(numbers);
	END IF;
	ids := coalesce(ids, '{}');
END $$;

CREATE TYPE segment_change AS (people bigint, added bigint, removed bigint, without_consent bigint, strangers bigint);

-- Makes the audience those of the ids who are recipients and, where it is asked for, agreed to analytics. Two statements: nobody can tell the planner how
-- many people a query gives, and among many a nested loop would never end; few are looked up one by one.
CREATE FUNCTION replace_members(of_audience int, ids bigint[], profiling boolean) RETURNS segment_change LANGUAGE plpgsql
SET search_path = daypart, pg_catalog, pg_temp SET enable_nestloop = on AS $$
DECLARE
	owner int := (SELECT b.business_id FROM audience AS a JOIN business AS b ON b.name = a.business WHERE a.audience_id = of_audience);
	change segment_change;
	wanted bigint[];
	known bigint;
BEGIN
	PERFORM set_config('enable_nestloop', 'off', true) WHERE cardinality(ids) > 10000;
	SELECT array_agg(r.recipient_id) FILTER (WHERE NOT profiling OR analytics_state(r.bucket, r.recipient_id, owner) = 'granted'), count(*)
	INTO wanted, known
	FROM unnest(ids) AS id JOIN recipient AS r ON r.bucket = bucket_of(id) AND r.recipient_id = id;
	PERFORM set_config('enable_nestloop', 'off', true);
	WITH chosen AS MATERIALIZED (
		SELECT id, bucket_of(id) AS bucket FROM unnest(wanted) AS id
	), gone AS (
		DELETE FROM audience_member AS m
		WHERE m.bucket = ANY (ARRAY(SELECT generate_series(0, 1023)::smallint)) AND m.audience_id = of_audience
			AND NOT EXISTS (SELECT FROM chosen AS c WHERE c.id = m.recipient_id)
		RETURNING 1
	), fresh AS (
		INSERT INTO audience_member (recipient_id, audience_id, bucket)
		SELECT c.id, of_audience, c.bucket FROM chosen AS c
		WHERE NOT EXISTS (SELECT FROM audience_member AS m
			WHERE m.bucket = ANY (ARRAY(SELECT generate_series(0, 1023)::smallint)) AND m.audience_id = of_audience AND m.recipient_id = c.id)
		ORDER BY c.bucket, c.id
		RETURNING 1
	)
	SELECT coalesce(cardinality(wanted), 0), (SELECT count(*) FROM fresh), (SELECT count(*) FROM gone), known - coalesce(cardinality(wanted), 0),
		cardinality(ids) - known
	INTO change;
	RETURN change;
END $$;

-- Puts the people whom the query gives now into the audience and takes the others out; their queued messages go with the next plan. A segment that
-- may not be any more loses everybody, and its campaigns wait (campaign_segments_problem). Returns what changed, and why it chooses nobody.
CREATE FUNCTION refresh_segment(audience text, OUT people bigint, OUT added bigint, OUT removed bigint, OUT without_consent bigint,
	OUT strangers bigint, OUT problem text, OUT cure text) LANGUAGE plpgsql
SECURITY DEFINER SET search_path = daypart, pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
	subject segment;
	judgement segment_judgement;
	change segment_change;
	ids bigint[] := '{}';
	wrong bigint := 0;
BEGIN
	PERFORM FROM audience AS a WHERE a.name = refresh_segment.audience FOR NO KEY UPDATE;
	SELECT * INTO subject FROM segment AS s WHERE s.audience = refresh_segment.audience;
	PERFORM refuse(problem_unknown('segment', coalesce(refresh_segment.audience, ''), 'write the name of an audience that is defined by a query, see view segment'))
		WHERE subject.audience_id IS NULL;
	judgement := judge_segment('segment_' || subject.audience_id);
	IF judgement.problem IS NULL AND segment_digest(subject.query, judgement.below) <> subject.digest THEN
		judgement.problem := ROW('a view that the query reads has changed since the segment was defined', 'look at it, and define the segment again')::problem;
	END IF;
	IF judgement.problem IS NULL THEN
		BEGIN
			SELECT i.ids, i.wrong INTO ids, wrong FROM segment_ids('segment_' || subject.audience_id) AS i;
		EXCEPTION WHEN OTHERS THEN
			PERFORM refuse(ROW(format('the query of segment "%s" fails: %s', subject.audience, SQLERRM), 'correct what it reads, or define it again')::problem);
		END;
	END IF;
	change := replace_members(subject.audience_id, ids, judgement.profiling);
	INSERT INTO segment_refresh AS r VALUES (subject.audience_id, session_now(), judgement.profiling, change.people, change.added, change.removed, change.without_consent,
		change.strangers + wrong, (judgement.problem).message, (judgement.problem).hint)
	ON CONFLICT (audience_id) DO UPDATE SET refreshed_at = excluded.refreshed_at, profiling = excluded.profiling, people = excluded.people, added = excluded.added,
		removed = excluded.removed, without_consent = excluded.without_consent, strangers = excluded.strangers, problem = excluded.problem,
		cure = excluded.cure
	RETURNING r.people, r.added, r.removed, r.without_consent, r.strangers, r.problem, r.cure
	INTO people, added, removed, without_consent, strangers, problem, cure;
END $$;

CREATE FUNCTION segment_digest(query text, below text) RETURNS bytea IMMUTABLE PARALLEL SAFE
	RETURN sha256(convert_to(jsonb_build_array(query, below)::text, 'UTF8'));

-- Parsed only. Names without a schema are looked for in daypart_segment first.
CREATE FUNCTION make_segment_view(view_name text, query text) RETURNS void LANGUAGE plpgsql
SET search_path = daypart, pg_catalog, pg_temp AS $$
BEGIN
	IF to_regclass(format('daypart_segment.%I', view_name)) IS NOT NULL THEN
		EXECUTE format('DROP VIEW daypart_segment.%I', view_name);
	END IF;
	PERFORM set_config('search_path', 'daypart_segment, daypart, pg_catalog, pg_temp', true);
	EXECUTE format(E'CREATE VIEW daypart_segment.%I WITH (security_invoker = true) AS\n%s', view_name, query);
	EXECUTE format('GRANT SELECT ON daypart_segment.%I TO daypart_segment_reader', view_name);
EXCEPTION WHEN OTHERS THEN
	PERFORM refuse(ROW(format('the query cannot be read: %s', SQLERRM), CASE SQLSTATE
		WHEN '42703' THEN 'view segment_source lists the columns that there are; for others ask somebody with role daypart_privacy: '
			'register_segment_column(''daypart.recipient'', ''variables.NAME'')'
		ELSE 'write one SELECT, such as SELECT recipient_id FROM person WHERE region = ''US-CA''; tables of your own with their schema' END)::problem);
END $$;

-- Defines, or defines anew, who is in an audience, and chooses them at once.
CREATE FUNCTION define_segment(audience text, query text, note text DEFAULT NULL, OUT people bigint, OUT without_consent bigint, OUT strangers bigint)
LANGUAGE plpgsql
SECURITY DEFINER SET search_path = daypart, pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
	id int;
	text text := btrim(define_segment.query, E' \t\r\n;');
	judgement segment_judgement;
BEGIN
	PERFORM refuse(problem_missing('query', text));
	SELECT a.audience_id INTO id FROM audience AS a WHERE a.name = define_segment.audience FOR NO KEY UPDATE;
	PERFORM refuse(problem_unknown('audience', coalesce(define_segment.audience, ''), 'add it to table audience first, with its business'))
		WHERE id IS NULL;
	PERFORM refuse(problem_with('query', text, 'holds a semicolon', 'write one SELECT; within a text, chr(59) stands for it')) WHERE strpos(text, ';') > 0;
	PERFORM refuse(problem_with('query', text, 'is too long', 'write at most 10000 characters; prepare the rest in a view')) WHERE length(text) > 10000;
	PERFORM refuse(problem_with('audience', define_segment.audience, 'is a list of people', 'define the segment for an audience that is empty'))
		WHERE NOT EXISTS (SELECT FROM segment AS s WHERE s.audience_id = id) AND EXISTS (SELECT FROM audience_member AS m
			WHERE m.bucket = ANY (ARRAY(SELECT generate_series(0, 1023)::smallint)) AND m.audience_id = id);
	PERFORM make_segment_view('segment_' || id, text);
	judgement := judge_segment('segment_' || id);
	PERFORM refuse(judgement.problem);
	INSERT INTO segment_definition (audience_id, query, note, reads, profiling, digest)
	VALUES (id, text, define_segment.note, judgement.reads, judgement.profiling, segment_digest(text, judgement.below));
	SELECT r.people, r.without_consent, r.strangers INTO people, without_consent, strangers FROM refresh_segment(define_segment.audience) AS r;
END $$;

-- Makes the audience a list again, of the people who are in it now.
CREATE FUNCTION end_segment(audience text, note text DEFAULT NULL) RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = daypart, pg_catalog, pg_temp AS $$
DECLARE
	id int;
BEGIN
	SELECT a.audience_id INTO id FROM audience AS a WHERE a.name = end_segment.audience FOR NO KEY UPDATE;
	PERFORM refuse(problem_unknown('segment', coalesce(end_segment.audience, ''), 'write the name of an audience that is defined by a query, see view segment'))
		WHERE NOT EXISTS (SELECT FROM segment AS s WHERE s.audience_id = id);
	INSERT INTO segment_definition (audience_id, note) VALUES (id, end_segment.note);
	EXECUTE format('DROP VIEW daypart_segment.%I', 'segment_' || id);
END $$;

-- Of a person who has left audiences: the slots of campaigns to them, as cancel_slots() of 0003_people.sql does it.
CREATE FUNCTION cancel_audience_slots(person bigint, audiences text[]) RETURNS void LANGUAGE plpgsql
SET search_path = daypart, pg_catalog, pg_temp AS $$
DECLARE
	verdict reason;
	moment timestamptz := session_now();
BEGIN
	SELECT * INTO STRICT verdict FROM reason AS r WHERE r.name = 'not_in_audience';
	INSERT INTO permission_change (recipient_id, bucket) VALUES (person, bucket_of(person)) ON CONFLICT DO NOTHING;
	PERFORM FROM pg_partition_tree('slot');
	WITH gone AS (
		DELETE FROM slot AS s USING campaign_run AS run, campaign AS c
		WHERE s.bucket = bucket_of(person) AND s.recipient_id = person AND run.run_id = s.run_id AND c.campaign_id = run.campaign_id
			AND (c.audience || c.also_audiences) && audiences
		RETURNING s.recipient_id, s.run_id, s.bucket)
	INSERT INTO suppressed (recipient_id, at, run_id, plan_run, bucket, reason, kind)
	SELECT g.recipient_id, moment, g.run_id, 0, g.bucket, verdict.reason, verdict.kind FROM gone AS g
	ON CONFLICT (bucket, recipient_id, run_id) DO UPDATE
		SET at = excluded.at, plan_run = excluded.plan_run, reason = excluded.reason, kind = excluded.kind, rule = NULL;
END $$;

-- R-040. The protocol of 0003_people.sql: segments by profiling lose the person at once, with what is queued for them. A refresh that is under way is
-- waited for, or it would bring the person back; it comes first, so that nobody waits for a query with a gate in hand.
CREATE FUNCTION withdraw_analytics_consent(phone text, business text, at timestamptz DEFAULT NULL, source text DEFAULT NULL) RETURNS bigint
LANGUAGE plpgsql
SECURITY DEFINER SET search_path = daypart, pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
	person bigint := person_of(phone);
	id int := business_of(withdraw_analytics_consent.business);
	lost text[];
BEGIN
	PERFORM refuse(problem_future('at', withdraw_analytics_consent.at));
	PERFORM FROM audience AS a WHERE a.audience_id IN (SELECT s.audience_id FROM segment AS s WHERE s.business = withdraw_analytics_consent.business)
	ORDER BY a.audience_id FOR SHARE;
	PERFORM lock_people(ARRAY[person]);
	INSERT INTO analytics_consent (recipient_id, at, recorded_at, business_id, bucket, state, source)
	VALUES (person, coalesce(withdraw_analytics_consent.at, session_now()), session_now(), id, bucket_of(person), 'withdrawn',
		withdraw_analytics_consent.source)
	ON CONFLICT DO NOTHING;
	IF analytics_state(bucket_of(person), person, id) = 'withdrawn' THEN
		WITH gone AS (
			DELETE FROM audience_member AS m USING segment AS s
			WHERE s.business = withdraw_analytics_consent.business AND s.profiling AND m.bucket = bucket_of(person) AND m.audience_id = s.audience_id
				AND m.recipient_id = person
			RETURNING s.audience)
		SELECT array_agg(g.audience) INTO lost FROM gone AS g;
		PERFORM cancel_audience_slots(person, lost);
	END IF;
	RETURN person;
END $$;

-- Lists and campaigns ---------------------------------------------------------------------------------------------------------------------

-- As in 0003_people.sql; a segment's people are not added by hand.
CREATE OR REPLACE FUNCTION add_member(audience text, phone text) RETURNS bigint LANGUAGE plpgsql
SECURITY DEFINER SET search_path = daypart, pg_catalog, pg_temp AS $$
DECLARE
	person bigint := person_of(phone);
	id int;
BEGIN
	SELECT a.audience_id INTO id FROM audience AS a WHERE a.name = audience;
	PERFORM refuse(problem_unknown('audience', coalesce(audience, ''), 'write the name of an audience, or add it to table audience'))
		WHERE id IS NULL;
	PERFORM refuse(problem_segment_list(audience, id));
	PERFORM refuse(problem_stranger(phone))
		WHERE NOT EXISTS (SELECT FROM recipient AS r WHERE r.bucket = bucket_of(person) AND r.recipient_id = person);
	INSERT INTO audience_member (recipient_id, audience_id, bucket) VALUES (person, id, bucket_of(person)) ON CONFLICT DO NOTHING;
	RETURN person;
END $$;

-- As in 0006_import.sql, with the same refusal.
CREATE OR REPLACE FUNCTION import_judge_members(columns text[]) RETURNS void LANGUAGE plpgsql
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
		CASE WHEN s.audience_id IS NOT NULL THEN problem_segment_list(a.name, a.audience_id) END,
		problem_missing('phone', i.v[phone_place]), problem_phone(i.v[phone_place]))
	FROM import_row AS i LEFT JOIN business AS b ON b.name = i.v[business_place] LEFT JOIN audience AS a ON a.name = i.v[audience_place]
		LEFT JOIN segment AS s ON s.audience_id = a.audience_id;
END $$;

-- The definitions of a campaign's segments; NULL where all its audiences are lists. Whoever approves a campaign approves whom it reaches (F1): of lists
-- the people, of segments, whose people change by nature, the definitions. So these are part of the campaign's text, which approvals are about. A segment
-- that may not be any more is another text as well, so that the gate keeps back what is queued for as long as that lasts.
CREATE FUNCTION campaign_segments(campaign campaign) RETURNS text STABLE PARALLEL SAFE
	RETURN (SELECT string_agg(format('%s %s%s', a.audience_id, encode(d.digest, 'hex'), CASE WHEN r.problem IS NOT NULL THEN '!' END), ', '
			ORDER BY a.audience_id)
		FROM audience AS a
			CROSS JOIN LATERAL (SELECT d.digest FROM segment_definition AS d WHERE d.audience_id = a.audience_id ORDER BY d.defined_at DESC LIMIT 1) AS d
			LEFT JOIN segment_refresh AS r ON r.audience_id = a.audience_id
		WHERE a.name = ANY (campaign.audience || campaign.also_audiences || campaign.except_audiences) AND d.digest IS NOT NULL);

-- As in 0016_campaign_features.sql, where it said nothing.
CREATE OR REPLACE FUNCTION campaign_segments_problem(campaign campaign) RETURNS text STABLE PARALLEL SAFE
	RETURN (SELECT format('segment "%s" may not be used: %s: %s', s.audience, s.problem, s.cure)
		FROM segment AS s
		WHERE s.audience = ANY (campaign.audience || campaign.also_audiences || campaign.except_audiences) AND s.problem IS NOT NULL
		ORDER BY s.audience COLLATE "C" LIMIT 1);

-- As in 0016_campaign_features.sql; of campaigns to lists it is the same text.
CREATE OR REPLACE FUNCTION campaign_text(campaign campaign) RETURNS text STABLE PARALLEL SAFE
	RETURN jsonb_build_array('campaign', campaign.sender, campaign.template, campaign.audience, campaign.category, campaign.starts_at,
		campaign.ends_at, campaign.local_from, campaign.local_to, campaign.rrule, campaign.pacing, campaign.catch_up, campaign.holdout_percent,
		campaign.offer_terms, campaign.offer_expires_on, campaign.tags, campaign.also_audiences, campaign.except_audiences, campaign.template_b,
		campaign.split_percent, campaign.first_template, campaign.send_at, campaign.test_of)::text
		|| coalesce(' segments ' || campaign_segments(campaign), '');

-- What there is to begin with, and who may do what -------------------------------------------------------------------------------------------

INSERT INTO segment_column (relation, column_name, registered_by, purpose, profiling, note)
SELECT 'daypart.recipient', name, 'daypart', 'segmentation', false, 'as shipped'
FROM unnest('{recipient_id,region,timezone,language,source,added_at}'::text[]) AS name;
SELECT make_person_view();
COMMENT ON VIEW daypart_segment.person IS 'recipients as segments may read them';

COMMENT ON TABLE protected_attribute IS 'words for what nobody is chosen by; from the file of setting protected_attributes, by daypart init and rules load';
COMMENT ON COLUMN protected_attribute.word IS 'as attribute_form() writes it';
COMMENT ON COLUMN protected_attribute.attribute IS 'the attribute that the word speaks of';
COMMENT ON COLUMN protected_attribute.sources IS 'rows of the regulations';
COMMENT ON TYPE column_purpose IS 'what a column may be used for: segmentation, or messaging only';
COMMENT ON TABLE segment_column IS 'columns that segments may read, or never may; write through register_segment_column()';
COMMENT ON COLUMN segment_column.relation IS 'table or view, with its schema';
COMMENT ON COLUMN segment_column.column_name IS 'column; of daypart.recipient also variables.NAME';
COMMENT ON COLUMN segment_column.registered_at IS 'when it was registered';
COMMENT ON COLUMN segment_column.registered_by IS 'login that registered it';
COMMENT ON COLUMN segment_column.purpose IS 'segmentation: segments may read it; messaging: they never may';
COMMENT ON COLUMN segment_column.profiling IS 'true: it tells what a person likes, does or is like, so only people who agreed to analytics are chosen';
COMMENT ON COLUMN segment_column.note IS 'free text';
COMMENT ON COLUMN segment_column.revoked_at IS 'when it was revoked; empty: it counts';
COMMENT ON COLUMN segment_column.revoked_by IS 'login that revoked it';
COMMENT ON VIEW segment_source IS 'what queries of segments may read now, and where they find it';
COMMENT ON COLUMN segment_source.relation IS 'table or view to read from';
COMMENT ON COLUMN segment_source.column_name IS 'its column';
COMMENT ON COLUMN segment_source.purpose IS 'segmentation, or messaging: not for segments';
COMMENT ON COLUMN segment_source.profiling IS 'true: chooses only people who agreed to analytics';
COMMENT ON COLUMN segment_source.note IS 'free text';
COMMENT ON COLUMN segment_source.registered_by IS 'login that registered it';
COMMENT ON COLUMN segment_source.registered_at IS 'when it was registered';
COMMENT ON TABLE analytics_consent IS 'what people said about analytics of their data, by business; write through record_analytics_consent()';
COMMENT ON COLUMN analytics_consent.recipient_id IS 'who';
COMMENT ON COLUMN analytics_consent.at IS 'when the person said so; the last word counts';
COMMENT ON COLUMN analytics_consent.recorded_at IS 'when it was written';
COMMENT ON COLUMN analytics_consent.business_id IS 'to which business';
COMMENT ON COLUMN analytics_consent.bucket IS 'bucket_of(recipient_id)';
COMMENT ON COLUMN analytics_consent.state IS 'granted or withdrawn';
COMMENT ON COLUMN analytics_consent.method IS 'how it was given';
COMMENT ON COLUMN analytics_consent.wording IS 'what the person agreed to';
COMMENT ON COLUMN analytics_consent.source IS 'where it comes from';
COMMENT ON COLUMN analytics_consent.by_whom IS 'login that recorded it';
COMMENT ON TABLE segment_definition IS 'definitions of segments, past and present; write through define_segment() and end_segment()';
COMMENT ON COLUMN segment_definition.audience_id IS 'which audience';
COMMENT ON COLUMN segment_definition.defined_at IS 'from when on';
COMMENT ON COLUMN segment_definition.defined_by IS 'login that defined it';
COMMENT ON COLUMN segment_definition.query IS 'who is in it; empty: a list of people again';
COMMENT ON COLUMN segment_definition.note IS 'free text';
COMMENT ON COLUMN segment_definition.reads IS 'columns that it reads';
COMMENT ON COLUMN segment_definition.profiling IS 'true: one of them is profiling';
COMMENT ON COLUMN segment_definition.digest IS 'of the query and of the views that it reads; approvals of campaigns cover it';
COMMENT ON TABLE segment_refresh IS 'what the last refresh of each segment found';
COMMENT ON COLUMN segment_refresh.audience_id IS 'which audience';
COMMENT ON COLUMN segment_refresh.refreshed_at IS 'when';
COMMENT ON COLUMN segment_refresh.profiling IS 'true: one of the columns that it reads is profiling';
COMMENT ON COLUMN segment_refresh.people IS 'how many people are in it since';
COMMENT ON COLUMN segment_refresh.added IS 'how many of them were not before';
COMMENT ON COLUMN segment_refresh.removed IS 'how many left';
COMMENT ON COLUMN segment_refresh.without_consent IS 'left out, because they did not agree to analytics';
COMMENT ON COLUMN segment_refresh.strangers IS 'left out, because they are no recipients';
COMMENT ON COLUMN segment_refresh.problem IS 'why it chooses nobody any more';
COMMENT ON COLUMN segment_refresh.cure IS 'what to do about it';
COMMENT ON VIEW segment IS 'audiences that are defined by a query, as they are now';

DO $$
DECLARE
	col text;
BEGIN
	FOR col IN SELECT attname FROM pg_attribute WHERE attrelid = 'segment'::regclass AND attnum > 0 LOOP
		EXECUTE format('COMMENT ON COLUMN segment.%I IS %L', col, CASE col
			WHEN 'audience' THEN 'name of the audience'
			WHEN 'business' THEN 'whose it is'
			ELSE coalesce((SELECT col_description(a.attrelid, a.attnum) FROM pg_attribute AS a
				WHERE a.attrelid IN ('segment_definition'::regclass, 'segment_refresh'::regclass) AND a.attname = col
				ORDER BY a.attrelid LIMIT 1), '') END);
	END LOOP;
END $$;

COMMENT ON FUNCTION register_segment_column IS 'lets segments read a column, or says that they never may (purpose messaging)';
COMMENT ON FUNCTION revoke_segment_column IS 'segments that read the column choose nobody any more';
COMMENT ON FUNCTION record_analytics_consent IS 'records that a person agreed to analytics of the data that a business has';
COMMENT ON FUNCTION withdraw_analytics_consent IS 'the person leaves segments by profiling at once';
COMMENT ON FUNCTION define_segment IS 'defines an audience by a query that gives recipient_id or phone';
COMMENT ON FUNCTION refresh_segment IS 'chooses the people of a segment anew; daypart plan does so by itself';
COMMENT ON FUNCTION end_segment IS 'makes the audience a list again';
COMMENT ON FUNCTION segment_people IS 'what the query of a segment gives, read with the rights of daypart_segment_reader';

ALTER SCHEMA daypart_segment OWNER TO daypart_owner;
ALTER VIEW daypart_segment.person OWNER TO daypart_owner;
GRANT USAGE ON SCHEMA daypart_segment TO daypart_segment_reader, daypart_marketer, daypart_analyst, daypart_privacy;
GRANT SELECT ON daypart_segment.person TO daypart_segment_reader;

-- One function is the reader's own; the installer needs the role for these lines only.
REVOKE EXECUTE ON FUNCTION segment_people FROM PUBLIC;
GRANT CREATE ON SCHEMA daypart TO daypart_segment_reader;
ALTER FUNCTION segment_people OWNER TO daypart_segment_reader;
REVOKE CREATE ON SCHEMA daypart FROM daypart_segment_reader;
GRANT EXECUTE ON FUNCTION segment_people TO daypart_owner;
DO $$
BEGIN
	IF EXISTS (SELECT FROM pg_auth_members
		WHERE roleid = 'daypart_segment_reader'::regrole AND member = current_user::regrole AND NOT admin_option) THEN
		EXECUTE 'REVOKE daypart_segment_reader FROM CURRENT_USER';
	END IF;
END $$;

CALL hand_over();
GRANT SELECT ON protected_attribute, segment_column, segment_source, segment_definition, segment_refresh, segment
	TO daypart_marketer, daypart_planner, daypart_scheduler, daypart_analyst, daypart_privacy;
GRANT SELECT ON analytics_consent TO daypart_privacy;
GRANT EXECUTE ON FUNCTION campaign_segments TO daypart_marketer, daypart_planner, daypart_scheduler, daypart_analyst, daypart_privacy;
GRANT EXECUTE ON FUNCTION define_segment, end_segment, refresh_segment, record_analytics_consent, withdraw_analytics_consent TO daypart_marketer;
GRANT EXECUTE ON FUNCTION problem_segment_list TO daypart_marketer;
GRANT EXECUTE ON FUNCTION refresh_segment TO daypart_planner;
GRANT EXECUTE ON FUNCTION register_segment_column, revoke_segment_column, refresh_segment, end_segment, withdraw_analytics_consent TO daypart_privacy;
