-- Tables of schema daypart. Rules that keep the schema ready for distribution (a test reads the catalogue and proves them):
-- `bucket` leads every unique key of a hot table; no sequence, uniqueness or foreign key across buckets; no triggers anywhere; small tables
-- carry no counters. Hot tables: recipient consent consent_event suppression audience_member inbound outside_send slot suppressed inflight
-- release outbox outbox_dropped permission_change.

CREATE TYPE channel AS ENUM ('whatsapp', 'sms');
CREATE TYPE category AS ENUM ('marketing', 'transactional', 'announcement', 'authentication', 'service_reply', 'opt_in_invitation',
	'opt_out_confirmation');
CREATE TYPE campaign_status AS ENUM ('draft', 'approved', 'paused', 'cancelled', 'finished');
CREATE TYPE template_status AS ENUM ('draft', 'pending', 'approved', 'rejected', 'paused', 'disabled');
CREATE TYPE sender_status AS ENUM ('active', 'suspended');
CREATE TYPE pacing AS ENUM ('asap', 'even');
CREATE TYPE catch_up AS ENUM ('drop', 'next_window');
CREATE TYPE consent_state AS ENUM ('granted', 'withdrawn');
CREATE TYPE suppressed_kind AS ENUM ('suppressed', 'held');
CREATE TYPE outcome AS ENUM ('handed_over', 'refused', 'expired', 'uncertain', 'failed');

-- The installation and what it knows of the world -----------------------------------------------------------------------------------------

