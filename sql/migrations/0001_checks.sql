-- Pure functions: what a value must look like. CHECK constraints, the functions for people and the set-based import all ask here, so that
-- SQL and CSV refuse the same values in the same words.
--
-- The scheme. `problem_x(value)` returns NULL when the value is fine, else (message, hint): the message names the field and the value, the
-- hint is the cure. It never raises, so an import can judge a million rows in one statement:
--     SELECT line, p.message, p.hint FROM staged CROSS JOIN LATERAL problem_phone(phone) AS p WHERE p.message IS NOT NULL
-- `check_x(value)` is the same for one value: true, or an exception with that message and hint and SQLSTATE 22023. It never returns false.
-- A missing value (NULL) is fine here; whether one is required is NOT NULL's business, or problem_missing()'s.
--
-- Bodies written as RETURN are parsed now, so they mean the same under any search_path, also while a dump is restored.

CREATE TYPE problem AS (message text, hint text);

CREATE FUNCTION problem_with(field text, value text, what text, hint text) RETURNS problem IMMUTABLE PARALLEL SAFE
	RETURN ROW(format('%s "%s" %s', field, CASE WHEN length(value) > 80 THEN left(value, 80) || '...' ELSE value END, what), hint)::problem;

CREATE FUNCTION problem_missing(field text, value text) RETURNS problem IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN coalesce(btrim(value), '') = ''
		THEN ROW(format('%s is missing', field), format('give a value for %s', field))::problem END;

-- Raises the problem, if there is one. Volatile, because a problem known while a statement is planned would be raised even where the
-- statement asks under a condition that is false.
CREATE FUNCTION refuse(problem problem) RETURNS boolean LANGUAGE plpgsql VOLATILE PARALLEL SAFE AS $$
BEGIN
	IF problem.message IS NULL THEN
		RETURN true;
	END IF;
	RAISE EXCEPTION USING MESSAGE = problem.message, HINT = problem.hint, ERRCODE = 'invalid_parameter_value';
END $$;

-- Names and small values ------------------------------------------------------------------------------------------------------------------

CREATE FUNCTION problem_name(name text) RETURNS problem IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN length(name) NOT BETWEEN 1 AND 100 OR name <> btrim(name) OR name ~ '[[:cntrl:]]'
		THEN problem_with('name', name, 'is no name', 'write 1 to 100 characters on one line, without blanks at the ends') END;

CREATE FUNCTION problem_country(country text) RETURNS problem IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN country !~ '^[A-Z]{2}$'
		THEN problem_with('country', country, 'is no country code', 'write the two letters of ISO 3166-1, such as US or BR') END;

CREATE FUNCTION problem_address(address text) RETURNS problem IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN address !~ '^(\+[1-9][0-9]{6,14}|[0-9]{3,8}|[A-Za-z][A-Za-z0-9 ._-]{0,63})$'
		THEN problem_with('address', address, 'is no sender address',
			'write a number such as +14155550123, a short code such as 24365, or the name of the account') END;

-- One message per 1/throughput seconds on a grid of whole microseconds: hence the upper end. The lower end is what numeric(9,3) can hold.
CREATE FUNCTION problem_throughput(throughput numeric) RETURNS problem IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN throughput NOT BETWEEN 0.001 AND 100000
		THEN problem_with('throughput_per_s', throughput::text, 'is out of range', 'write messages per second, from 0.001 to 100000') END;

CREATE FUNCTION problem_positive(field text, value bigint) RETURNS problem IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN value < 1
		THEN problem_with(field, value::text, 'is out of range', 'write a whole number from 1, or leave it empty') END;

CREATE FUNCTION problem_daily_limit(daily_limit int) RETURNS problem IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN daily_limit IS NOT NULL THEN problem_with('daily_limit', daily_limit::text,
		'cannot be honoured: daily limits are not supported in this version', 'leave it empty and set throughput_per_s so low that a day''s hours keep it') END;

CREATE FUNCTION problem_priority(priority int) RETURNS problem IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN priority NOT BETWEEN 1 AND 1000
		THEN problem_with('priority', priority::text, 'is out of range', 'write 1 (planned first) to 1000') END;

CREATE FUNCTION problem_percent(field text, value int) RETURNS problem IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN value NOT BETWEEN 0 AND 100
		THEN problem_with(field, value::text, 'is out of range', 'write a whole number from 0 to 100') END;

