-- What \d+ and a catalogue browser show. A column name means the same wherever it occurs, so columns are explained by one glossary; the few
-- that need more words in one place have them under "table.column". What belongs to the keeper of the key is explained in 0005_roles.sql.

CREATE TEMP TABLE glossary (name text PRIMARY KEY, meaning text NOT NULL) ON COMMIT DROP;
INSERT INTO glossary VALUES
	('added', 'slots the plan added'),
	('added_at', 'when the person was first written'),
	('address', 'E.164 number, short code or account name of the sender'),
	('applied_at', 'when daypart init applied it'),
	('approved_on', 'day on which the provider approved the template'),
	('as_of', 'the instant for which the plan was made'),
	('at', 'when it happened'),
	('attempt', 'how often it was handed to the sink, from 1'),
	('audience', 'name of the audience'),
	('campaign_summary.audience', 'people in the audience now'),
	('audience_id', 'short id of the audience'),
	('bit', 'position of the fact in consent.evidence'),
	('body', 'the text'),
	('template.body', 'what the person reads; {{name}} stands for the recipient''s own value of a declared variable'),
	('bucket', '0 to 1023, from the recipient_id: bucket_of(); leads every unique key'),
	('business', 'name of the legal entity; consent and caps are per business'),
	('business_id', 'short id of the business'),
	('suppression.business_id', 'short id of the business; 0: every business'),
	('by_whom', 'login that did it'),
	('campaign', 'name of the campaign'),
	('campaign_hash', 'digest of the campaign row the run was planned from; an edited campaign waits for the next plan'),
	('campaign_id', 'short id of the campaign'),
	('cancelled', 'slots the plan removed'),
	('capacity', 'messages the sender can send in the hour'),
	('catch_up', 'what becomes of a message that missed its last lawful instant: drop, or next_window'),
	('category', 'purpose of the message; decides which law binds'),
	('suppression.category', 'purpose of the message, or all'),
	('changed_at', 'when it was changed'),
	('changed_by', 'login that changed it'),
	('permission_change.changed_by', 'transaction that changed the facts'),
	('channel', 'whatsapp or sms'),
	('suppression.channel', 'whatsapp, sms, or all'),
	('checked_at', 'when a plan was last published or found nothing to change'),
	('checksum', 'SHA-256 of the migration file'),
	('claimed_at', 'when it was taken from the queue'),
	('class_id', 'people for whom the same law holds: table class'),
	('code', 'ISO 3166-1 or 3166-2'),
	('confirmed_at', 'when the person confirmed a second time'),
	('consent_given_at', 'which consent the release rested on'),
	('country', 'ISO 3166-1, two letters'),
	('created_at', 'when the row was written'),
	('created_by', 'login that submitted it'),
	('cure', 'what to do about it'),
	('daily_limit', 'most messages a day; empty: no limit of its own'),
	('description', 'free text'),
	('digest', 'SHA-256: the same content twice is one row'),
	('document', 'reference to a kept paper'),
	('dropped_at', 'when it was dropped'),
	('due_at', 'the planned instant'),
	('due_local', 'the planned instant on the recipient''s clock, by the zone data of the plan'),
	('ends_at', 'end of the campaign: an instant with an offset, or "YYYY-MM-DD HH:MM local"; no message leaves then or later'),
	('evidence', 'facts present in the consent, as bits of table evidence_bit'),
	('expired', 'messages whose last lawful instant passed in the queue'),
	('failed', 'messages the provider did not accept'),
	('first_at', 'no message of the run leaves earlier'),
	('first_due', 'planned instant of the first message still queued'),
	('from_status', 'status before'),
	('given_at', 'when the person made the statement'),
	('handed_at', 'when it was released'),
	('handed_over', 'messages handed to the sink'),
	('plan_by_hour.handed_over', 'messages handed to the sink in the hour'),
	('hash', 'SHA-256 of the rulebook''s files'),
	('hashed_from', 'start of the time in which the zones'' offsets are hashed'),
	('hashed_until', 'end of the time in which the zones'' offsets are hashed'),
	('held', 'people for whom something must become known or change; the next plan looks again'),
	('holdout_percent', 'share of the audience that is held out for comparison'),
	('horizon', 'how far the plan looks ahead'),
	('hour', 'start of the hour, UTC'),
	('in_flight', 'messages handed to the sink whose answer is open'),
	('installation_id', 'part of every idempotency key'),
	('ip', 'internet address from which consent was given'),
	('kept', 'slots the plan left as they were'),
	('keyword', 'opt-out keyword, normalised'),
	('kind', 'suppressed: final for the run; held: looked at again by the next plan'),
	('lane', 'the sender, by its sender_id'),
	('language', 'BCP 47 tag'),
	('last_at', 'no message of the run leaves then or later'),
	('last_due', 'planned instant of the last message still queued'),
	('legal_name', 'name of the legal entity in full'),
	('loaded_at', 'when it was loaded'),
	('local_from', 'first minute of the day, on the recipient''s clock, at which the campaign may send'),
	('local_to', 'first minute of the day, on the recipient''s clock, at which it may no longer'),
	('max_length', 'most characters of a value'),
	('method', 'by what means consent was given'),
	('moved', 'slots to which the plan gave another instant'),
	('name', 'its name'),
	('not_after', 'the first instant that is too late'),
	('not_sent', 'messages refused, expired or failed in the hour'),
	('not_yet_planned', 'people added to the audience since the last plan; below zero: people who left it since'),
	('note', 'free text'),
	('numbering', 'version of the numbering plan'),
	('occurrence', 'nominal local date of the run'),
	('offer_expires_on', 'last day of the offer'),
	('offer_terms', 'terms of the offer'),
	('offset_s', 'seconds east of UTC'),
	('one', 'always true: the table has one row'),
	('outcome', 'what became of the message'),
	('pacing', 'asap: as early as the law and the sender allow; even: spread over the campaign'),
	('part', '0: small diffs; others: one large plan each'),
	('people', 'how many people'),
	('percent', 'planned messages in percent of the capacity'),
	('phone', 'number, masked'),
	('recipient.phone', 'canonical E.164 number without the plus sign: canonical_phone()'),
	('plan_run', 'the plan that decided it: table plan_run'),
	('plan_head.plan_run', 'the published plan'),
	('suppressed.plan_run', 'the plan that decided it; 0: an opt-out, the gate or the life cycle'),
	('planned', 'messages in the queue'),
	('plan_by_hour.planned', 'messages due in the hour, in the queue or under way'),
	('portfolio', 'group of senders that share a budget'),
	('priority', '1 is planned first'),
	('published_at', 'when the plan became visible'),
	('reason', 'why not: table reason'),
	('recipient_id', 'keyed hash of the number: person_id()'),
	('recorded_at', 'when it was written'),
	('reference', 'id of the message in the other system'),
	('refused', 'messages the gate refused when they were due'),
	('regimes', 'ids of the legal regimes that apply'),
	('region', 'declared region, ISO 3166-1 or 3166-2; empty: not declared'),
	('regions', 'regions the person may be in'),
	('registered_on', 'day on which the sender was registered'),
	('rehearsal', 'true: a copy on which a simulated clock may release'),
	('released_at', 'when it was released, refused or dropped'),
	('released_local', 'the same on the recipient''s clock, by the zone data of the plan'),
	('rrule', 'recurrence; not supported in this version'),
	('rule', 'id of the deciding rule, where there is one'),
	('rulebook_id', 'the rules it was decided by: table rulebook'),
	('run_id', 'campaign and occurrence: table campaign_run'),
	('sender', 'name of the sender'),
	('sender_id', 'short id of the sender, the lane of its slots'),
	('sent_at', 'when it was sent'),
	('signature', 'signature given with the consent'),
	('source', 'where it came from'),
	('started_at', 'when planning began'),
	('starts_at', 'start of the campaign: an instant with an offset, or "YYYY-MM-DD HH:MM local" on the recipient''s clock'),
	('state', 'granted or withdrawn'),
	('status', 'state in its life cycle'),
	('delivery_plan.status', 'planned, in flight, handed over, refused, expired, uncertain or failed'),
	('stopped', 'true: nothing is released'),
	('supplied_by_person', 'the person gave the number'),
	('suppressed', 'people who get no message in this run'),
	('swept', 'slots taken out at publication, because facts changed meanwhile'),
	('tax_id', 'tax number given with the consent; never sent in messages'),
	('template', 'name of the template'),
	('text', 'in words'),
	('inbound.text', 'what the person wrote'),
	('throughput_per_s', 'most messages a second'),
	('timezone', 'declared IANA time zone; empty: not declared'),
	('to_status', 'status after'),
	('trust_level', 'the provider''s quality or trust rating'),
	('type', 'text, number, date or url'),
	('tzdata', 'version of the time zone data'),
	('uncertain', 'messages whose fate is unknown; they count as sent'),
	('utc_offset_s', 'seconds east of UTC at the planned instant'),
	('valid_from', 'from when on the offset holds'),
	('variables', 'values for template variables, this person''s own'),
	('template.variables', 'declared variables: "first_name text(40), total number(12), since date, link url(200)"'),
	('verb', 'the command that does it'),
	('version', 'number of the migration'),
	('wording', 'what the person saw'),
	('zone_hashes', 'of each zone''s offsets, so that hosts with other zone data notice'),
	('zones', 'time zones the person may be in');

