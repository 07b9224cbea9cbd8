-- The new slots of a large plan are loaded by several sessions at once. Their table is therefore made and committed beforehand; nobody but its
-- planner can see it, and it becomes part of the queue in the publishing transaction. While a planner lives it holds a lock named after its
-- table; a table that is neither attached nor so locked was left by one that died, and the next plan drops it.

CREATE FUNCTION slot_part_lock() RETURNS int IMMUTABLE PARALLEL SAFE RETURN hashtext('daypart slot part');

-- A committed private table, for the session that calls it, until that ends; 0 when there is none to be had. To be called outside of transactions.
CREATE FUNCTION open_slot_part() RETURNS smallint VOLATILE LANGUAGE plpgsql SECURITY DEFINER SET search_path = daypart, pg_temp AS $$
DECLARE
	free_part smallint;
BEGIN
	FOR free_part IN SELECT n FROM generate_series(1, 31) AS n WHERE to_regclass('slot_' || n) IS NULL ORDER BY n LOOP
		CONTINUE WHEN NOT pg_try_advisory_lock(slot_part_lock(), free_part);
		EXECUTE format('CREATE TABLE slot_%s (LIKE slot INCLUDING DEFAULTS INCLUDING CONSTRAINTS, CHECK (part = %s))', free_part, free_part);
		EXECUTE format('GRANT SELECT, INSERT ON slot_%s TO daypart_planner', free_part);
		RETURN free_part;
	END LOOP;
	RETURN 0;
END $$;

-- The two indexes of a loaded part, each for a session of its own. Building one does not keep another from being built.
CREATE FUNCTION index_slot_part_by_person(part smallint) RETURNS void VOLATILE LANGUAGE plpgsql SECURITY DEFINER
SET search_path = daypart, pg_temp AS $$
BEGIN
	SET LOCAL maintenance_work_mem = '256MB';
	EXECUTE format('CREATE UNIQUE INDEX slot_%1$s_pkey ON slot_%1$s (bucket, recipient_id, run_id, part)', part);
END $$;
CREATE FUNCTION index_slot_part_by_time(part smallint) RETURNS void VOLATILE LANGUAGE plpgsql SECURITY DEFINER
SET search_path = daypart, pg_temp AS $$
BEGIN
	SET LOCAL maintenance_work_mem = '256MB';
	EXECUTE format('CREATE INDEX ON slot_%s (lane, due_at)', part);
END $$;
-- Makes its index the primary key, so that the part fits the queue: a matter of catalogs.
CREATE FUNCTION key_slot_part(part smallint) RETURNS void VOLATILE LANGUAGE plpgsql SECURITY DEFINER SET search_path = daypart, pg_temp AS $$
BEGIN
	EXECUTE format('ALTER TABLE slot_%1$s ADD PRIMARY KEY USING INDEX slot_%1$s_pkey', part);
END $$;

CREATE FUNCTION is_attached_slot_part(part int) RETURNS boolean STABLE PARALLEL SAFE RETURN EXISTS (
	SELECT FROM pg_inherits WHERE inhparent = 'slot'::regclass AND inhrelid = to_regclass('slot_' || part));

-- What its planner has no use for any more: false when it is part of the queue.
CREATE FUNCTION drop_slot_part(part smallint) RETURNS boolean VOLATILE LANGUAGE plpgsql SECURITY DEFINER SET search_path = daypart, pg_temp AS $$
BEGIN
	IF to_regclass('slot_' || part) IS NULL OR is_attached_slot_part(part) THEN
		RETURN false;
	END IF;
	EXECUTE format('DROP TABLE slot_%s', part);
	RETURN true;
END $$;

-- As in 0007_publish.sql, and tables whose planner died before they were attached.
CREATE OR REPLACE FUNCTION drop_empty_slot_parts() RETURNS int VOLATILE LANGUAGE plpgsql SECURITY DEFINER SET search_path = daypart, pg_temp AS $$
DECLARE
	candidate regclass;
	orphan smallint;
	is_empty boolean;
	dropped int := 0;