-- Only the usual spelling is accepted, so that one language has one name.
CREATE FUNCTION problem_language(language text) RETURNS problem IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN language !~ '^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?(-([a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*$'
		THEN problem_with('language', language, 'is no language tag', 'write a BCP 47 tag such as en, pt-BR or zh-Hans') END;

-- Templates -------------------------------------------------------------------------------------------------------------------------------

-- A template declares its variables in one line: "first_name text(40), total number(12), since date". A date has no length.
CREATE FUNCTION declared_variables(variables text) RETURNS TABLE (name text, type text, max_length int, declaration text)
IMMUTABLE PARALLEL SAFE BEGIN ATOMIC
	SELECT part[1], coalesce(part[2], 'date'), coalesce(part[3]::int, 10), btrim(piece)
	FROM regexp_split_to_table(variables, ',') AS piece
		LEFT JOIN LATERAL regexp_match(piece, '^\s*([a-z][a-z0-9_]{0,39}) (?:(text|number|url)\(([1-9][0-9]{0,3})\)|date)\s*$') AS part
			ON true
	WHERE btrim(variables) <> '';
END;

CREATE FUNCTION problem_variables(variables text) RETURNS problem IMMUTABLE PARALLEL SAFE BEGIN ATOMIC
	SELECT p FROM (
		SELECT CASE
			WHEN name IS NULL OR max_length > 1000 THEN problem_with('variables', declaration, 'is no declaration',
				'write name and type, such as "first_name text(40), total number(12), since date, link url(200)"; lengths go to 1000')
			WHEN count(*) OVER (PARTITION BY name) > 1 THEN problem_with('variables', name, 'is declared twice',
				'declare each variable once')
			END AS p
		FROM declared_variables(variables)) AS judged
	WHERE (p).message IS NOT NULL
	LIMIT 1;
END;

CREATE FUNCTION problem_body(body text) RETURNS problem IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN btrim(body, E' \t\r\n') = '' OR length(body) > 4096
		THEN problem_with('body', body, 'is empty or too long', 'write 1 to 4096 characters') END;

-- {{first_name}} in a body stands for the recipient's own value; every name in braces must be declared.
CREATE FUNCTION problem_placeholders(body text, variables text) RETURNS problem IMMUTABLE PARALLEL SAFE BEGIN ATOMIC
	SELECT problem_with('body', '{{' || used.part[1] || '}}', 'names no declared variable',
		'declare it in the column variables, or correct the name')
	FROM regexp_matches(body, '\{\{([^{}]*)\}\}', 'g') AS used (part)
	WHERE NOT EXISTS (SELECT FROM declared_variables(variables) AS v WHERE v.name = used.part[1])
	LIMIT 1;
END;

-- Campaigns -------------------------------------------------------------------------------------------------------------------------------

-- The digits of a campaign time as a clock that can be compared: UTC for an instant, the recipient's own clock for a local time. NULL when
-- the text is neither, or no such day exists. The text carries its offset, so no session setting can change the result.
CREATE FUNCTION campaign_clock(value text) RETURNS timestamp LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
	IF value ~ '^\d{4}-\d\d-\d\d ([01]\d|2[0-3]):[0-5]\d local$' THEN
		RETURN left(value, 16)::timestamp;
	ELSIF value ~ '^\d{4}-\d\d-\d\d[T ]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,6})?)?(Z|[+-](0\d|1[0-4])(:?[0-5]\d)?)$' THEN
		RETURN timezone('UTC', value::timestamptz);
	END IF;
	RETURN NULL;
EXCEPTION WHEN datetime_field_overflow OR invalid_datetime_format THEN
	RETURN NULL;
END $$;

CREATE FUNCTION campaign_time_is_local(value text) RETURNS boolean IMMUTABLE PARALLEL SAFE
	RETURN value LIKE '% local';

CREATE FUNCTION problem_campaign_time(field text, value text) RETURNS problem IMMUTABLE PARALLEL SAFE
	RETURN CASE
		WHEN extract(year FROM campaign_clock(value)) BETWEEN 1900 AND 2200 THEN NULL
		WHEN campaign_clock(value || 'Z') IS NOT NULL THEN problem_with(field, value, 'says neither an offset nor "local"',
			format('write "%sZ" for one instant everywhere, or "%s local" for the recipient''s own clock',
				value, left(replace(value, 'T', ' '), 16)))
		WHEN value IS NOT NULL THEN problem_with(field, value, 'is no time of a campaign',
			'write an instant such as 2026-11-23T09:00:00-05:00, or "2026-11-23 09:00 local"') END;

