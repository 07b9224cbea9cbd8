-- Publishing a plan. The planner stages its differences in temporary tables, and large additions in a part of its own, then calls
-- publish_plan(), which makes everything visible in the same transaction. All functions here are called by the planner alone.

-- What a run was planned from; a slot whose campaign differs is held by the gate until it is planned again.
-- Written as RETURN, so that the gate's statement takes it in instead of calling it.
CREATE FUNCTION campaign_digest(campaign campaign) RETURNS bytea STABLE PARALLEL SAFE
	RETURN sha256(convert_to(concat_ws('|', campaign.sender, campaign.template, campaign.audience, campaign.category, campaign.starts_at,
		campaign.ends_at, campaign.local_from, campaign.local_to, campaign.rrule, campaign.pacing, campaign.catch_up,
		campaign.holdout_percent, campaign.offer_terms, campaign.offer_expires_on), 'UTF8'));

-- Why an approved campaign cannot be planned now, or NULL. Facts of the small tables only; the law of place and time is not asked here.
CREATE FUNCTION campaign_problem(campaign campaign) RETURNS text STABLE PARALLEL SAFE RETURN (
	SELECT CASE
		WHEN campaign.category <> 'marketing' THEN format('category %s is not supported in this version, only marketing is', campaign.category)
		WHEN s.status <> 'active' THEN format('sender "%s" is %s', s.name, s.status)
		WHEN a.business <> s.business THEN format('audience "%s" belongs to "%s", sender "%s" to "%s"', a.name, a.business, s.name, s.business)
		WHEN NOT EXISTS (SELECT FROM template t WHERE t.name = campaign.template) THEN format('template "%s" does not exist', campaign.template)
		WHEN NOT EXISTS (SELECT FROM template t WHERE t.name = campaign.template AND t.business = s.business)
			THEN format('template "%s" belongs to another business than sender "%s"', campaign.template, s.name)
		WHEN NOT EXISTS (SELECT FROM template t WHERE t.name = campaign.template AND t.business = s.business AND t.channel = s.channel)
			THEN format('template "%s" is for another channel than sender "%s" (%s)', campaign.template, s.name, s.channel)
		WHEN NOT EXISTS (SELECT FROM template t WHERE t.name = campaign.template AND t.business = s.business AND t.channel = s.channel
			AND t.category = campaign.category) THEN format('template "%s" is not of category %s', campaign.template, campaign.category)
		WHEN NOT EXISTS (SELECT FROM template t WHERE t.name = campaign.template AND t.business = s.business AND t.channel = s.channel
			AND t.category = campaign.category AND t.status = 'approved') THEN format('template "%s" is not approved', campaign.template)
		END
	FROM sender s, audience a WHERE s.name = campaign.sender AND a.name = campaign.audience
);

-- Tables that live as long as the planner's transaction.
CREATE FUNCTION plan_stage() RETURNS void VOLATILE LANGUAGE plpgsql SECURITY DEFINER SET search_path = daypart, pg_temp AS $$
BEGIN
	SET LOCAL client_min_messages = warning;
	DROP TABLE IF EXISTS pg_temp.plan_slot, pg_temp.plan_move, pg_temp.plan_refusal, pg_temp.plan_unsuppress, pg_temp.plan_changed;
	CREATE TEMP TABLE plan_slot (LIKE slot) ON COMMIT DROP;
	CREATE TEMP TABLE plan_move (LIKE slot) ON COMMIT DROP;
	CREATE TEMP TABLE plan_refusal (recipient_id bigint NOT NULL, run_id int NOT NULL, bucket smallint NOT NULL, reason smallint NOT NULL,
		part smallint) ON COMMIT DROP;
	CREATE TEMP TABLE plan_unsuppress (recipient_id bigint NOT NULL, run_id int NOT NULL, bucket smallint NOT NULL) ON COMMIT DROP;
	CREATE TEMP TABLE plan_changed (bucket smallint NOT NULL, recipient_id bigint NOT NULL) ON COMMIT DROP;
	GRANT ALL ON pg_temp.plan_slot, pg_temp.plan_move, pg_temp.plan_refusal, pg_temp.plan_unsuppress TO PUBLIC;
END $$;

-- A private table for a large addition; 0 when all parts are in use and the addition must go to part 0. Parts are few, because every claim and
-- every opt-out looks into each of them.
CREATE FUNCTION create_slot_part() RETURNS smallint VOLATILE LANGUAGE plpgsql SECURITY DEFINER SET search_path = daypart, pg_temp AS $$
DECLARE
	free_part smallint;