BEGIN
	SET LOCAL lock_timeout = '100ms';
	FOR orphan IN SELECT n FROM generate_series(1, 31) AS n WHERE to_regclass('slot_' || n) IS NOT NULL AND NOT is_attached_slot_part(n) LOOP
		CONTINUE WHEN NOT pg_try_advisory_xact_lock(slot_part_lock(), orphan);
		BEGIN
			dropped := dropped + drop_slot_part(orphan)::int;
		EXCEPTION WHEN lock_not_available THEN
			NULL; -- the server is still clearing up behind it: the next plan finds it
		END;
	END LOOP;
	FOR candidate IN SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent = 'slot'::regclass AND inhrelid <> 'slot_0'::regclass LOOP
		EXECUTE format('SELECT NOT EXISTS (SELECT FROM %s)', candidate) INTO is_empty;
		CONTINUE WHEN NOT is_empty;
		BEGIN
			EXECUTE format('DROP TABLE %s', candidate);
			dropped := dropped + 1;
		EXCEPTION WHEN lock_not_available THEN
			EXIT; -- somebody reads the queue; claims wait behind us, so no second try: the next plan comes soon
		END;
	END LOOP;
	RETURN dropped;
END $$;

-- People of new runs who get no slot, long before the gates are closed: of a run that nobody has seen there is nothing to agree with.
CREATE FUNCTION place_refusals(this_run int, old_runs int[]) RETURNS bigint VOLATILE LANGUAGE plpgsql SECURITY DEFINER
SET search_path = daypart, pg_temp AS $$
DECLARE
	placed bigint;
BEGIN
	INSERT INTO suppressed (recipient_id, at, run_id, plan_run, bucket, reason, kind, rule)
	SELECT p.recipient_id, statement_timestamp(), p.run_id, this_run, p.bucket, p.reason, r.kind, p.rule
	FROM plan_refusal AS p JOIN reason AS r USING (reason)
	WHERE p.part IS NULL AND p.run_id <> ALL (old_runs);
	GET DIAGNOSTICS placed = ROW_COUNT;
	RETURN placed;
END $$;

-- As in 0011_law_functions.sql, but for people without a slot of runs that are new: place_refusals() wrote them before the gates were closed.
CREATE OR REPLACE FUNCTION publish_plan(this_run int, expected_head int, seen pg_snapshot, new_part smallint, runs int[], old_runs int[])
RETURNS published VOLATILE LANGUAGE plpgsql SECURITY DEFINER SET search_path = daypart, pg_temp AS $$
DECLARE
	result published := (0, 0, 0, 0);
	source text := CASE WHEN new_part > 0 THEN format('slot_%s', new_part) ELSE 'pg_temp.plan_slot' END;
	affected bigint;
