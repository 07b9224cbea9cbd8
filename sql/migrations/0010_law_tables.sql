-- What the rulebook asks about besides people: who stands behind a sender, what was registered, attested and approved, which wordings of consent
-- are approved, who may deviate from which rule until when, and where an emergency is declared. Small tables all; facts only, judged by the
-- programs (planner/core/admission.h). Functions that write them are in 0011_law_functions.sql and
-- 0012_law_people.sql; 0013_law_import.sql brings them from files.

CREATE TYPE subject AS ENUM ('business', 'sender', 'template', 'campaign');

CREATE FUNCTION problem_tags(tags text) RETURNS problem IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN tags !~ '^([a-z][a-z0-9_]*( [a-z][a-z0-9_]*)*)?$'
		THEN problem_with('tags', tags, 'is no list of tags', 'write lower case words with one blank between, such as "alcohol dating"') END;
CREATE FUNCTION check_tags(tags text) RETURNS boolean IMMUTABLE RETURN refuse(problem_tags(tags));

CREATE FUNCTION problem_item(item text) RETURNS problem IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN item !~ '^[a-z0-9][a-z0-9_.-]{0,46}$'
		THEN problem_with('item', item, 'is no item', 'write one that daypart rules show names, such as 10dlc.tax_number') END;
CREATE FUNCTION check_item(item text) RETURNS boolean IMMUTABLE RETURN refuse(problem_item(item));

CREATE FUNCTION problem_url(field text, url text) RETURNS problem IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN url !~ '^https?://[^[:space:]]{3,}$' OR length(url) > 500
		THEN problem_with(field, url, 'is no web address', 'write it as https://example.com/privacy') END;
CREATE FUNCTION check_url(field text, url text) RETURNS boolean IMMUTABLE RETURN refuse(problem_url(field, url));

CREATE FUNCTION problem_identifier(identifier text) RETURNS problem IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN identifier !~ '^[A-Za-z0-9]{3,11}$'
		THEN problem_with('identifier', identifier, 'is no sender identifier', 'write 3 to 11 letters and digits, such as ABCORG') END;
CREATE FUNCTION check_identifier(identifier text) RETURNS boolean IMMUTABLE RETURN refuse(problem_identifier(identifier));

-- R-009, R-127, R-169
ALTER TABLE business
	ADD privacy_policy_url text CHECK (check_url('privacy_policy_url', privacy_policy_url)),
	ADD privacy_policy_version text,
	ADD support_email text,
	ADD support_phone text,
	ADD website text CHECK (check_url('website', website)),
	ADD provider text REFERENCES business ON UPDATE CASCADE,       -- who sends for it; platform rules bind both
	ADD created_by text NOT NULL DEFAULT session_user;

-- R-107, R-129, R-141, R-142, P-64
ALTER TABLE sender
	ADD identifier text CHECK (check_identifier(identifier)),      -- India's header
	ADD transport text NOT NULL DEFAULT 'official',                -- the provider's official interface, or another word
	ADD escalation text,                                           -- how a person reaches a human: phone, email, web, store, form, chat
	ADD receives_replies boolean NOT NULL DEFAULT true,
	ADD granted_daily_limit int CHECK (granted_daily_limit > 0),   -- a raise that the network granted
	ADD granted_on date,
	ADD portfolio_limit int CHECK (portfolio_limit > 0),           -- people in any 24 hours, as the platform states it
	ADD created_by text NOT NULL DEFAULT session_user,
	ADD CHECK ((granted_daily_limit IS NULL) = (granted_on IS NULL));
ALTER TABLE template
	ADD free_form boolean NOT NULL DEFAULT false,                  -- a text that no platform approved: inside a service window only
	ADD tags text NOT NULL DEFAULT '' CHECK (check_tags(tags)),
	ADD submitted_on date,
	ADD verified_on date,                                          -- when the platform last confirmed that it is still active
	ADD created_by text NOT NULL DEFAULT session_user;
ALTER TABLE campaign
	ADD tags text NOT NULL DEFAULT '' CHECK (check_tags(tags));

