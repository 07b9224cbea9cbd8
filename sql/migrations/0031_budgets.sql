-- How much each sender has sent lately, and how much daypartd may send of what its limits of volume leave: see scheduler/lane_budget.h.

ALTER TABLE lane_lease
	ADD counts boolean NOT NULL DEFAULT false;         -- each claim of the lane writes into lane_sent; read under the lock that a claim takes

-- Of the pace, for what people send: where a platform counts both together (P-66) an opt-out must get through.
CREATE FUNCTION problem_headroom(headroom_percent int) RETURNS problem IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN headroom_percent NOT BETWEEN 0 AND 90
		THEN problem_with('headroom_percent', headroom_percent::text, 'is out of range', 'write a whole number from 0 to 90') END;
CREATE FUNCTION check_headroom(headroom_percent int) RETURNS boolean IMMUTABLE RETURN refuse(problem_headroom(headroom_percent));
ALTER TABLE sender ADD headroom_percent smallint NOT NULL DEFAULT 0 CHECK (check_headroom(headroom_percent));

-- By quarters of an hour: every zone's midnight is at the end of one. Written by claims, so it is never behind the ledger; what a provider did not
-- take is subtracted when that is known. A message belongs to the quarter of its claim. Counts are facts: what they fall under is the law's.
CREATE TABLE lane_sent (
	lane smallint NOT NULL REFERENCES sender (sender_id) ON DELETE CASCADE,
	since timestamptz NOT NULL,
	class_id int NOT NULL,
	messages bigint NOT NULL CHECK (messages >= 0),
	PRIMARY KEY (lane, since, class_id)
) WITH (fillfactor = 50);

-- What a lane has taken of budgets that it may share with others. One row a lane, and all rows of a portfolio are locked by whoever takes.
CREATE TABLE lane_block (
	lane smallint PRIMARY KEY REFERENCES sender (sender_id) ON DELETE CASCADE,
	counted_from timestamptz NOT NULL DEFAULT 'infinity',
	epoch bigint NOT NULL DEFAULT 0,
	since timestamptz NOT NULL DEFAULT '-infinity',
	until timestamptz NOT NULL DEFAULT '-infinity',
	messages bigint,
	budget_left bigint,
	budget_rule text,
	waits_until timestamptz
);

CREATE FUNCTION quarter_of(at timestamptz) RETURNS timestamptz IMMUTABLE PARALLEL SAFE
	RETURN date_bin('15 minutes', at, timestamptz 'epoch');

-- From now on every claim of the lane counts. Waits for the one under way, which may not.
CREATE FUNCTION start_counting(lane smallint) RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = daypart, pg_catalog, pg_temp AS $$
BEGIN
	INSERT INTO lane_lease (lane) VALUES (start_counting.lane) ON CONFLICT DO NOTHING;
	PERFORM FROM lane_lease AS l WHERE l.lane = start_counting.lane FOR UPDATE;
	UPDATE lane_lease AS l SET counts = true WHERE l.lane = start_counting.lane AND NOT l.counts;
	INSERT INTO lane_block (lane) VALUES (start_counting.lane) ON CONFLICT DO NOTHING;
END $$;

-- What the ledger says of the time before: the difference to what is counted, so that nothing counts twice. Of a lane that counts by now.
-- Reads the ledger of a sender once, in whatever way is best, which a session that releases refuses otherwise.
CREATE FUNCTION count_history(lane smallint, since timestamptz) RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = daypart, pg_catalog, pg_temp SET plan_cache_mode = force_custom_plan
SET enable_seqscan = on SET enable_bitmapscan = on SET enable_hashjoin = on SET enable_mergejoin = on SET enable_sort = on AS $$
#variable_conflict use_column
BEGIN
	UPDATE lane_block AS b SET counted_from = quarter_of(count_history.since)
	WHERE b.lane = count_history.lane AND b.counted_from > quarter_of(count_history.since);
	IF NOT FOUND THEN
		RETURN;
	END IF;
	INSERT INTO lane_sent AS old (lane, since, class_id, messages)
	SELECT count_history.lane, h.since, h.class_id, h.messages - coalesce(t.messages, 0)
	FROM (SELECT quarter_of(sent.at) AS since, sent.class_id, count(*) AS messages
			FROM (
				SELECT r.run_id, r.class_id, r.released_at AS at FROM release AS r
				WHERE r.released_at >= quarter_of(count_history.since) AND r.outcome IN ('handed_over', 'uncertain')
				UNION ALL
				SELECT i.run_id, i.class_id, i.claimed_at FROM inflight AS i) AS sent
				JOIN campaign_run AS run USING (run_id)
			WHERE run.sender_id = count_history.lane AND run.last_at >= count_history.since
			GROUP BY 1, 2) AS h
		LEFT JOIN lane_sent AS t ON t.lane = count_history.lane AND t.since = h.since AND t.class_id = h.class_id
	WHERE h.messages > coalesce(t.messages, 0)
	ORDER BY h.since, h.class_id -- the order in which claims lock these rows
	ON CONFLICT (lane, since, class_id) DO UPDATE SET messages = old.messages + excluded.messages;
