-- Who may do what; the roles themselves are made in 0005_roles.sql. The last migration, because it speaks of everything before it: a
-- migration that adds things to the schema ends with CALL hand_over() and its own grants.
--
-- Nobody but the owner writes recipient, consent, consent_event, suppression, audience_member, inbound, outside_send or permission_change:
-- permission is removed through functions, or a slot would survive it (promise 3).

CALL hand_over();

GRANT USAGE ON SCHEMA daypart TO daypart_marketer, daypart_planner, daypart_scheduler, daypart_analyst, daypart_privacy;

-- What names nobody: every role reads it.
GRANT SELECT ON migration, installation, control, time_zone, region, reason, evidence_bit, opt_out_keyword, rulebook, rulebook_file,
	rulebook_head, business, sender, template, audience, campaign, campaign_event, campaign_transition, plan_run, plan_head, campaign_run,
	class, class_offset, slot, inflight, release, suppressed, outbox, outbox_dropped, permission_change,
	delivery_plan, plan_by_hour, suppression_report, campaign_summary, sender_load, variable
	TO daypart_marketer, daypart_planner, daypart_scheduler, daypart_analyst, daypart_privacy;

GRANT EXECUTE ON FUNCTION campaign_problem, campaign_digest
	TO daypart_marketer, daypart_planner, daypart_scheduler, daypart_analyst, daypart_privacy;

-- People, without numbers and personal facts.
GRANT SELECT (recipient_id, added_at, bucket, region, timezone, language, source) ON recipient
	TO daypart_marketer, daypart_scheduler, daypart_analyst;
GRANT SELECT ON consent, suppression, audience_member, outside_send TO daypart_marketer, daypart_scheduler, daypart_analyst;

-- A campaign's status is left out: it changes through campaign_set_status() only.
GRANT INSERT (name, legal_name, country), UPDATE (name, legal_name, country) ON business TO daypart_marketer;
GRANT INSERT (name, business, channel, address, country, registered_on, trust_level, throughput_per_s, daily_limit, portfolio, status),
	UPDATE (name, address, country, registered_on, trust_level, throughput_per_s, daily_limit, portfolio, status) ON sender
	TO daypart_marketer;
GRANT INSERT (name, language, business, channel, category, body, variables, status, approved_on),
	UPDATE (name, language, category, body, variables, status, approved_on) ON template TO daypart_marketer;
GRANT INSERT (name, business, description), UPDATE (name, description) ON audience TO daypart_marketer;
GRANT INSERT (name, sender, template, audience, category, starts_at, ends_at, local_from, local_to, rrule, priority, pacing, catch_up,
		holdout_percent, offer_terms, offer_expires_on),
	UPDATE (name, sender, template, audience, category, starts_at, ends_at, local_from, local_to, rrule, priority, pacing, catch_up,
		holdout_percent, offer_terms, offer_expires_on) ON campaign TO daypart_marketer;
GRANT EXECUTE ON FUNCTION add_recipient, add_member, record_consent, withdraw_consent, opt_out, receive,
	record_send(text, text, text, text, timestamptz, text), import_begin, import_batch, import_people, lock_every_gate,
	import_named, import_named_row, import_statement, import_problem_value, campaign_set_status, stop_all, start_all
	TO daypart_marketer;

-- Plans; the queue itself is written by publish_plan(), and each part that a plan brings is granted as it is made.
GRANT SELECT ON recipient, consent, consent_event, suppression, audience_member, outside_send TO daypart_planner;
GRANT UPDATE ON plan_head TO daypart_planner;
GRANT INSERT ON plan_run, campaign_run, class, class_offset TO daypart_planner;
GRANT UPDATE ON campaign_run, class TO daypart_planner;
GRANT EXECUTE ON FUNCTION ensure_release_part, plan_stage, create_slot_part, index_slot_part, publish_plan, drop_empty_slot_parts,
	finish_campaigns, campaign_set_status, stop_all, start_all TO daypart_planner;

-- From the queue to the ledger, in which nothing is ever changed. Locking a slot FOR UPDATE asks for the right to update it.
GRANT UPDATE, DELETE ON slot TO daypart_scheduler;
GRANT INSERT ON release, outbox TO daypart_scheduler;
GRANT INSERT, UPDATE ON suppressed TO daypart_scheduler;
GRANT INSERT, UPDATE, DELETE ON inflight TO daypart_scheduler;
GRANT EXECUTE ON FUNCTION take_outbox, stop_all TO daypart_scheduler;

-- What is stored about a person, and the person's requests.
GRANT SELECT ON recipient, consent, consent_event, suppression, audience_member, inbound, outside_send TO daypart_privacy;
GRANT EXECUTE ON FUNCTION add_recipient, withdraw_consent, opt_out TO daypart_privacy;