BEGIN
	IF current_setting('transaction_isolation') <> 'read committed' THEN
		RAISE EXCEPTION 'a plan is published under READ COMMITTED only' USING ERRCODE = '25001';
	END IF;
	PERFORM FROM plan_head WHERE plan_run = expected_head FOR UPDATE;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'another plan was published meanwhile' USING ERRCODE = '40001', HINT = 'Run daypart plan again.';
	END IF;
	-- Whoever changes a campaign's status holds plan_head in share mode until commit, so this is the last word.
	IF EXISTS (SELECT FROM campaign_run r JOIN campaign c USING (campaign_id)
			WHERE r.run_id = ANY (runs) AND (c.status <> 'approved' OR campaign_digest(c) <> r.campaign_hash)) THEN
		RAISE EXCEPTION 'a campaign was changed while it was planned' USING ERRCODE = '40001', HINT = 'Run daypart plan again.';
	END IF;
	PERFORM FROM bucket_gate ORDER BY bucket FOR UPDATE;

	INSERT INTO plan_changed SELECT DISTINCT bucket, recipient_id FROM permission_change
		WHERE changed_by >= pg_snapshot_xmin(seen) AND NOT pg_visible_in_snapshot(changed_by, seen);
	IF FOUND THEN
		EXECUTE format('WITH gone AS (DELETE FROM %s s USING plan_changed c WHERE (s.bucket, s.recipient_id) = (c.bucket, c.recipient_id)
				RETURNING s.recipient_id, s.run_id, s.bucket)
			INSERT INTO suppressed (recipient_id, at, run_id, plan_run, bucket, reason, kind)
			SELECT g.recipient_id, statement_timestamp(), g.run_id, $1, g.bucket, r.reason, r.kind FROM gone g, reason r WHERE r.name = ''facts_changed''
			ON CONFLICT (bucket, run_id, recipient_id) DO NOTHING', source) USING this_run;
		GET DIAGNOSTICS result.swept = ROW_COUNT;
		DELETE FROM plan_move m USING plan_changed c WHERE (m.bucket, m.recipient_id) = (c.bucket, c.recipient_id);
		DELETE FROM plan_unsuppress u USING plan_changed c WHERE (u.bucket, u.recipient_id) = (c.bucket, c.recipient_id);
	END IF;

	-- Slots that must go. One that has left meanwhile is in the ledger and stays there.
	WITH gone AS (DELETE FROM slot s USING plan_refusal p
			WHERE p.part IS NOT NULL AND (s.bucket, s.recipient_id, s.run_id, s.part) = (p.bucket, p.recipient_id, p.run_id, p.part)
			RETURNING p.recipient_id, p.run_id, p.bucket, p.reason, p.rule)
	INSERT INTO suppressed (recipient_id, at, run_id, plan_run, bucket, reason, kind, rule)
	SELECT g.recipient_id, statement_timestamp(), g.run_id, this_run, g.bucket, g.reason, r.kind, g.rule FROM gone g JOIN reason r USING (reason)
	ON CONFLICT (bucket, run_id, recipient_id) DO UPDATE SET (at, plan_run, reason, kind, rule) =
		(excluded.at, excluded.plan_run, excluded.reason, excluded.kind, excluded.rule);
	GET DIAGNOSTICS result.cancelled = ROW_COUNT;
	INSERT INTO suppressed (recipient_id, at, run_id, plan_run, bucket, reason, kind, rule)
	SELECT p.recipient_id, statement_timestamp(), p.run_id, this_run, p.bucket, p.reason, r.kind, p.rule FROM plan_refusal p JOIN reason r USING (reason)
	WHERE p.part IS NULL AND p.run_id = ANY (old_runs)
	ON CONFLICT (bucket, run_id, recipient_id) DO UPDATE SET (at, plan_run, reason, kind, rule) =
		(excluded.at, excluded.plan_run, excluded.reason, excluded.kind, excluded.rule)
	WHERE NOT EXISTS (SELECT FROM plan_changed c WHERE (c.bucket, c.recipient_id) = (suppressed.bucket, suppressed.recipient_id));

	-- An update, never delete and insert: a slot that was released meanwhile must not come back.
	UPDATE slot s SET (due_at, not_after, class_id, plan_run, lane) = (m.due_at, m.not_after, m.class_id, m.plan_run, m.lane)
	FROM plan_move m WHERE (s.bucket, s.recipient_id, s.run_id, s.part) = (m.bucket, m.recipient_id, m.run_id, m.part);
	GET DIAGNOSTICS result.moved = ROW_COUNT;

	-- Nobody who is in the ledger of the run gets a second slot. A run that is new has no ledger yet.
	EXECUTE format('DELETE FROM %s s USING release l
		WHERE s.run_id = ANY ($1) AND (l.bucket, l.recipient_id, l.run_id) = (s.bucket, s.recipient_id, s.run_id)', source) USING old_runs;
	IF new_part > 0 THEN
		EXECUTE format('ALTER TABLE slot ATTACH PARTITION slot_%s FOR VALUES IN (%s)', new_part, new_part);
	ELSE
		INSERT INTO slot SELECT * FROM plan_slot ON CONFLICT DO NOTHING;
	END IF;
	DELETE FROM suppressed s USING plan_unsuppress u WHERE (s.bucket, s.run_id, s.recipient_id) = (u.bucket, u.run_id, u.recipient_id);

	UPDATE plan_head SET plan_run = this_run, checked_at = clock_timestamp();
	UPDATE plan_run SET published_at = clock_timestamp(), swept = result.swept WHERE plan_run = this_run;
	DELETE FROM permission_change WHERE changed_by < pg_snapshot_xmin(seen);
	NOTIFY daypart;
	RETURN result;
END $$;

COMMENT ON FUNCTION slot_part_lock IS 'under which a living planner locks its private table';
COMMENT ON FUNCTION open_slot_part IS 'makes a committed private table for a large plan';
COMMENT ON FUNCTION index_slot_part_by_person IS 'gives it the key of the queue';
COMMENT ON FUNCTION index_slot_part_by_time IS 'gives it the index by which slots are claimed';
COMMENT ON FUNCTION key_slot_part IS 'makes its key the primary key';
COMMENT ON FUNCTION is_attached_slot_part IS 'whether a table is part of the queue';
COMMENT ON FUNCTION drop_slot_part IS 'drops the private table of a plan that was given up';
COMMENT ON FUNCTION place_refusals IS 'writes the people of new runs who get no slot';

CALL hand_over();
GRANT EXECUTE ON FUNCTION slot_part_lock, open_slot_part, index_slot_part_by_person, index_slot_part_by_time, key_slot_part,
	is_attached_slot_part, drop_slot_part, place_refusals TO daypart_planner;
