-- What people write into small tables is refused there, in words: days that no calendar of this program reaches, and numbers and pairs that a bare
-- CHECK refused in the words of the server. A day such as 9999-12-31, meant as "no end", could be written and then stopped every plan.
-- Rows that are there already are left alone.

-- What planner/core/instant.h reads. How a day is written may depend on the session, the verdict does not.
CREATE FUNCTION problem_day(field text, value date) RETURNS problem IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN value NOT BETWEEN date '1900-01-01' AND date '2200-12-31' THEN problem_with(field, value::text, 'is out of range',
		CASE WHEN field IN ('given_on', 'valid_from', 'expires_on') THEN 'write a day of the years 1900 to 2200'
			ELSE 'write a day of the years 1900 to 2200, or leave it empty' END) END;

CREATE FUNCTION problem_granted_limit(granted_daily_limit int, granted_on date) RETURNS problem IMMUTABLE PARALLEL SAFE
	RETURN CASE
		WHEN granted_on IS NULL AND granted_daily_limit IS NOT NULL
			THEN ROW('granted_daily_limit is given without granted_on', 'give the day on which the network granted it')::problem
		WHEN granted_daily_limit IS NULL AND granted_on IS NOT NULL
			THEN ROW('granted_on is given without granted_daily_limit', 'give how many messages a day the network granted')::problem
		ELSE problem_positive('granted_daily_limit', granted_daily_limit) END;

-- Equal: it was revoked before it counted.
CREATE FUNCTION problem_validity(given_on date, valid_until date) RETURNS problem IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN valid_until < given_on THEN problem_with('valid_until', valid_until::text, format('is before given_on "%s"', given_on),
		'write the first day on which it no longer counts, or leave it empty') END;

CREATE FUNCTION check_day(field text, value date) RETURNS boolean IMMUTABLE RETURN refuse(problem_day(field, value));
CREATE FUNCTION check_granted_limit(granted_daily_limit int, granted_on date) RETURNS boolean IMMUTABLE
	RETURN refuse(problem_granted_limit(granted_daily_limit, granted_on));
CREATE FUNCTION check_positive(field text, value bigint) RETURNS boolean IMMUTABLE RETURN refuse(problem_positive(field, value));
CREATE FUNCTION check_validity(given_on date, valid_until date) RETURNS boolean IMMUTABLE RETURN refuse(problem_validity(given_on, valid_until));

ALTER TABLE sender
	DROP CONSTRAINT sender_check,
	DROP CONSTRAINT sender_granted_daily_limit_check,
	DROP CONSTRAINT sender_portfolio_limit_check,
	ADD CHECK (check_granted_limit(granted_daily_limit, granted_on)) NOT VALID,
	ADD CHECK (check_positive('portfolio_limit', portfolio_limit)) NOT VALID,
	ADD CHECK (check_day('registered_on', registered_on)) NOT VALID,
	ADD CHECK (check_day('granted_on', granted_on)) NOT VALID;
ALTER TABLE sender_limit ADD CHECK (check_day('valid_from', valid_from)) NOT VALID;
ALTER TABLE template
	ADD CHECK (check_day('approved_on', approved_on)) NOT VALID,
	ADD CHECK (check_day('submitted_on', submitted_on)) NOT VALID,
	ADD CHECK (check_day('verified_on', verified_on)) NOT VALID;
ALTER TABLE campaign ADD CHECK (check_day('offer_expires_on', offer_expires_on)) NOT VALID;
ALTER TABLE attestation
	DROP CONSTRAINT attestation_check,
	ADD CHECK (check_day('given_on', given_on)) NOT VALID,
	ADD CHECK (check_day('valid_until', valid_until)) NOT VALID,
	ADD CHECK (check_validity(given_on, valid_until)) NOT VALID;
ALTER TABLE waiver ADD CHECK (check_day('expires_on', expires_on)) NOT VALID;

COMMENT ON FUNCTION problem_day IS 'what is wrong with a day, see refuse()';
COMMENT ON FUNCTION problem_granted_limit IS 'what is wrong with a limit that the network granted, and its day';
COMMENT ON FUNCTION problem_validity IS 'what is wrong with the days between which a record counts';
COMMENT ON FUNCTION check_day IS 'problem_day() as a CHECK';
COMMENT ON FUNCTION check_granted_limit IS 'problem_granted_limit() as a CHECK';
COMMENT ON FUNCTION check_positive IS 'problem_positive() as a CHECK';
COMMENT ON FUNCTION check_validity IS 'problem_validity() as a CHECK';

CALL hand_over();