-- An instant and a local time are up to 14 hours apart on the clock and still the same moment somewhere; only what is impossible everywhere
-- is refused.
CREATE FUNCTION problem_campaign_span(starts_at text, ends_at text) RETURNS problem IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN campaign_clock(ends_at) <= campaign_clock(starts_at) -
			CASE WHEN campaign_time_is_local(starts_at) = campaign_time_is_local(ends_at) THEN interval '0' ELSE interval '14 hours' END
		THEN problem_with('ends_at', ends_at, format('is not after starts_at "%s"', starts_at), 'let the campaign end after it starts') END;

CREATE FUNCTION problem_minute(field text, value time) RETURNS problem IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN extract(second FROM value) <> 0
		THEN problem_with(field, value::text, 'is no whole minute', 'write hours and minutes, such as 09:30') END;

-- From before midnight until after it is fine: 20:00 to 02:00 belongs to the day it opens.
CREATE FUNCTION problem_campaign_hours(local_from time, local_to time) RETURNS problem IMMUTABLE PARALLEL SAFE
	RETURN CASE
		WHEN (local_from IS NULL) <> (local_to IS NULL) THEN ROW(
			CASE WHEN local_to IS NULL THEN 'local_from is given without local_to' ELSE 'local_to is given without local_from' END,
			'give both, or neither')::problem
		WHEN local_from = local_to OR local_from = '24:00'
			THEN problem_with('local_from', local_from::text, format('and local_to "%s" leave no time', local_to), 'let them differ') END;

CREATE FUNCTION problem_rrule(rrule text) RETURNS problem IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN rrule IS NOT NULL THEN problem_with('rrule', rrule, 'cannot be honoured: recurrence is not supported in this version',
		'leave rrule empty and submit one campaign per occurrence') END;

-- The same, as CHECK constraints call them ------------------------------------------------------------------------------------------------

CREATE FUNCTION check_name(name text) RETURNS boolean IMMUTABLE RETURN refuse(problem_name(name));
CREATE FUNCTION check_country(country text) RETURNS boolean IMMUTABLE RETURN refuse(problem_country(country));
CREATE FUNCTION check_address(address text) RETURNS boolean IMMUTABLE RETURN refuse(problem_address(address));
CREATE FUNCTION check_throughput(throughput numeric) RETURNS boolean IMMUTABLE RETURN refuse(problem_throughput(throughput));
CREATE FUNCTION check_daily_limit(daily_limit int) RETURNS boolean IMMUTABLE RETURN refuse(problem_daily_limit(daily_limit));
CREATE FUNCTION check_priority(priority int) RETURNS boolean IMMUTABLE RETURN refuse(problem_priority(priority));
CREATE FUNCTION check_percent(field text, value int) RETURNS boolean IMMUTABLE RETURN refuse(problem_percent(field, value));
CREATE FUNCTION check_language(language text) RETURNS boolean IMMUTABLE RETURN refuse(problem_language(language));
CREATE FUNCTION check_variables(variables text) RETURNS boolean IMMUTABLE RETURN refuse(problem_variables(variables));
CREATE FUNCTION check_body(body text) RETURNS boolean IMMUTABLE RETURN refuse(problem_body(body));
CREATE FUNCTION check_placeholders(body text, variables text) RETURNS boolean IMMUTABLE
	RETURN refuse(problem_placeholders(body, variables));
CREATE FUNCTION check_campaign_time(field text, value text) RETURNS boolean IMMUTABLE RETURN refuse(problem_campaign_time(field, value));
CREATE FUNCTION check_campaign_span(starts_at text, ends_at text) RETURNS boolean IMMUTABLE
	RETURN refuse(problem_campaign_span(starts_at, ends_at));
CREATE FUNCTION check_minute(field text, value time) RETURNS boolean IMMUTABLE RETURN refuse(problem_minute(field, value));
CREATE FUNCTION check_campaign_hours(local_from time, local_to time) RETURNS boolean IMMUTABLE
	RETURN refuse(problem_campaign_hours(local_from, local_to));
CREATE FUNCTION check_rrule(rrule text) RETURNS boolean IMMUTABLE RETURN refuse(problem_rrule(rrule));

-- People ----------------------------------------------------------------------------------------------------------------------------------