-- Registrations, attestations and registry scrubs. A renewal is a new row; revoke_attestation() ends one.
CREATE TABLE attestation (
	subject subject NOT NULL,
	name text NOT NULL,                                -- of the business, sender, template or campaign
	item text NOT NULL CHECK (check_item(item)),
	given_on date NOT NULL DEFAULT current_date,
	valid_until date,                                  -- the first day on which it no longer counts
	reference text,                                    -- where the document is kept
	note text,
	by_whom text NOT NULL DEFAULT session_user,
	recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	PRIMARY KEY (subject, name, item, given_on),
	CHECK (valid_until >= given_on)                    -- equal: it was revoked before it counted
);
-- F6: approvals by a second person, written by approve() and campaign_set_status() only.
CREATE TABLE approval (
	subject subject NOT NULL,
	name text NOT NULL,
	approved_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	approved_by text NOT NULL DEFAULT session_user,
	digest bytea NOT NULL,                             -- of what was approved: subject_digest(); a changed row is not approved any more
	rulebook_id int REFERENCES rulebook,
	audience_people bigint,                            -- F1: of a campaign, whom it reached then
	audience_digest bigint,                            -- bit_xor of the people's ids
	note text,
	PRIMARY KEY (subject, name, approved_at)
);
-- F4: wordings of consent with their notices.
CREATE TABLE wording (
	business text NOT NULL REFERENCES business ON UPDATE CASCADE,
	name text NOT NULL CHECK (check_name(name)),
	language text NOT NULL DEFAULT 'en' CHECK (check_language(language)),
	body text NOT NULL,
	kinds category[] NOT NULL DEFAULT '{marketing}',
	names_channels channel[] NOT NULL DEFAULT '{}',     -- a text that says "WhatsApp" is none for SMS
	names_business boolean NOT NULL DEFAULT false,
	says_marketing boolean NOT NULL DEFAULT false,
	privacy_policy_url text CHECK (check_url('privacy_policy_url', privacy_policy_url)),
	privacy_policy_version text,
	created_by text NOT NULL DEFAULT session_user,
	approved_by text,
	approved_at timestamptz,
	PRIMARY KEY (business, name, language),
	CHECK ((approved_by IS NULL) = (approved_at IS NULL))
);
-- A rule that is lifted for one business until a day: written by grant_waiver().
CREATE TABLE waiver (
	rule text NOT NULL,
	business text NOT NULL REFERENCES business ON UPDATE CASCADE,
	granted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	role text NOT NULL,
	reason text NOT NULL,
	expires_on date NOT NULL,
	asked_by text NOT NULL,
	granted_by text NOT NULL DEFAULT session_user,
	PRIMARY KEY (rule, business, granted_at)
);
-- P-20, P-21: switched by declare_emergency() and end_emergency().
CREATE TABLE emergency (
	area text NOT NULL REFERENCES region (code),
	declared_from timestamptz NOT NULL,
	declared_until timestamptz,                        -- NULL: still on
	by_whom text NOT NULL DEFAULT session_user,
	note text,
	PRIMARY KEY (area, declared_from),
	CHECK (declared_until > declared_from)
);
-- Methods and sources of consent with a meaning for the law, written by init and rules load from the rulebook and the programs.
CREATE TABLE consent_word (
	word text PRIMARY KEY CHECK (word = normalise_keyword(word)),
	meaning text NOT NULL CHECK (meaning IN ('inbound', 'offline', 'refused', 'purchased')),
	rule text                                          -- of the rulebook, for refused and purchased
);

-- A class is also told apart by the facts that conditions ask about, by the template's language, and by the terms it was planned under.
ALTER TABLE class
	ADD facts text[] NOT NULL DEFAULT '{}',            -- words of planner/core/predicate.h
	ADD language text NOT NULL DEFAULT '',             -- of the template variant; '' before this migration
	ADD terms_hash bigint NOT NULL DEFAULT 0;          -- law_terms_hash(): of the rules that the release gate does not judge anew
DO $$
BEGIN
	EXECUTE (SELECT format('ALTER TABLE class DROP CONSTRAINT %I', conname) FROM pg_constraint
		WHERE conrelid = 'class'::regclass AND contype = 'u');
END $$;
ALTER TABLE class
	ADD UNIQUE (regions, zones, category, channel, rulebook_id, zone_hashes, hashed_from, hashed_until, facts, language, terms_hash);
