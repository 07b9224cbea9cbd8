-- What comes in has an instant that has come, and a plan drops an occurrence only from the campaign that it read.

-- As in 0003_people.sql, but not at an instant that has not come: it would be the person's last message for ever. An opt-out is never refused for a
-- clock that is wrong: it counts from now.
CREATE OR REPLACE FUNCTION receive(sender text, phone text, text text, at timestamptz DEFAULT NULL) RETURNS text LANGUAGE plpgsql
SECURITY DEFINER SET search_path = daypart, pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
	person bigint := person_of(phone);
	line sender;
	found_keyword text;
	moment timestamptz := coalesce(receive.at, session_now());
	fault problem := coalesce(problem_future('at', moment), CASE WHEN NOT isfinite(moment)
		THEN problem_with('at', moment::text, 'is no instant', 'write the instant at which it came in') END);
BEGIN
	SELECT * INTO line FROM sender AS s WHERE s.name = receive.sender;
	PERFORM refuse(problem_unknown('sender', coalesce(receive.sender, ''), 'write the name of a sender, or add it to table sender'))
		WHERE line.name IS NULL;
	SELECT k.keyword INTO found_keyword FROM opt_out_keyword AS k WHERE k.keyword = normalise_keyword(receive.text);
	IF found_keyword IS NULL THEN
		PERFORM refuse(fault);
	ELSIF NOT fault IS NULL THEN
		moment := session_now();
	END IF;
	INSERT INTO inbound (recipient_id, at, sender_id, bucket, text, keyword, digest)
	VALUES (person, moment, line.sender_id, bucket_of(person), coalesce(receive.text, ''), found_keyword,
		sha256(convert_to(coalesce(receive.text, ''), 'UTF8')))
	ON CONFLICT DO NOTHING;
	IF found_keyword IS NOT NULL THEN
		PERFORM opt_out(receive.phone, line.business, 'all', 'all', moment, 'keyword ' || found_keyword);
	END IF;
	RETURN found_keyword;
END $$;

-- As in 0019_campaign_series.sql, but with the digest of each run's campaign as the planner read it: another edit may have brought the occurrence
-- back meanwhile, and publish_plan() compares only the campaigns of which something is planned.
DROP FUNCTION drop_occurrences(int[], int);
CREATE FUNCTION drop_occurrences(runs int[], digests text[], this_run int) RETURNS bigint VOLATILE LANGUAGE plpgsql SECURITY DEFINER
SET search_path = daypart, pg_catalog, pg_temp AS $$
DECLARE
	verdict reason;
	moment timestamptz := session_now();
	slots bigint;
BEGIN
	IF EXISTS (SELECT FROM unnest(runs, digests) AS found (run_id, digest) JOIN campaign_run AS r USING (run_id)
			JOIN campaign AS c USING (campaign_id) WHERE encode(campaign_digest(c), 'hex') <> found.digest) THEN
		RAISE EXCEPTION 'a campaign was changed while it was planned' USING ERRCODE = '40001', HINT = 'Run daypart plan again.';
	END IF;
	SELECT * INTO STRICT verdict FROM reason AS r WHERE r.name = 'occurrence_dropped';
	PERFORM FROM pg_partition_tree('slot'); -- see cancel_slots()
	WITH gone AS (
		DELETE FROM slot AS s USING campaign_run AS run
		WHERE run.run_id = ANY (runs) AND s.lane = run.sender_id AND s.run_id = run.run_id
		RETURNING s.recipient_id, s.run_id, s.bucket)
	INSERT INTO suppressed (recipient_id, at, run_id, plan_run, bucket, reason, kind)
	SELECT g.recipient_id, moment, g.run_id, this_run, g.bucket, verdict.reason, verdict.kind FROM gone AS g
	ON CONFLICT (bucket, recipient_id, run_id) DO UPDATE
		SET at = excluded.at, plan_run = excluded.plan_run, reason = excluded.reason, kind = excluded.kind, rule = NULL;
	GET DIAGNOSTICS slots = ROW_COUNT;
	UPDATE suppressed AS s SET at = moment, plan_run = this_run, reason = verdict.reason, kind = verdict.kind, rule = NULL
	FROM generate_series(0, 1023) AS b (bucket)
	WHERE s.bucket = b.bucket::smallint AND s.run_id = ANY (runs) AND s.kind = 'held';
	WITH waiting AS MATERIALIZED (
		SELECT o.bucket, o.recipient_id, o.run_id FROM outbox AS o WHERE o.run_id = ANY (runs) FOR UPDATE SKIP LOCKED
	), gone AS (
		DELETE FROM outbox AS o USING waiting AS w WHERE (o.bucket, o.recipient_id, o.run_id) = (w.bucket, w.recipient_id, w.run_id)
		RETURNING o.*)
	INSERT INTO outbox_dropped (recipient_id, dropped_at, run_id, bucket, reason)
	SELECT g.recipient_id, moment, g.run_id, g.bucket, verdict.reason FROM gone AS g
	ON CONFLICT DO NOTHING;
	UPDATE campaign_run AS run SET dropped_at = moment, campaign_hash = '' WHERE run.run_id = ANY (runs);
	UPDATE plan_run AS p SET cancelled = p.cancelled + slots WHERE p.plan_run = this_run;
	RETURN slots;
END $$;

-- As in 0019_campaign_series.sql; the small whole numbers have narrower ranges than their type.
CREATE OR REPLACE FUNCTION import_problem_value(field text, type text, value text) RETURNS problem LANGUAGE plpgsql STABLE
SET search_path = daypart, pg_catalog, pg_temp AS $$
DECLARE
	words text[];
BEGIN
	IF type = 'date' THEN
		RETURN problem_date(field, value);
	END IF;
	IF type = 'text[]' THEN
		RETURN NULL;
	END IF;
	IF type LIKE '%[]' THEN
		RETURN (SELECT p FROM unnest(string_to_array(value, ' ')) AS word
			CROSS JOIN LATERAL import_problem_value(field, rtrim(type, '[]'), word) AS p WHERE p.message IS NOT NULL LIMIT 1);
	END IF;
	SELECT array_agg(e.enumlabel ORDER BY e.enumsortorder) INTO words FROM pg_enum AS e WHERE e.enumtypid = type::regtype;
	IF words IS NOT NULL AND value IS NOT NULL THEN
		RETURN problem_word(field, value, words);
	END IF;
	EXECUTE format('SELECT $1::%s', type) USING value;
	RETURN NULL;
EXCEPTION WHEN data_exception THEN
	RETURN problem_with(field, value, 'does not fit', CASE
		WHEN type = 'smallint' THEN 'write a whole number, such as 10'
		WHEN type = 'integer' THEN 'write a whole number, at most 2147483647'
		WHEN type LIKE 'numeric%' THEN 'write a number, such as 12.5'
		WHEN type LIKE 'time %' THEN 'write a time of day, such as 09:00'
		WHEN type = 'boolean' THEN 'write true or false'
		ELSE format('write a value of type %s', type) END);
END $$;

COMMENT ON FUNCTION drop_occurrences IS 'takes occurrences that an edit left out from the queue';

CALL hand_over();
GRANT EXECUTE ON FUNCTION drop_occurrences TO daypart_planner;