END $$;

-- To be called before taking: waits for a claim of the lane that may be under way still, and for others who take of the same budgets. Returns the
-- lanes that do not count yet since that instant; NULL: the lane is not the caller's any more. Lanes that share no budget: the lane alone.
CREATE FUNCTION lock_budget(lanes smallint[], lane smallint, epoch bigint, since timestamptz) RETURNS smallint[] LANGUAGE plpgsql
SECURITY DEFINER SET search_path = daypart, pg_catalog, pg_temp AS $$
BEGIN
	PERFORM FROM lane_block AS b WHERE b.lane = ANY (lanes) ORDER BY b.lane FOR UPDATE;
	-- Last: who renews the leases of a daemon must not wait for blocks.
	PERFORM FROM lane_lease AS l WHERE l.lane = lock_budget.lane AND l.epoch = lock_budget.epoch FOR UPDATE;
	IF NOT FOUND THEN
		RETURN NULL;
	END IF;
	RETURN ARRAY(SELECT wanted FROM unnest(lanes) AS wanted WHERE NOT EXISTS (
		SELECT FROM lane_block AS b JOIN lane_lease AS l ON l.lane = b.lane
		WHERE b.lane = wanted AND l.counts AND b.counted_from <= lock_budget.since));
END $$;

-- As in 0025_sinks.sql; what did not leave is not counted.
CREATE OR REPLACE FUNCTION settle_flight(moment timestamptz, margin interval, answers jsonb)
RETURNS TABLE (handed_over bigint, refused bigint, expired bigint, failed bigint, held bigint, queued bigint, uncertain bigint) LANGUAGE plpgsql
SECURITY DEFINER SET search_path = daypart, pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
	PERFORM FROM bucket_gate AS g
	WHERE g.bucket IN (SELECT a.bucket FROM jsonb_to_recordset(answers) AS a (bucket smallint, state text) WHERE a.state = 'queued')
	ORDER BY g.bucket FOR UPDATE;
	RETURN QUERY
	WITH given AS MATERIALIZED (
		SELECT * FROM jsonb_to_recordset(answers) AS a (bucket smallint, recipient_id bigint, run_id int, epoch bigint, claim bigint, state text,
			why text, left_at timestamptz, again timestamptz, action text, provider_id text, code text, words text)
	), open AS MATERIALIZED (
		SELECT i.*, g.state, g.why, g.left_at, g.again, g.action, g.provider_id, g.code, g.words
		FROM given AS g JOIN inflight AS i USING (bucket, recipient_id, run_id, epoch, claim)
		FOR UPDATE OF i
	), judged AS MATERIALIZED (
		SELECT o.*, CASE
			WHEN o.state <> 'queued' THEN o.why
			WHEN coalesce(o.again, moment) >= o.not_after - margin
				THEN CASE WHEN c.catch_up = 'drop' THEN 'expired' WHEN o.action = 'later' THEN 'try_later' ELSE 'missed' END
			WHEN suppression.found THEN 'opted_out'
			WHEN consent.state = 'withdrawn' THEN 'no_consent'
			WHEN changed.found OR o.claimed_at < plan.published_at THEN 'facts_changed'
			END AS obstacle
		FROM open AS o
			JOIN campaign_run AS run USING (run_id)
			JOIN campaign AS c USING (campaign_id)
			LEFT JOIN (SELECT p.published_at FROM plan_head AS h JOIN plan_run AS p USING (plan_run)) AS plan ON true
			LEFT JOIN LATERAL (SELECT true AS found FROM suppression AS s
				WHERE s.bucket = o.bucket AND s.recipient_id = o.recipient_id AND s.business_id IN (0, run.business_id)
					AND s.channel IN ('all', run.channel::text) AND s.category IN ('all', run.category::text)
				LIMIT 1) AS suppression ON true
			LEFT JOIN LATERAL (SELECT k.state FROM consent AS k
				WHERE k.bucket = o.bucket AND k.business_id = run.business_id AND k.channel = run.channel AND k.category = run.category
					AND k.recipient_id = o.recipient_id
				LIMIT 1) AS consent ON true
			LEFT JOIN LATERAL (SELECT true AS found FROM permission_change AS k
				WHERE k.bucket = o.bucket AND k.recipient_id = o.recipient_id LIMIT 1) AS changed ON true
	), ended AS MATERIALIZED (
		SELECT j.*, r.reason, r.kind, CASE
			WHEN j.state <> 'queued' THEN j.state
			WHEN j.obstacle IS NULL THEN 'queued'
			WHEN j.obstacle = 'expired' THEN 'expired'
			WHEN r.kind = 'held' THEN 'held'
			ELSE 'refused' END AS fate
		FROM judged AS j LEFT JOIN reason AS r ON r.name = j.obstacle
	), gone AS (
		DELETE FROM inflight AS i USING ended AS e
		WHERE i.bucket = e.bucket AND i.recipient_id = e.recipient_id AND i.run_id = e.run_id AND e.fate <> 'uncertain'
	), doubted AS (
		UPDATE inflight AS i SET uncertain_at = moment FROM ended AS e
		WHERE i.bucket = e.bucket AND i.recipient_id = e.recipient_id AND i.run_id = e.run_id AND e.fate = 'uncertain' AND i.uncertain_at IS NULL
	), back AS (
		INSERT INTO slot (recipient_id, due_at, not_after, run_id, class_id, plan_run, bucket, lane, part)
		SELECT e.recipient_id, coalesce(e.again, e.due_at), e.not_after, e.run_id, e.class_id, e.plan_run, e.bucket, e.lane, 0
		FROM ended AS e WHERE e.fate = 'queued'
	), ledger AS (
		INSERT INTO release (recipient_id, due_at, released_at, consent_given_at, run_id, class_id, plan_run, bucket, reason, outcome)
		SELECT e.recipient_id, e.due_at, 
			CASE e.fate WHEN 'handed_over' THEN greatest(e.claimed_at, e.left_at) ELSE moment END, e.consent_given_at, e.run_id, e.class_id, e.plan_run,
			e.bucket, e.reason, e.fate::outcome
		FROM ended AS e WHERE e.fate IN ('handed_over', 'refused', 'expired', 'failed')
		ON CONFLICT DO NOTHING
	), kept_back AS (
		INSERT INTO suppressed (recipient_id, at, run_id, plan_run, bucket, reason, kind)
		SELECT e.recipient_id, moment, e.run_id, 0, e.bucket, e.reason, e.kind FROM ended AS e WHERE e.fate = 'held'
		ON CONFLICT (bucket, run_id, recipient_id) DO UPDATE SET (at, plan_run, reason, kind, rule) =
			ROW (excluded.at, excluded.plan_run, excluded.reason, excluded.kind, NULL)
	), noted AS (
		INSERT INTO sink_answer (recipient_id, answered_at, not_before, run_id, bucket, attempts, action, provider_id, code, text)
		SELECT e.recipient_id, moment, nullif(e.again, 'infinity'), e.run_id, e.bucket, e.attempt, e.action, e.provider_id, e.code, e.words
		FROM ended AS e WHERE e.action IS NOT NULL
		ON CONFLICT (bucket, recipient_id, run_id) DO UPDATE SET (answered_at, not_before, attempts, action, provider_id, code, text) =
			ROW (excluded.answered_at, excluded.not_before, excluded.attempts, excluded.action, excluded.provider_id, excluded.code, excluded.text)
	), uncounted AS (
		UPDATE lane_sent AS t SET messages = greatest(t.messages - g.messages, 0)
		FROM (SELECT l.lane, l.since, l.class_id, n.messages
			FROM (SELECT e.lane, e.class_id, quarter_of(e.claimed_at) AS since, count(*) AS messages
				FROM ended AS e WHERE e.fate NOT IN ('handed_over', 'uncertain') GROUP BY 1, 2, 3) AS n
				JOIN lane_sent AS l ON l.lane = n.lane AND l.since = n.since AND l.class_id = n.class_id
			ORDER BY l.lane, l.since, l.class_id FOR UPDATE OF l) AS g -- in the order of claims
		WHERE t.lane = g.lane AND t.since = g.since AND t.class_id = g.class_id
	)
	SELECT count(*) FILTER (WHERE e.fate = 'handed_over'), count(*) FILTER (WHERE e.fate = 'refused'), count(*) FILTER (WHERE e.fate = 'expired'),
		count(*) FILTER (WHERE e.fate = 'failed'), count(*) FILTER (WHERE e.fate = 'held'), count(*) FILTER (WHERE e.fate = 'queued'),
		count(*) FILTER (WHERE e.fate = 'uncertain')
	FROM ended AS e;