DO $$
DECLARE
	col record;
BEGIN
	FOR col IN
		SELECT c.relname, a.attname, coalesce(exact.meaning, general.meaning) AS meaning
		FROM pg_class AS c
			JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
			LEFT JOIN glossary AS exact ON exact.name = c.relname || '.' || a.attname
			LEFT JOIN glossary AS general ON general.name = a.attname
		WHERE c.relnamespace = 'daypart'::regnamespace AND c.relkind IN ('r', 'p', 'v') AND NOT c.relispartition
			AND c.relname <> 'secret_key'
			AND col_description(c.oid, a.attnum) IS NULL
	LOOP
		EXECUTE format('COMMENT ON COLUMN %I.%I IS %L', col.relname, col.attname, col.meaning);
	END LOOP;
END $$;

COMMENT ON TYPE channel IS 'by what a message travels';
COMMENT ON TYPE category IS 'purpose of a message; mixed or unknown counts as marketing';
COMMENT ON TYPE campaign_status IS 'draft, approved (planned and released), paused, cancelled, finished';
COMMENT ON TYPE template_status IS 'the provider''s verdict on a template';
COMMENT ON TYPE sender_status IS 'whether a sender may be used';
COMMENT ON TYPE pacing IS 'how a campaign spreads its messages';
COMMENT ON TYPE catch_up IS 'what becomes of a message that missed its last lawful instant';
COMMENT ON TYPE consent_state IS 'what the person last said';
COMMENT ON TYPE suppressed_kind IS 'suppressed is final for the run, held is looked at again by the next plan';
COMMENT ON TYPE outcome IS 'what became of a slot';
COMMENT ON TYPE problem IS 'what is wrong with a value, and the cure';

