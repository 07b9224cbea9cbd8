-- What the tables, columns and functions of the migrations since 0010_law_tables.sql are for, and who may do what with them.

CREATE TEMP TABLE law_glossary (name text PRIMARY KEY, meaning text NOT NULL) ON COMMIT DROP;
INSERT INTO law_glossary VALUES
	('business.privacy_policy_url', 'where the privacy policy is published'),
	('business.privacy_policy_version', 'which version of it is in force'),
	('business.support_email', 'e-mail address of customer service'),
	('business.support_phone', 'number of customer service'),
	('business.website', 'the business''s own pages'),
	('business.provider', 'name of the business that sends for it; what platforms ask for binds both'),
	('business.created_by', 'login that submitted it, and so does not approve it'),
	('sender.identifier', 'registered identifier that messages must show, such as India''s header'),
	('sender.transport', 'official: the provider''s own interface; any other word names another way'),
	('sender.escalation', 'how a person reaches a human: phone, email, web, store, form or chat'),
	('sender.receives_replies', 'false: nobody can answer, so "reply STOP" is no way out'),
	('sender.granted_daily_limit', 'most messages a day that the network has granted'),
	('sender.granted_on', 'day on which it granted them'),
	('sender.portfolio_limit', 'most people in any 24 hours, for all senders of the portfolio, as the platform states it'),
	('sender.created_by', 'login that submitted it, and so does not approve it'),
	('template.free_form', 'true: no platform approved the text; it goes only to people who wrote in the last 24 hours'),
	('template.tags', 'goods and uses it is about, such as "alcohol dating"'),
	('template.submitted_on', 'day on which it was submitted to the platform'),
	('template.verified_on', 'day on which the platform last confirmed that it is active'),
	('template.created_by', 'login that submitted it, and so does not approve it'),
	('campaign.tags', 'goods and uses it is about, such as "alcohol dating"'),
	('attestation.subject', 'business, sender, template or campaign'),
	('attestation.name', 'which one'),
	('attestation.item', 'what is registered or attested, as daypart rules show names it'),
	('attestation.given_on', 'day on which it was given'),
	('attestation.valid_until', 'first day on which it no longer counts; empty: none was stated'),
	('attestation.reference', 'where the document is kept'),
	('attestation.note', 'free text'),
	('attestation.by_whom', 'login that recorded it'),
	('attestation.recorded_at', 'when it was written'),
	('approval.subject', 'business, sender, template or campaign'),
	('approval.name', 'which one'),
	('approval.approved_at', 'when it was approved'),
	('approval.approved_by', 'login that approved it'),
	('approval.digest', 'of what was approved: subject_digest(); what was changed since is not approved any more'),
	('approval.rulebook_id', 'the rules in force then: table rulebook'),
	('approval.audience_people', 'of a campaign: how many people it reached then'),
	('approval.audience_digest', 'of a campaign: XOR of their recipient_id'),
	('approval.note', 'free text'),
	('wording.business', 'name of the business that asks'),
	('wording.name', 'its name, which consents cite'),
	('wording.language', 'BCP 47 tag'),
	('wording.body', 'exactly what the person reads'),
	('wording.kinds', 'categories of messages that it speaks of'),
	('wording.names_channels', 'channels that it names'),
	('wording.names_business', 'true: it names the business'),
	('wording.says_marketing', 'true: it says "marketing messages" in so many words'),
	('wording.privacy_policy_url', 'privacy policy that it cites'),
	('wording.privacy_policy_version', 'version of it'),
	('wording.created_by', 'login that submitted it, and so does not approve it'),
	('wording.approved_by', 'login that approved it'),
	('wording.approved_at', 'when it was approved; empty: consents that cite it show nothing by it'),
	('waiver.rule', 'id of the rule that is lifted'),
	('waiver.business', 'for which business'),
	('waiver.granted_at', 'when it was granted'),
	('waiver.role', 'in which role, such as compliance'),
	('waiver.reason', 'why'),
	('waiver.expires_on', 'first day on which the rule binds again'),
	('waiver.asked_by', 'who asked for it'),
	('waiver.granted_by', 'login that granted it, another one'),
	('emergency.area', 'region in which it is declared, ISO 3166-1 or 3166-2'),
	('emergency.declared_from', 'when it began'),
	('emergency.declared_until', 'when it ended; empty: it is on'),
	('emergency.by_whom', 'login that declared it'),
	('emergency.note', 'free text'),
	('consent_word.word', 'method or source of a consent, normalised: normalise_keyword()'),
	('consent_word.meaning', 'inbound: begun by a message that came in; offline: on paper or by word of mouth; refused: never counts; '
		'purchased: never counts and is not stored'),
	('consent_word.rule', 'id of the rule that says so'),
	('consent_event.customer_reference', 'reference by which the business knows the person as a customer'),
	('consent_event.night_hours', 'true: agreed apart to messages at night'),
	('class.facts', 'what conditions of rules ask about: words of planner/core/predicate.h'),
	('class.language', 'language of the template that these people get; empty: planned before there was a choice'),
	('class.terms_hash', 'of the rules that were judged at planning only; a message planned under others waits for the next plan');