BEGIN
	SELECT min(n) INTO free_part FROM generate_series(1, 31) AS n WHERE to_regclass('slot_' || n) IS NULL;
	IF free_part IS NULL THEN
		RETURN 0;
	END IF;
	EXECUTE format('CREATE TABLE slot_%s (LIKE slot INCLUDING DEFAULTS INCLUDING CONSTRAINTS, CHECK (part = %s))', free_part, free_part);
	EXECUTE format('GRANT SELECT, INSERT ON slot_%s TO daypart_planner', free_part);
	RETURN free_part;
END $$;

-- After loading: the indexes of `slot`, built in one go, several times cheaper than row by row.
CREATE FUNCTION index_slot_part(part smallint) RETURNS void VOLATILE LANGUAGE plpgsql SECURITY DEFINER SET search_path = daypart, pg_temp AS $$
BEGIN
	SET LOCAL maintenance_work_mem = '256MB';
	EXECUTE format('ALTER TABLE slot_%s ADD PRIMARY KEY (bucket, recipient_id, run_id, part)', part);
	EXECUTE format('CREATE INDEX ON slot_%s (lane, due_at)', part);
END $$;

-- Drained parts go when nobody is in the way; a report that reads them is never waited for. Only the planner writes into parts, so an empty
-- one stays empty.
CREATE FUNCTION drop_empty_slot_parts() RETURNS int VOLATILE LANGUAGE plpgsql SECURITY DEFINER SET search_path = daypart, pg_temp AS $$
DECLARE
	candidate regclass;
	is_empty boolean;
	dropped int := 0;
BEGIN
	SET LOCAL lock_timeout = '100ms';
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

CREATE TYPE published AS (swept bigint, added bigint, moved bigint, cancelled bigint);

-- Makes the staged plan visible, or refuses when another plan was published since it began (40001). Each statement sees what was committed
-- before it (READ COMMITTED), which the sweep relies on: whoever removes a permission holds a gate row in share mode until commit, so after the
-- gates are locked every such change is either visible here or waits behind this transaction and then finds the slots it has to delete.
-- `runs` are all campaign runs of the plan, `old_runs` those of them that were stored before it.
CREATE FUNCTION publish_plan(this_run int, expected_head int, seen pg_snapshot, new_part smallint, runs int[], old_runs int[]) RETURNS published
VOLATILE LANGUAGE plpgsql SECURITY DEFINER SET search_path = daypart, pg_temp AS $$
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
			RETURNING p.recipient_id, p.run_id, p.bucket, p.reason)
	INSERT INTO suppressed (recipient_id, at, run_id, plan_run, bucket, reason, kind)
	SELECT g.recipient_id, statement_timestamp(), g.run_id, this_run, g.bucket, g.reason, r.kind FROM gone g JOIN reason r USING (reason)
	ON CONFLICT (bucket, run_id, recipient_id) DO UPDATE SET (at, plan_run, reason, kind, rule) =
		(excluded.at, excluded.plan_run, excluded.reason, excluded.kind, excluded.rule);
	GET DIAGNOSTICS result.cancelled = ROW_COUNT;
	INSERT INTO suppressed (recipient_id, at, run_id, plan_run, bucket, reason, kind)
	SELECT p.recipient_id, statement_timestamp(), p.run_id, this_run, p.bucket, p.reason, r.kind FROM plan_refusal p JOIN reason r USING (reason)
	WHERE p.part IS NULL
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

-- Ended campaigns of which nothing is queued or in flight any more. Names of those that were finished now.
CREATE FUNCTION finish_campaigns(campaigns int[]) RETURNS SETOF text VOLATILE LANGUAGE sql SECURITY DEFINER SET search_path = daypart, pg_temp AS $$
	WITH finished AS (
		UPDATE campaign c SET status = 'finished'
		WHERE c.campaign_id = ANY (campaigns) AND c.status = 'approved'
			AND NOT EXISTS (SELECT FROM campaign_run r JOIN slot s USING (run_id) WHERE r.campaign_id = c.campaign_id)
			AND NOT EXISTS (SELECT FROM campaign_run r JOIN inflight i USING (run_id) WHERE r.campaign_id = c.campaign_id)
		RETURNING c.campaign_id, c.name),
	event AS (
		INSERT INTO campaign_event (campaign_id, status, by_whom, note) SELECT campaign_id, 'finished', session_user, 'ended' FROM finished)
	SELECT name FROM finished
$$;