END $$;

COMMENT ON COLUMN sender.headroom_percent IS 'share of its pace that is kept free for what people send';
COMMENT ON FUNCTION problem_headroom IS 'what is wrong with a share that is kept free';
COMMENT ON FUNCTION check_headroom IS 'problem_headroom() as a CHECK';
COMMENT ON COLUMN lane_lease.counts IS 'messages of the sender are counted in lane_sent';
COMMENT ON TABLE lane_sent IS 'how much senders with a limit of volume have sent lately, in flight and uncertain ones included';
COMMENT ON COLUMN lane_sent.lane IS 'the sender';
COMMENT ON COLUMN lane_sent.since IS 'beginning of the quarter of an hour in which they were claimed';
COMMENT ON COLUMN lane_sent.class_id IS 'class of the people: table class';
COMMENT ON COLUMN lane_sent.messages IS 'how many';
COMMENT ON TABLE lane_block IS 'what daypartd has taken of a sender''s budgets, which the others of the portfolio leave to it';
COMMENT ON COLUMN lane_block.lane IS 'the sender';
COMMENT ON COLUMN lane_block.counted_from IS 'lane_sent says everything from then on';
COMMENT ON COLUMN lane_block.epoch IS 'of the lease under which it was taken';
COMMENT ON COLUMN lane_block.since IS 'beginning of the quarter of an hour for which it was taken';
COMMENT ON COLUMN lane_block.until IS 'nothing leaves by it from then on; what is left of it is everybody''s again a minute later';
COMMENT ON COLUMN lane_block.messages IS
	'how many the sender may send in that quarter of an hour, those included that it had sent before; empty: what it may send no limit counts';
