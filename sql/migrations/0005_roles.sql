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
-- 0009_grants.sql, the last migration, says in detail what each may do.
--
-- Roles belong to the whole cluster: they may be there already, made for another database, and then they stay as they are. A superuser is
-- not needed: CREATEROLE, and CREATE on the database, suffice.

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

-- Gives what the installer has made in the schema to its owner, and takes from PUBLIC what is no pure function (CHECK constraints call
-- those, and refuse(), as whoever inserts). The last migration of an upgrade calls it.
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
COMMENT ON FUNCTION person_ids(bigint[]) IS 'person_id() of a set, in its order';
COMMENT ON FUNCTION set_secret_key(bytea) IS 'sets the key of person_id(), once';
ALTER TABLE secret_key OWNER TO daypart_keyholder;
ALTER FUNCTION person_id(bigint) OWNER TO daypart_keyholder;
ALTER FUNCTION person_ids(bigint[]) OWNER TO daypart_keyholder;
ALTER FUNCTION set_secret_key(bytea) OWNER TO daypart_keyholder;
ALTER FUNCTION has_secret_key() OWNER TO daypart_keyholder;
REVOKE EXECUTE ON FUNCTION person_id(bigint), person_ids(bigint[]), set_secret_key(bytea), has_secret_key() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION person_id(bigint) TO daypart_owner, daypart_marketer, daypart_planner, daypart_privacy;
GRANT EXECUTE ON FUNCTION person_ids(bigint[]), set_secret_key(bytea), has_secret_key() TO daypart_owner;
REVOKE CREATE ON SCHEMA daypart FROM daypart_keyholder;

-- The installer needed the key's role for the lines above only.
DO $$
BEGIN
	IF EXISTS (SELECT FROM pg_auth_members
		WHERE roleid = 'daypart_keyholder'::regrole AND member = current_user::regrole AND NOT admin_option) THEN
		EXECUTE 'REVOKE daypart_keyholder FROM CURRENT_USER';
	END IF;
END $$;