-- The fixed function of distribution, the same in C (planner/core). Never change it: it is the first column of every key.
CREATE FUNCTION bucket_of(recipient_id bigint) RETURNS smallint IMMUTABLE PARALLEL SAFE
	RETURN ((recipient_id # (recipient_id >> 10) # (recipient_id >> 20) # (recipient_id >> 40)) & 1023)::smallint;

-- What is left of a written number without its punctuation: blanks of any kind, dots, dashes, slashes, parentheses.
-- Most numbers of a large file have none, and a look is cheaper than a replacement.
CREATE FUNCTION phone_digits(phone text) RETURNS text IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN phone ~ '^\+[0-9]*$' THEN phone
		ELSE regexp_replace(phone, '[\s\u00a0\u2007\u2009\u202f().\-\u2010-\u2015\u2212/]', '', 'g') END;

CREATE FUNCTION problem_phone(phone text) RETURNS problem IMMUTABLE PARALLEL SAFE
	RETURN CASE
		WHEN phone IS NULL THEN NULL
		WHEN phone ~ '\(\s*0\s*\)' THEN problem_with('phone', phone, 'holds a trunk prefix (0)',
			'leave the (0) out: +44 20 7946 0958, not +44 (0)20 7946 0958')
		WHEN phone_digits(phone) ~ '^\+[1-9][0-9]{6,14}$' THEN NULL
		WHEN phone_digits(phone) ~ '^00[1-9][0-9]{6,14}$' THEN problem_with('phone', phone, 'starts with 00 in place of +',
			'write +' || substr(phone_digits(phone), 3))
		WHEN phone_digits(phone) ~ '^[0-9]{3,15}$' THEN problem_with('phone', phone, 'is a local format',
			'write the plus sign and the country code: +1 415 555 0123')
		ELSE problem_with('phone', phone, 'is no phone number', 'write 7 to 15 digits after a plus sign: +1 415 555 0123') END;

-- E.164 without the plus sign, in the one form that stands for a person whichever way the number arrives. WhatsApp ids and address books
-- differ for three countries; an opt-out that came from the id must find the person of the address book:
--   Brazil     55 DD 9XXXXXXX (8 digits, from 6 to 9: a mobile without its ninth digit)  -> 55 DD 9 9XXXXXXX; landlines stay as they are
--   Mexico     52 1 and 10 digits (the mobile mark of before 2020, kept in WhatsApp ids) -> 52 and 10 digits
--   Argentina  54 and 10 digits (without the mobile mark)                              -> 54 9 and 10 digits; an area and number are given
--              out once, to a landline or to a mobile, so nobody is merged with somebody else
-- The result is what is stored, hashed and dialled.
CREATE FUNCTION canonical_digits(digits text) RETURNS bigint IMMUTABLE PARALLEL SAFE
	RETURN CASE
		WHEN digits ~ '^55[1-9][1-9][6-9][0-9]{7}$' THEN left(digits, 4) || '9' || substr(digits, 5)
		WHEN digits ~ '^521[0-9]{10}$' THEN '52' || substr(digits, 4)
		WHEN digits ~ '^54[1-8][0-9]{9}$' THEN '549' || substr(digits, 3)
		ELSE digits END::bigint;

-- NULL for NULL; raises what problem_phone() finds.
CREATE FUNCTION canonical_phone(phone text) RETURNS bigint IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN refuse(problem_phone(phone)) THEN canonical_digits(substr(phone_digits(phone), 2)) END;

-- What an analyst may see of a number.
CREATE FUNCTION mask_phone(phone bigint) RETURNS text IMMUTABLE PARALLEL SAFE
	RETURN '+' || left(phone::text, 3) || repeat('*', length(phone::text) - 5) || right(phone::text, 2);

-- R-112: case, width, punctuation, blanks and symbols do not matter. Both sides of the comparison go through here. The ICU collation knows
-- the letters of every script, whatever the database's own locale is.
CREATE FUNCTION normalise_keyword(text text) RETURNS text IMMUTABLE PARALLEL SAFE
	RETURN btrim(regexp_replace(lower(normalize(text, NFKC) COLLATE "und-x-icu"), '[^[:alnum:]]+', ' ', 'g'));

-- A value of a template variable against its declared type and length: F13, R-085, R-164.
CREATE FUNCTION problem_variable_value(name text, type text, max_length int, value text) RETURNS problem IMMUTABLE PARALLEL SAFE
	RETURN CASE
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

-- Local time from the offset that a plan stored with its class; what the views show (never the server's own zone data).
CREATE FUNCTION local_clock(at timestamptz, offset_s int) RETURNS timestamp IMMUTABLE PARALLEL SAFE
	RETURN timestamp 'epoch' + (at - timestamptz '1970-01-01 00:00:00+00') + offset_s * interval '1 second';