CREATE TABLE installation (
	one boolean PRIMARY KEY DEFAULT true CHECK (one),
	installation_id uuid NOT NULL DEFAULT gen_random_uuid(),
	rehearsal boolean NOT NULL,              -- true: a copy on which a simulated clock may release
	created_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE control (
	one boolean PRIMARY KEY DEFAULT true CHECK (one),
	stopped boolean NOT NULL DEFAULT false,
	changed_by text,
	changed_at timestamptz
);
INSERT INTO control DEFAULT VALUES;
CREATE TABLE secret_key (                    -- owned by a role nobody can log in as; see person_id()
	one boolean PRIMARY KEY DEFAULT true CHECK (one),
	inner_pad bytea NOT NULL,                -- HMAC-SHA-256 key XOR ipad and opad, 64 bytes each
	outer_pad bytea NOT NULL
);
CREATE TABLE time_zone (name text PRIMARY KEY);       -- the usable names of the tzdb that init read
CREATE TABLE region (code text PRIMARY KEY);          -- ISO 3166-1 and -2
CREATE TABLE reason (
	reason smallint PRIMARY KEY,
	name text NOT NULL UNIQUE,
	kind suppressed_kind NOT NULL,
	text text NOT NULL,
	cure text NOT NULL
);
CREATE TABLE evidence_bit (bit smallint PRIMARY KEY, name text NOT NULL UNIQUE);
CREATE TABLE opt_out_keyword (                        -- R-112: every language counts, wherever the person is
	keyword text PRIMARY KEY CHECK (keyword = normalise_keyword(keyword)),
	language text NOT NULL
);
INSERT INTO opt_out_keyword VALUES
	('stop', 'en'), ('stop all', 'en'), ('stopall', 'en'), ('unsubscribe', 'en'), ('cancel', 'en'), ('end', 'en'), ('quit', 'en'),
	('revoke', 'en'), ('opt out', 'en'), ('optout', 'en'), ('退订', 'zh'), ('退訂', 'zh'), ('td', 'zh'), ('sair', 'pt'), ('parar', 'pt'),
		('cancelar', 'pt'),
	('descadastrar', 'pt'), ('baja', 'es'), ('alto', 'es'), ('arret', 'fr'), ('arrêt', 'fr'), ('desabonner', 'fr'), ('désabonner', 'fr'),
	('stopp', 'de'), ('abmelden', 'de'), ('disiscrivimi', 'it'), ('afmelden', 'nl'), (normalise_keyword('रोकें'), 'hi');

CREATE TABLE rulebook (
	rulebook_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	hash bytea NOT NULL UNIQUE,
	loaded_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE rulebook_file (                          -- the texts, rules and calendars alike, as every host parses them
	rulebook_id int NOT NULL REFERENCES rulebook,
	name text NOT NULL,
	body text NOT NULL,
	PRIMARY KEY (rulebook_id, name)
);
CREATE TABLE rulebook_head (
	one boolean PRIMARY KEY DEFAULT true CHECK (one),
	rulebook_id int NOT NULL REFERENCES rulebook
);

-- What a marketer writes ------------------------------------------------------------------------------------------------------------------

CREATE TABLE business (
	name text PRIMARY KEY CHECK (check_name(name)),
	business_id int GENERATED ALWAYS AS IDENTITY UNIQUE,
	legal_name text,
	country text CHECK (check_country(country)),
	created_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE sender (
	name text PRIMARY KEY CHECK (check_name(name)),
	sender_id smallint GENERATED ALWAYS AS IDENTITY UNIQUE,   -- the lane of its slots
	business text NOT NULL REFERENCES business ON UPDATE CASCADE,
	channel channel NOT NULL,
	address text NOT NULL CHECK (check_address(address)),     -- E.164 number, short code or account name
	country text CHECK (check_country(country)),
	registered_on date,
	trust_level text,
	throughput_per_s numeric(9,3) NOT NULL DEFAULT 10 CHECK (check_throughput(throughput_per_s)),
	daily_limit int CHECK (check_daily_limit(daily_limit)),
	portfolio text,
	status sender_status NOT NULL DEFAULT 'active',
	created_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE template (
	name text NOT NULL CHECK (check_name(name)),
	language text NOT NULL CHECK (check_language(language)),
	business text NOT NULL REFERENCES business ON UPDATE CASCADE,
	channel channel NOT NULL,
	category category NOT NULL,
	body text NOT NULL CHECK (check_body(body)),
	variables text NOT NULL DEFAULT '' CHECK (check_variables(variables)), -- "first_name text(40), total number(12)"
	status template_status NOT NULL DEFAULT 'draft',
	approved_on date,
	created_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (name, language),
	CHECK (check_placeholders(body, variables))
);
CREATE TABLE audience (
	name text PRIMARY KEY CHECK (check_name(name)),
	audience_id int GENERATED ALWAYS AS IDENTITY UNIQUE,
	business text NOT NULL REFERENCES business ON UPDATE CASCADE,
	description text,
	created_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE campaign (
	name text PRIMARY KEY CHECK (check_name(name)),
	campaign_id int GENERATED ALWAYS AS IDENTITY UNIQUE,
	sender text NOT NULL REFERENCES sender ON UPDATE CASCADE,
	template text NOT NULL,
	audience text NOT NULL REFERENCES audience ON UPDATE CASCADE,
	category category NOT NULL DEFAULT 'marketing',
	starts_at text NOT NULL CHECK (check_campaign_time('starts_at', starts_at)), -- an instant with an offset, or "2026-11-23 09:00 local"
	ends_at text NOT NULL CHECK (check_campaign_time('ends_at', ends_at)),
	local_from time CHECK (check_minute('local_from', local_from)),
	local_to time CHECK (check_minute('local_to', local_to)),
	rrule text CHECK (check_rrule(rrule)),
	priority smallint NOT NULL DEFAULT 100 CHECK (check_priority(priority)),     -- 1 is planned first
	pacing pacing NOT NULL DEFAULT 'asap',
	catch_up catch_up NOT NULL DEFAULT 'drop',
	holdout_percent smallint NOT NULL DEFAULT 0 CHECK (check_percent('holdout_percent', holdout_percent)),
	offer_terms text,
	offer_expires_on date,
	status campaign_status NOT NULL DEFAULT 'draft',
	created_by text NOT NULL DEFAULT session_user,
	created_at timestamptz NOT NULL DEFAULT now(),
	CHECK (check_campaign_span(starts_at, ends_at)),
	CHECK (check_campaign_hours(local_from, local_to))
);
CREATE TABLE campaign_event (                         -- who approved, paused, resumed, cancelled, and when
	campaign_id int NOT NULL REFERENCES campaign (campaign_id),
	at timestamptz NOT NULL DEFAULT clock_timestamp(),
	status campaign_status NOT NULL,
	by_whom text NOT NULL,
	note text,
	PRIMARY KEY (campaign_id, at)
);
CREATE TABLE campaign_transition (                    -- the legal changes of a campaign's status; there are no others
	from_status campaign_status NOT NULL,
	to_status campaign_status NOT NULL,
	verb text NOT NULL,
	PRIMARY KEY (from_status, to_status)
);
INSERT INTO campaign_transition VALUES
	('draft', 'approved', 'approve'), ('approved', 'paused', 'pause'), ('paused', 'approved', 'resume'),
	('draft', 'cancelled', 'cancel'), ('approved', 'cancelled', 'cancel'), ('paused', 'cancelled', 'cancel'),
	('approved', 'finished', 'finish');

-- Plans -----------------------------------------------------------------------------------------------------------------------------------

CREATE TABLE plan_run (
	plan_run int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	as_of timestamptz NOT NULL,                       -- the instant the plan was made for
	started_at timestamptz NOT NULL,
	published_at timestamptz NOT NULL,
	horizon interval NOT NULL,
	rulebook_id int NOT NULL REFERENCES rulebook,
	tzdata text NOT NULL,
	numbering text NOT NULL,
	added bigint NOT NULL, moved bigint NOT NULL, cancelled bigint NOT NULL, kept bigint NOT NULL,
	suppressed bigint NOT NULL, held bigint NOT NULL,
	swept bigint NOT NULL DEFAULT 0                   -- taken out at publication, because facts changed meanwhile
);
CREATE TABLE plan_head (                              -- compare-and-set on plan_run makes one planner publish at a time
	one boolean PRIMARY KEY DEFAULT true CHECK (one),
	plan_run int NOT NULL,
	checked_at timestamptz                            -- when a plan last found nothing to change
);
INSERT INTO plan_head (plan_run) VALUES (0);
CREATE TABLE campaign_run (                           -- campaign x occurrence, with an immutable copy of what the ledger needs
	run_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	campaign_id int NOT NULL REFERENCES campaign (campaign_id),
	occurrence date NOT NULL,
	business_id int NOT NULL REFERENCES business (business_id),
	sender_id smallint NOT NULL REFERENCES sender (sender_id),
	channel channel NOT NULL,
	category category NOT NULL,
	campaign_hash bytea NOT NULL,                     -- of the campaign row it was planned from; an edited campaign is postponed
	first_at timestamptz NOT NULL,                    -- no message of it leaves before or at and after these
	last_at timestamptz NOT NULL,
	UNIQUE (campaign_id, occurrence)
);
CREATE TABLE class (                                  -- people for whom the same law holds; windows are computed once per class
	class_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	regions text[] NOT NULL,
	zones text[] NOT NULL,
	category category NOT NULL,
	channel channel NOT NULL,
	rulebook_id int NOT NULL REFERENCES rulebook,
	regimes text NOT NULL,
	zone_hashes bigint[] NOT NULL,                    -- of each zone's offsets in [hashed_from, hashed_until)
	hashed_from timestamptz NOT NULL,
	hashed_until timestamptz NOT NULL,
	UNIQUE (regions, zones, category, channel, rulebook_id, zone_hashes, hashed_from, hashed_until)
);
CREATE TABLE class_offset (                           -- what the views show as local time: the first zone of the class
	class_id int NOT NULL REFERENCES class,
	valid_from timestamptz NOT NULL,
	offset_s int NOT NULL,
	PRIMARY KEY (class_id, valid_from)
);
CREATE TABLE bucket_gate (bucket smallint PRIMARY KEY);        -- 1024 rows, only ever locked
INSERT INTO bucket_gate SELECT generate_series(0, 1023);

-- People, written through functions only --------------------------------------------------------------------------------------------------

CREATE TABLE recipient (
	recipient_id bigint NOT NULL,                     -- keyed hash of the number: person_id()
	phone bigint NOT NULL,                            -- canonical E.164 without the plus sign
	added_at timestamptz NOT NULL,
	bucket smallint NOT NULL CHECK (bucket = bucket_of(recipient_id)),
	region text, timezone text,                       -- declared; NULL when not
	language text CHECK (check_language(language)),
	source text,
	variables jsonb,                                  -- this person's template variables, never another's (R-090, R-164)
	PRIMARY KEY (bucket, recipient_id) INCLUDE (phone, region, timezone)
);
CREATE TABLE consent (                                -- current state
	recipient_id bigint NOT NULL,
	given_at timestamptz,
	business_id int NOT NULL,
	evidence int NOT NULL,                            -- facts present: evidence_bit
	channel channel NOT NULL,
	category category NOT NULL,
	state consent_state NOT NULL,
	bucket smallint NOT NULL,
	PRIMARY KEY (bucket, business_id, channel, category, recipient_id) INCLUDE (state, evidence, given_at)
);
CREATE TABLE consent_event (                          -- append-only: every grant and withdrawal with its evidence
	recipient_id bigint NOT NULL,
	recorded_at timestamptz NOT NULL,
	given_at timestamptz, confirmed_at timestamptz,
	business_id int NOT NULL,
	channel channel NOT NULL, category category NOT NULL, state consent_state NOT NULL,
	supplied_by_person boolean,
	bucket smallint NOT NULL,
	method text, wording text, ip inet, signature text, tax_id text, source text, document text,
	digest bytea NOT NULL,                            -- of the evidence: the same fact twice is one event
	PRIMARY KEY (bucket, recipient_id, business_id, channel, category, digest)
);
CREATE TABLE suppression (
	recipient_id bigint NOT NULL,
	at timestamptz NOT NULL,
	business_id int NOT NULL,                         -- 0: every business
	bucket smallint NOT NULL,
	channel text NOT NULL,                            -- a channel, or 'all'
	category text NOT NULL,                           -- a category, or 'all'
	source text,
	PRIMARY KEY (bucket, recipient_id, business_id, channel, category),
	CHECK (channel = 'all' OR channel::channel IS NOT NULL),
	CHECK (category = 'all' OR category::category IS NOT NULL)
);
CREATE TABLE audience_member (
	recipient_id bigint NOT NULL,
	audience_id int NOT NULL,
	bucket smallint NOT NULL,
	PRIMARY KEY (bucket, audience_id, recipient_id)
);
CREATE TABLE inbound (
	recipient_id bigint NOT NULL,
	at timestamptz NOT NULL,
	sender_id smallint NOT NULL,
	bucket smallint NOT NULL,
	text text NOT NULL,
	keyword text,                                     -- the opt-out keyword it was read as
	digest bytea NOT NULL,                            -- of the text: providers' clocks count in seconds, and a webhook may come twice
	PRIMARY KEY (bucket, recipient_id, sender_id, at, digest)
);
CREATE TABLE outside_send (                           -- past messages and those of other systems: counted in caps
	recipient_id bigint NOT NULL,
	sent_at timestamptz NOT NULL,
	business_id int NOT NULL,
	channel channel NOT NULL,
	category category NOT NULL,
	bucket smallint NOT NULL,
	reference text NOT NULL DEFAULT '',
	PRIMARY KEY (bucket, recipient_id, business_id, sent_at, reference)
);
CREATE TABLE permission_change (                      -- who must be looked at again by a plan whose snapshot is older
	recipient_id bigint NOT NULL,
	changed_by xid8 NOT NULL DEFAULT pg_current_xact_id(),
	bucket smallint NOT NULL,
	PRIMARY KEY (bucket, recipient_id, changed_by)
);
CREATE INDEX permission_change_by ON permission_change (changed_by);

-- The queue and the ledger ----------------------------------------------------------------------------------------------------------------

CREATE TABLE slot (                                   -- a row is a promise not yet kept
	recipient_id bigint NOT NULL,
	due_at timestamptz NOT NULL,
	not_after timestamptz NOT NULL,                   -- the first instant that is too late
	run_id int NOT NULL,
	class_id int NOT NULL,
	plan_run int NOT NULL,
	bucket smallint NOT NULL,
	lane smallint NOT NULL,                           -- = sender_id
	part smallint NOT NULL,                           -- 0: small diffs; a large plan brings its own part
	PRIMARY KEY (bucket, recipient_id, run_id, part),
	CHECK (not_after > due_at)
) PARTITION BY LIST (part);
CREATE INDEX slot_lane ON slot (lane, due_at);
CREATE TABLE slot_0 PARTITION OF slot FOR VALUES IN (0);

CREATE TABLE inflight (                               -- handed to a sink outside the database, answer still open
	recipient_id bigint NOT NULL,
	claimed_at timestamptz NOT NULL,
	due_at timestamptz NOT NULL,
	not_after timestamptz NOT NULL,
	run_id int NOT NULL,
	class_id int NOT NULL,
	plan_run int NOT NULL,
	attempt smallint NOT NULL,
	bucket smallint NOT NULL,
	lane smallint NOT NULL,
	PRIMARY KEY (bucket, recipient_id, run_id)
);
CREATE TABLE release (                                -- append-only ledger: what became of each slot
	recipient_id bigint NOT NULL,
	due_at timestamptz NOT NULL,
	released_at timestamptz NOT NULL,
	consent_given_at timestamptz,                     -- which consent it rested on
	run_id int NOT NULL,
	class_id int NOT NULL,
	plan_run int NOT NULL,
	bucket smallint NOT NULL,
	reason smallint,                                  -- why not, unless handed over
	outcome outcome NOT NULL,
	PRIMARY KEY (bucket, recipient_id, run_id)
) PARTITION BY RANGE (run_id);                        -- parts are made by ensure_release_part(); dropping one is retention

CREATE TABLE suppressed (
	recipient_id bigint NOT NULL,
	at timestamptz NOT NULL,
	run_id int NOT NULL,
	plan_run int NOT NULL,                            -- 0: not by a plan (opt-out, gate, life cycle)
	bucket smallint NOT NULL,
	reason smallint NOT NULL,
	kind suppressed_kind NOT NULL,
	rule text,                                        -- the deciding rule's id, where there is one
	PRIMARY KEY (bucket, run_id, recipient_id)
);
CREATE TABLE outbox (                                 -- handed over; consumed through take_outbox()
	recipient_id bigint NOT NULL,
	handed_at timestamptz NOT NULL,
	not_after timestamptz NOT NULL,
	run_id int NOT NULL,
	bucket smallint NOT NULL,
	PRIMARY KEY (bucket, recipient_id, run_id)
);
CREATE TABLE outbox_dropped (                         -- taken from the outbox but given to nobody; the ledger keeps "handed over"
	recipient_id bigint NOT NULL,
	dropped_at timestamptz NOT NULL,
	run_id int NOT NULL,
	bucket smallint NOT NULL,
	reason smallint NOT NULL,
	PRIMARY KEY (bucket, recipient_id, run_id)
);
