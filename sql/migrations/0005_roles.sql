-- Roles: each can do its work and no more. Grant them to the logins of people and services: GRANT daypart_marketer TO ana;
--
--     daypart_owner      owns the schema; nobody logs in as it; upgrades run as a member
--     daypart_keyholder  owns the key that turns numbers into ids; has no members
--     daypart_marketer   campaigns, senders, templates, audiences; people and their consent through functions; the reports
--     daypart_planner    reads all facts, writes plans
--     daypart_scheduler  moves slots to the ledger and the outbox; takes the outbox
--     daypart_analyst    the reports, and the tables without numbers and personal facts
--     daypart_privacy    everything that is stored about a person; opt-out, withdrawal, rectification
--
-- Roles belong to the whole cluster: they may be there already, made for another database, and then they stay as they are. A superuser is not
-- needed: CREATEROLE, and CREATE on the database, suffice.

-- Makes the role unless it is there, and the installer a member of it, so that it may hand over what it has made.
CREATE PROCEDURE install_role(role text, owns boolean) LANGUAGE plpgsql AS $$
BEGIN
	IF to_regrole(role) IS NULL THEN
		EXECUTE format('CREATE ROLE %I NOLOGIN', role);
	END IF;
	IF owns AND NOT pg_has_role(role, 'USAGE') THEN
		EXECUTE format('GRANT %I TO CURRENT_USER', role);
	END IF;
EXCEPTION
	WHEN duplicate_object OR unique_violation THEN
		NULL; -- somebody initialises another database of the cluster at the same time
	WHEN insufficient_privilege THEN
		RAISE EXCEPTION 'role % cannot be made or used by %', role, current_user
			USING HINT = format('as a superuser: ALTER ROLE %I CREATEROLE; where the role exists: GRANT %I TO %I WITH ADMIN OPTION',
				current_user, role, current_user), ERRCODE = 'insufficient_privilege';
END $$;

CALL install_role('daypart_owner', true);
CALL install_role('daypart_keyholder', true);
CALL install_role('daypart_marketer', false);
CALL install_role('daypart_planner', false);
CALL install_role('daypart_scheduler', false);
CALL install_role('daypart_analyst', false);
CALL install_role('daypart_privacy', false);

-- Gives what the installer has made in the schema to its owner, and takes from PUBLIC what is no pure function (CHECK constraints
-- call those, and refuse(), as whoever inserts). The last migration of an upgrade calls it again; parts that the planner has made stay its own.
CREATE PROCEDURE hand_over() LANGUAGE plpgsql AS $$
DECLARE
	thing record;
BEGIN
	FOR thing IN
		SELECT format('%s %s', CASE c.relkind WHEN 'v' THEN 'VIEW' ELSE 'TABLE' END, c.oid::regclass) AS name
		FROM pg_class AS c
		WHERE c.relnamespace = 'daypart'::regnamespace AND c.relowner = current_user::regrole AND c.relkind IN ('r', 'p', 'v')
		UNION ALL
		SELECT format('TYPE %s', t.oid::regtype) FROM pg_type AS t LEFT JOIN pg_class AS c ON c.oid = t.typrelid
		WHERE t.typnamespace = 'daypart'::regnamespace AND t.typowner = current_user::regrole AND (t.typtype = 'e' OR c.relkind = 'c')
		UNION ALL
		SELECT format('ROUTINE %s', p.oid::regprocedure) FROM pg_proc AS p
		WHERE p.pronamespace = 'daypart'::regnamespace AND p.proowner = current_user::regrole
	LOOP
		EXECUTE format('ALTER %s OWNER TO daypart_owner', thing.name);
	END LOOP;
	FOR thing IN
		SELECT p.oid::regprocedure AS name FROM pg_proc AS p
		WHERE p.pronamespace = 'daypart'::regnamespace AND p.provolatile <> 'i' AND p.proname <> 'refuse'
			AND has_function_privilege('public', p.oid, 'EXECUTE')
	LOOP
		EXECUTE format('REVOKE EXECUTE ON ROUTINE %s FROM PUBLIC', thing.name);
	END LOOP;
END $$;

-- The schema first: who owns a thing must be allowed to make things there.
ALTER SCHEMA daypart OWNER TO daypart_owner;
GRANT CREATE, USAGE ON SCHEMA daypart TO daypart_keyholder;
COMMENT ON TABLE secret_key IS 'the key of person_id(); back it up apart from the rest';
COMMENT ON COLUMN secret_key.one IS 'always true: the table has one row';
COMMENT ON COLUMN secret_key.inner_pad IS 'HMAC key XOR ipad';
COMMENT ON COLUMN secret_key.outer_pad IS 'HMAC key XOR opad';
COMMENT ON FUNCTION person_id(bigint) IS 'the id of a canonical number, also of somebody who is no recipient';
COMMENT ON FUNCTION set_secret_key(bytea) IS 'sets the key of person_id(), once';
ALTER TABLE secret_key OWNER TO daypart_keyholder;
ALTER FUNCTION person_id(bigint) OWNER TO daypart_keyholder;
ALTER FUNCTION set_secret_key(bytea) OWNER TO daypart_keyholder;
ALTER FUNCTION has_secret_key() OWNER TO daypart_keyholder;
REVOKE EXECUTE ON FUNCTION person_id(bigint), set_secret_key(bytea), has_secret_key() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION person_id(bigint) TO daypart_owner, daypart_marketer, daypart_planner, daypart_privacy;
GRANT EXECUTE ON FUNCTION set_secret_key(bytea), has_secret_key() TO daypart_owner;
REVOKE CREATE ON SCHEMA daypart FROM daypart_keyholder;
CALL hand_over();