COMMENT ON COLUMN lane_block.budget_left IS 'how much the tightest of its limits left when daypartd last looked; empty: no limit';
COMMENT ON COLUMN lane_block.budget_rule IS 'the rule of that limit; empty: the sender''s own daily limit';
COMMENT ON COLUMN lane_block.waits_until IS 'some messages wait until then for room, as daypartd last saw it; empty: none';
COMMENT ON FUNCTION quarter_of IS 'beginning of the quarter of an hour';
COMMENT ON FUNCTION start_counting IS 'from now on the messages of a sender are counted in lane_sent';
COMMENT ON FUNCTION count_history IS 'counts what a sender has sent since an instant';
COMMENT ON FUNCTION lock_budget IS 'for daypartd: whoever takes of the budgets of some senders is alone';

CALL hand_over();
GRANT SELECT ON lane_sent, lane_block TO daypart_marketer, daypart_planner, daypart_scheduler, daypart_analyst, daypart_privacy;
GRANT INSERT, UPDATE, DELETE ON lane_sent TO daypart_scheduler;
GRANT UPDATE ON lane_block TO daypart_scheduler;
GRANT INSERT (headroom_percent), UPDATE (headroom_percent) ON sender TO daypart_marketer;
GRANT EXECUTE ON FUNCTION start_counting, count_history, lock_budget, quarter_of TO daypart_scheduler;