DO $$
DECLARE
	col record;
BEGIN
	FOR col IN
		SELECT c.relname, a.attname, g.meaning
		FROM law_glossary AS g
			JOIN pg_class AS c ON c.relnamespace = 'daypart'::regnamespace AND c.relname = split_part(g.name, '.', 1)
			JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attname = split_part(g.name, '.', 2)
	LOOP
		EXECUTE format('COMMENT ON COLUMN %I.%I IS %L', col.relname, col.attname, col.meaning);
	END LOOP;
END $$;

COMMENT ON TYPE subject IS 'whom a registration, an attestation or an approval is about';
COMMENT ON TABLE attestation IS 'registrations, attestations and registry checks; a renewal is a new row, revoke_attestation() ends one';
COMMENT ON TABLE approval IS 'approvals by a second person; write through approve()';
COMMENT ON TABLE wording IS 'texts by which people are asked for their consent; insert a row, then: approve_wording()';
COMMENT ON TABLE waiver IS 'rules that are lifted for a business for a while; write through grant_waiver()';
COMMENT ON TABLE emergency IS 'where and when an emergency is declared: rules about emergencies bind there; write through declare_emergency()';
COMMENT ON TABLE consent_word IS 'methods and sources of consent that mean something to the law; written by daypart init';

COMMENT ON COLUMN sender.daily_limit IS 'most messages a day that the sender may send; empty: no limit of its own';

COMMENT ON FUNCTION record_consent IS 'records that a person agreed, with the evidence';
COMMENT ON FUNCTION record_refusal IS 'records that a person who was asked said no, and removes the queued messages of that kind';
COMMENT ON FUNCTION approve IS
	'approves a business, sender, template or campaign as it is now; not for whoever submitted it. A draft campaign: campaign_set_status()';
COMMENT ON FUNCTION approve_wording IS 'approves a wording of consent; not for whoever submitted it';
COMMENT ON FUNCTION subject_digest IS 'of what an approval is about, see approval.digest';
COMMENT ON FUNCTION grant_waiver IS 'lifts a rule for a business until a day, on the request of somebody else';
COMMENT ON FUNCTION revoke_waiver IS 'ends a waiver at once';
COMMENT ON FUNCTION revoke_attestation IS 'ends a registration or attestation at once; queued messages that need it wait for the next plan';
COMMENT ON FUNCTION declare_emergency IS 'declares an emergency in a region, until end_emergency() or the instant given';
COMMENT ON FUNCTION end_emergency IS 'ends the emergencies of a region';
COMMENT ON FUNCTION refresh_evidence IS 'what consents show, after words of consent changed';

CALL hand_over();

-- What names nobody: every role reads it.
GRANT SELECT ON attestation, approval, wording, waiver, emergency, consent_word
	TO daypart_marketer, daypart_planner, daypart_scheduler, daypart_analyst, daypart_privacy;
GRANT EXECUTE ON FUNCTION subject_digest, campaign_text, session_now
	TO daypart_marketer, daypart_planner, daypart_scheduler, daypart_analyst, daypart_privacy;

-- Who submitted something, and who approved it, is written by nobody: created_by and by_whom are left out everywhere. Records and wordings are
-- evidence, so that rows are added and never changed.
GRANT INSERT (privacy_policy_url, privacy_policy_version, support_email, support_phone, website, provider),
	UPDATE (privacy_policy_url, privacy_policy_version, support_email, support_phone, website, provider) ON business TO daypart_marketer;
GRANT INSERT (identifier, transport, escalation, receives_replies, granted_daily_limit, granted_on, portfolio_limit),
	UPDATE (identifier, transport, escalation, receives_replies, granted_daily_limit, granted_on, portfolio_limit) ON sender TO daypart_marketer;
GRANT INSERT (free_form, tags, submitted_on, verified_on), UPDATE (free_form, tags, submitted_on, verified_on) ON template TO daypart_marketer;
GRANT INSERT (tags), UPDATE (tags) ON campaign TO daypart_marketer;
GRANT INSERT (subject, name, item, given_on, valid_until, reference, note) ON attestation TO daypart_marketer;
GRANT INSERT (business, name, language, body, kinds, names_channels, names_business, says_marketing, privacy_policy_url, privacy_policy_version)
	ON wording TO daypart_marketer;
GRANT EXECUTE ON FUNCTION record_consent, record_refusal, approve, approve_wording, revoke_attestation, declare_emergency, end_emergency,
	import_named, import_named_row, import_problem_row, problem_subject, subject_owner, import_category, import_append_statement
	TO daypart_marketer;

-- Rules are lifted by those who watch over them, never by those they bind; both may tighten.
GRANT EXECUTE ON FUNCTION grant_waiver, revoke_waiver, approve, approve_wording, revoke_attestation, declare_emergency, end_emergency,
	record_refusal TO daypart_privacy;

-- When people last wrote, without what they wrote: a reply and a text that no platform approved depend on it.
GRANT SELECT (recipient_id, at, sender_id, bucket) ON inbound TO daypart_planner;