COMMENT ON TABLE installation IS 'this installation, one row';
COMMENT ON TABLE control IS 'stop everything, one row: stop_all(), start_all()';
COMMENT ON TABLE time_zone IS 'names of the IANA time zone database that daypart init read';
COMMENT ON TABLE region IS 'known regions';
COMMENT ON TABLE reason IS 'why people get nothing, in words, with the cure';
COMMENT ON TABLE evidence_bit IS 'facts that a consent may show';
COMMENT ON TABLE opt_out_keyword IS 'texts that opt the writer out, in every language';
COMMENT ON TABLE rulebook IS 'every rulebook ever loaded';
COMMENT ON TABLE rulebook_file IS 'rules and calendars, as every host parses them';
COMMENT ON TABLE rulebook_head IS 'the rulebook in force, one row';
COMMENT ON TABLE business IS 'legal entities';
COMMENT ON TABLE sender IS 'numbers and accounts from which a business sends';
COMMENT ON TABLE template IS 'message texts, one row a language';
COMMENT ON TABLE audience IS 'named sets of recipients';
COMMENT ON TABLE campaign IS 'what to send to whom, and when; insert a row, then: daypart approve NAME';
COMMENT ON TABLE campaign_event IS 'who approved, paused, resumed or cancelled a campaign';
COMMENT ON TABLE campaign_transition IS 'the legal changes of a campaign''s status';
COMMENT ON TABLE plan_run IS 'every published plan, with what it was made from';
COMMENT ON TABLE plan_head IS 'the published plan, one row';
COMMENT ON TABLE campaign_run IS 'one occurrence of a campaign, with a copy of what the ledger needs';
COMMENT ON TABLE class IS 'people for whom the same law holds';
COMMENT ON TABLE class_offset IS 'offsets from UTC of the first zone of a class, as the plan read them';
COMMENT ON TABLE bucket_gate IS 'locked by whoever removes a permission (share) and by publications (update); never written';
COMMENT ON TABLE recipient IS 'people; write through add_recipient()';
COMMENT ON TABLE consent IS 'what each person last said; write through record_consent(), withdraw_consent()';
COMMENT ON TABLE consent_event IS 'every grant and withdrawal with its evidence, append-only';
COMMENT ON TABLE suppression IS 'opt-outs, for good; write through opt_out(), receive()';
COMMENT ON TABLE audience_member IS 'who is in which audience; write through add_member()';
COMMENT ON TABLE inbound IS 'what people wrote back; write through receive()';
COMMENT ON TABLE outside_send IS 'messages sent earlier or by other systems, counted in caps; write through record_send()';
COMMENT ON TABLE permission_change IS 'people whose facts changed while a plan was being made';
COMMENT ON TABLE slot IS 'the queue: a row is a promise not yet kept';
COMMENT ON TABLE inflight IS 'handed to a sink outside the database, answer still open';
COMMENT ON TABLE release IS 'the ledger: what became of each slot; append-only';
COMMENT ON TABLE suppressed IS 'people of a run who have no slot, with the reason';
COMMENT ON TABLE outbox IS 'messages for the consumer; take them with take_outbox()';
COMMENT ON TABLE outbox_dropped IS 'taken from the outbox but given to nobody: too late, opted out or erased since';