-- The installer needed the key's role for the lines above only.
DO $$
BEGIN
	IF EXISTS (SELECT FROM pg_auth_members WHERE roleid = 'daypart_keyholder'::regrole AND member = current_user::regrole AND NOT admin_option) THEN
		EXECUTE 'REVOKE daypart_keyholder FROM CURRENT_USER';
	END IF;
END $$;

GRANT USAGE ON SCHEMA daypart TO daypart_marketer, daypart_planner, daypart_scheduler, daypart_analyst, daypart_privacy;

-- What names nobody: every role reads it.
GRANT SELECT ON migration, installation, control, time_zone, region, reason, evidence_bit, opt_out_keyword, rulebook, rulebook_file, rulebook_head,
	business, sender, template, audience, campaign, campaign_event, campaign_transition, plan_run, plan_head, campaign_run, class, class_offset,
	slot, inflight, release, suppressed, outbox, outbox_dropped, permission_change,
	delivery_plan, plan_by_hour, suppression_report, campaign_summary, sender_load, variable
	TO daypart_marketer, daypart_planner, daypart_scheduler, daypart_analyst, daypart_privacy;

-- People, without numbers and personal facts.
GRANT SELECT (recipient_id, added_at, bucket, region, timezone, language, source) ON recipient
	TO daypart_marketer, daypart_scheduler, daypart_analyst;
GRANT SELECT ON consent, suppression, audience_member, outside_send TO daypart_marketer, daypart_scheduler, daypart_analyst;

-- A campaign's status is left out: it changes through campaign_set_status() only.
GRANT INSERT (name, legal_name, country), UPDATE (name, legal_name, country) ON business TO daypart_marketer;
GRANT INSERT (name, business, channel, address, country, registered_on, trust_level, throughput_per_s, daily_limit, portfolio, status),
	UPDATE (name, address, country, registered_on, trust_level, throughput_per_s, daily_limit, portfolio, status) ON sender TO daypart_marketer;
GRANT INSERT (name, language, business, channel, category, body, variables, status, approved_on),
	UPDATE (name, language, category, body, variables, status, approved_on) ON template TO daypart_marketer;
GRANT INSERT (name, business, description), UPDATE (name, description) ON audience TO daypart_marketer;
GRANT INSERT (name, sender, template, audience, category, starts_at, ends_at, local_from, local_to, rrule, priority, pacing, catch_up,
		holdout_percent, offer_terms, offer_expires_on),
	UPDATE (name, sender, template, audience, category, starts_at, ends_at, local_from, local_to, rrule, priority, pacing, catch_up,
		holdout_percent, offer_terms, offer_expires_on) ON campaign TO daypart_marketer;
GRANT EXECUTE ON FUNCTION add_recipient(text, text, text, text, text, jsonb), add_member(text, text),
	record_consent(text, text, text, text, timestamptz, text, text, boolean, inet, text, text, text, timestamptz, text),
	withdraw_consent(text, text, text, text, timestamptz, text), opt_out(text, text, text, text, timestamptz, text),
	receive(text, text, text, timestamptz), record_send(text, text, text, text, timestamptz, text),
	campaign_set_status(text, text, text), stop_all(), start_all() TO daypart_marketer;

-- Plans. Locking a gate FOR UPDATE asks for the right to update it.
GRANT SELECT ON recipient, consent, consent_event, suppression, audience_member, outside_send, bucket_gate TO daypart_planner;
GRANT CREATE ON SCHEMA daypart TO daypart_planner;
GRANT UPDATE ON bucket_gate, plan_head TO daypart_planner;
GRANT INSERT ON plan_run, campaign_run, class, class_offset TO daypart_planner;
GRANT UPDATE ON campaign_run TO daypart_planner;
GRANT INSERT, UPDATE, DELETE ON slot, suppressed TO daypart_planner;
GRANT DELETE ON permission_change TO daypart_planner;
GRANT EXECUTE ON FUNCTION ensure_release_part(int), campaign_set_status(text, text, text), stop_all(), start_all() TO daypart_planner;

-- From the queue to the ledger. Nothing in the ledger is ever changed.
GRANT SELECT ON bucket_gate TO daypart_scheduler;
GRANT UPDATE ON bucket_gate TO daypart_scheduler;
GRANT UPDATE, DELETE ON slot TO daypart_scheduler;
GRANT INSERT ON release, outbox TO daypart_scheduler;
GRANT INSERT, UPDATE ON suppressed TO daypart_scheduler;
GRANT INSERT, UPDATE, DELETE ON inflight TO daypart_scheduler;
GRANT EXECUTE ON FUNCTION take_outbox(int), stop_all() TO daypart_scheduler;

-- What is stored about a person, and the person's requests.
GRANT SELECT ON recipient, consent, consent_event, suppression, audience_member, inbound, outside_send TO daypart_privacy;
GRANT EXECUTE ON FUNCTION add_recipient(text, text, text, text, text, jsonb), withdraw_consent(text, text, text, text, timestamptz, text),
	opt_out(text, text, text, text, timestamptz, text) TO daypart_privacy;