COMMENT ON VIEW delivery_plan IS 'every message planned, under way or done with, with its local time';
COMMENT ON VIEW plan_by_hour IS 'messages by campaign, sender and hour';
COMMENT ON VIEW suppression_report IS 'who gets nothing, why, and what to do about it';
COMMENT ON VIEW campaign_summary IS 'everybody of each audience in exactly one column';
COMMENT ON VIEW sender_load IS 'queued messages of each sender by hour, against its capacity';
COMMENT ON VIEW variable IS 'template variables that a recipient may carry';

COMMENT ON FUNCTION add_recipient IS
	'adds a person, or changes what is known: NULL leaves a value as it is, a JSON null removes a variable';
COMMENT ON FUNCTION add_member IS 'puts a recipient into an audience';
COMMENT ON FUNCTION record_consent IS 'records that a person agreed, with the evidence';
COMMENT ON FUNCTION withdraw_consent IS 'records that a person no longer agrees, and removes the queued messages that rested on it';
COMMENT ON FUNCTION opt_out IS 'opts a person out for good, and removes the queued messages; business, channel and category default to all';
COMMENT ON FUNCTION receive IS
	'stores a message that came in; an opt-out keyword opts the person out of everything the sender''s business sends';
COMMENT ON FUNCTION record_send(text, text, text, text, timestamptz, text) IS
	'records a message sent earlier or by another system, so that caps count it';
COMMENT ON FUNCTION campaign_set_status IS 'approves, pauses, resumes, cancels or finishes a campaign';
COMMENT ON FUNCTION stop_all IS 'stops every release';
COMMENT ON FUNCTION start_all IS 'ends stop_all()';
COMMENT ON FUNCTION take_outbox IS 'takes messages for sending: BEGIN; SELECT * FROM take_outbox(100); send each before not_after; COMMIT. '
	'If the consumer dies before COMMIT they come again with the same idempotency_key. No rows: nothing to do now';
COMMENT ON FUNCTION ensure_release_part IS 'makes the part of the ledger for a run';
COMMENT ON FUNCTION canonical_phone IS 'a written E.164 number as the number that stands for the person';
COMMENT ON FUNCTION bucket_of IS 'the bucket of a recipient_id';
COMMENT ON FUNCTION mask_phone IS 'what may be shown of a number';
COMMENT ON FUNCTION normalise_keyword IS 'a text without case, width, punctuation and blanks, as opt_out_keyword holds it';
COMMENT ON FUNCTION template_language IS 'which language of a template a person gets';

COMMENT ON FUNCTION import_begin IS 'makes the staging tables of daypart import';
COMMENT ON FUNCTION import_people IS 'lands a batch of people; called by import_batch()';
COMMENT ON FUNCTION lock_every_gate IS 'keeps publications waiting until the end of the transaction';
COMMENT ON FUNCTION plan_stage IS 'makes the staging tables of daypart plan';
COMMENT ON FUNCTION create_slot_part IS 'makes a private table for a large plan';
COMMENT ON FUNCTION index_slot_part IS 'gives it the indexes of the queue';
COMMENT ON FUNCTION publish_plan IS 'makes a staged plan visible, whole or not at all';
COMMENT ON FUNCTION drop_empty_slot_parts IS 'drops drained parts of the queue';
COMMENT ON FUNCTION finish_campaigns IS 'marks campaigns as finished when they have ended';
COMMENT ON FUNCTION campaign_problem IS 'why an approved campaign cannot be planned, or nothing';
COMMENT ON FUNCTION campaign_digest IS 'digest of a campaign row, see campaign_run.campaign_hash';
