-- The world of outage_world.h, and what must hold in it: views wrong_* are empty after whatever happened, wrong_outbox_* and wrong_provider_* where
-- messages go there. None of them asks daypart: hours, caps and limits are written down here a second time.
SET search_path = daypart, pg_catalog;
CREATE SCHEMA outage;

TRUNCATE secret_key;
SELECT set_secret_key(sha256('a key for tests')); -- the same people in every run
INSERT INTO business (name, created_by) VALUES ('acme', 'ana');
CREATE TABLE outage.person AS
SELECT n, CASE n % 2 WHEN 0 THEN 'US-NY' ELSE 'US-PA' END AS region, '+1' || CASE n % 2 WHEN 0 THEN 212 ELSE 215 END || 5550000 + n AS phone,
	NULL::bigint AS recipient_id, NULL::smallint AS bucket
FROM generate_series(1, 300) AS n;
SELECT add_recipient(phone, region), record_consent(phone, 'acme', 'sms', given_at => '2026-01-05T10:00Z', method => 'form', wording => 'yes')
FROM outage.person;
UPDATE outage.person AS p SET (recipient_id, bucket) = (SELECT r.recipient_id, r.bucket FROM recipient AS r WHERE '+' || r.phone = p.phone);

CREATE TABLE outage.repeats (); -- one row: what is uncertain is sent again, to a provider that takes a key once
CREATE TABLE outage.closed (region text, from_at timestamptz, until timestamptz);
CREATE TABLE outage.opted_out (recipient_id bigint PRIMARY KEY, committed_at timestamptz);
CREATE TABLE outage.seen (n int, key text, at timestamptz, not_after text, taken boolean, lost boolean, deed int);
CREATE VIEW outage.seen_message AS
SELECT *, split_part(key, ':', 2)::int AS run_id, split_part(key, ':', 3)::bigint AS recipient_id FROM outage.seen;

-- The hours of a region as the law's text: minutes are open and closed in turn, the first closed one begins so many minutes after this one. In a zone
-- whose midnight is far.
CREATE FUNCTION outage.hours(region text, first int) RETURNS text LANGUAGE sql AS $$
	WITH zone AS (SELECT CASE WHEN extract(hour FROM timezone('UTC', now())) BETWEEN 2 AND 21 THEN 'UTC' ELSE 'Asia/Tokyo' END AS name
	), closed AS (
		INSERT INTO outage.closed
		SELECT region, m, m + interval '1 minute' FROM (SELECT date_trunc('minute', now()) + n * interval '1 minute' AS m
			FROM generate_series(first, first + 4, 2) AS n) AS minute
		RETURNING from_at, until
	)
	SELECT format('days = { every_day = "00:00-%s-24:00"; }; clock = "%s";',
		string_agg(format('%s, %s', to_char(timezone(zone.name, from_at), 'HH24:MI'), to_char(timezone(zone.name, until), 'HH24:MI')), '-'
			ORDER BY from_at), zone.name)
	FROM closed, zone GROUP BY zone.name
$$;

-- An approved campaign with a sender, an account, a template and an audience of its own, to so many people by lot; twenty are in every audience, and
-- soon have had enough.
CREATE FUNCTION outage.campaign(name text, throughput int, daily_limit int, ends_in interval, catch_up text, people int, lot bigint) RETURNS void
LANGUAGE sql AS $$
	INSERT INTO sender (name, business, channel, address, throughput_per_s, daily_limit, portfolio, created_by)
	VALUES (name, 'acme', 'sms', '+14155550100', throughput, daily_limit, name, 'ana');
	INSERT INTO template (name, language, business, channel, category, body, status, created_by)
	VALUES (name, 'en', 'acme', 'sms', 'marketing', 'Hello', 'approved', 'ana');
	INSERT INTO audience (name, business) VALUES (name, 'acme');
	INSERT INTO audience_member (recipient_id, audience_id, bucket)
	SELECT recipient_id, audience_id, bucket FROM outage.person, audience AS a WHERE a.name = campaign.name
	ORDER BY n > 20, md5(n || ' ' || lot) LIMIT people;
	INSERT INTO campaign (name, sender, template, audience, starts_at, ends_at, catch_up, created_by)
	VALUES (name, name, name, name, to_char(now() - interval '1 hour', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
		to_char(now() + ends_in, 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), catch_up::catch_up, 'ana');
	SELECT campaign_set_status(name, 'approved');
$$;

-- Somebody whose message is about to leave, or has just left.
CREATE FUNCTION outage.next_person(lot bigint) RETURNS bigint LANGUAGE sql AS $$
	SELECT recipient_id FROM (
		SELECT recipient_id FROM slot WHERE due_at < clock_timestamp() + interval '300 ms' UNION SELECT recipient_id FROM inflight) AS near
	WHERE recipient_id NOT IN (SELECT o.recipient_id FROM outage.opted_out AS o)
	ORDER BY md5(recipient_id || ' ' || lot) LIMIT 1
$$;

-- Everybody's place in every campaign that was planned.
CREATE VIEW outage.place AS
SELECT run_id, recipient_id, 'queued' AS place FROM slot
UNION ALL SELECT run_id, recipient_id, CASE WHEN uncertain_at IS NULL THEN 'in flight' ELSE 'uncertain' END FROM inflight
UNION ALL SELECT run_id, recipient_id, outcome::text FROM release
UNION ALL SELECT run_id, recipient_id, name FROM suppressed JOIN reason USING (reason);

-- Queued and due, on its way, or uncertain though the provider can tell. What it never saw stays uncertain, for a person; so does what may not be sent
-- again.
CREATE VIEW outage.unsettled AS
SELECT run_id, recipient_id FROM slot WHERE due_at < clock_timestamp()
UNION ALL
SELECT run_id, recipient_id FROM inflight
WHERE uncertain_at IS NULL
	OR NOT EXISTS (TABLE outage.repeats) AND (run_id, recipient_id) IN (SELECT s.run_id, s.recipient_id FROM outage.seen_message AS s);

-- At any instant ----------------------------------------------------------------------------------------------------------------------------

CREATE VIEW outage.wrong_lost AS
SELECT r.run_id, m.recipient_id
FROM campaign_run AS r JOIN campaign AS c USING (campaign_id) JOIN audience AS a ON a.name = c.audience JOIN audience_member AS m USING (audience_id)
WHERE (r.run_id, m.recipient_id) NOT IN (SELECT p.run_id, p.recipient_id FROM outage.place AS p);

-- Three a person within a day.
CREATE VIEW outage.wrong_cap AS
SELECT recipient_id, count(*) FROM (
	SELECT recipient_id FROM release WHERE outcome IN ('handed_over', 'uncertain')
	UNION ALL SELECT recipient_id FROM inflight
	UNION ALL SELECT recipient_id FROM slot WHERE due_at < clock_timestamp() + interval '12 hours') AS message
GROUP BY recipient_id HAVING count(*) > 3;

CREATE VIEW outage.wrong_daily_limit AS
SELECT s.name, s.daily_limit, count(*) FROM (
	SELECT run_id, released_at AS at FROM release WHERE outcome IN ('handed_over', 'uncertain')
	UNION ALL SELECT run_id, claimed_at FROM inflight) AS message
	JOIN campaign_run USING (run_id) JOIN sender AS s USING (sender_id)
GROUP BY s.name, s.daily_limit, date_trunc('hour', at) HAVING count(*) > s.daily_limit;

CREATE VIEW outage.wrong_hours AS
SELECT r.run_id, r.recipient_id, r.due_at, r.released_at, c.from_at, c.until, run.last_at
FROM release AS r JOIN campaign_run AS run USING (run_id) JOIN outage.person AS p USING (recipient_id)
	LEFT JOIN outage.closed AS c ON c.region = p.region AND r.released_at >= c.from_at AND r.released_at < c.until
WHERE r.outcome = 'handed_over' AND (c.from_at IS NOT NULL OR r.released_at < r.due_at OR r.released_at >= run.last_at);

-- In any second: what is in the bucket at its begin, what comes, and a claim that was held up.
CREATE VIEW outage.wrong_pace AS
SELECT run_id, max(n), throughput_per_s FROM (
	SELECT run_id, throughput_per_s, count(*) OVER (PARTITION BY run_id ORDER BY released_at RANGE BETWEEN '999 ms' PRECEDING AND CURRENT ROW) AS n
	FROM release JOIN campaign_run USING (run_id) JOIN sender USING (sender_id) WHERE outcome = 'handed_over') AS second
WHERE n > throughput_per_s + ceil(throughput_per_s / 10) * 2 + 1
GROUP BY run_id, throughput_per_s;

-- Outbox ------------------------------------------------------------------------------------------------------------------------------------

CREATE VIEW outage.wrong_outbox_ledger AS
SELECT run_id, recipient_id, r.outcome FROM (SELECT * FROM release WHERE outcome = 'handed_over') AS r
	FULL JOIN outbox AS o USING (bucket, run_id, recipient_id)
WHERE r.outcome IS NULL OR o.run_id IS NULL;

CREATE VIEW outage.wrong_outbox_late AS SELECT * FROM outbox WHERE handed_at >= not_after;

-- By the server's own order of commits: no release of a person commits after the opt-out of that person, or the withdrawal of the consent.
CREATE VIEW outage.wrong_outbox_after_opt_out AS
SELECT r.run_id, r.recipient_id, pg_xact_commit_timestamp(r.xmin) AS released, pg_xact_commit_timestamp(s.xmin) AS opted_out
FROM release AS r JOIN suppression AS s USING (bucket, recipient_id)
WHERE r.outcome = 'handed_over' AND pg_xact_commit_timestamp(r.xmin) > pg_xact_commit_timestamp(s.xmin)
UNION ALL
SELECT r.run_id, r.recipient_id, pg_xact_commit_timestamp(r.xmin), pg_xact_commit_timestamp(c.xmin)
FROM release AS r JOIN consent AS c USING (bucket, recipient_id)
WHERE r.outcome = 'handed_over' AND c.state = 'withdrawn' AND pg_xact_commit_timestamp(r.xmin) > pg_xact_commit_timestamp(c.xmin);

-- Provider ----------------------------------------------------------------------------------------------------------------------------------

CREATE VIEW outage.wrong_provider_again AS
SELECT s.key, s.n, s.at, t.n AS earlier, t.at AS earlier_at, t.deed FROM outage.seen AS s JOIN outage.seen AS t USING (key)
WHERE t.taken AND t.n < s.n AND NOT EXISTS (TABLE outage.repeats);

CREATE VIEW outage.wrong_provider_late AS SELECT * FROM outage.seen WHERE at >= nullif(not_after, '')::timestamptz;

CREATE VIEW outage.wrong_provider_hours AS
SELECT s.* FROM outage.seen_message AS s JOIN outage.person AS p USING (recipient_id) JOIN campaign_run AS run USING (run_id)
	LEFT JOIN outage.closed AS c ON c.region = p.region AND s.at >= c.from_at AND s.at < c.until
WHERE c.from_at IS NOT NULL OR s.at >= run.last_at;

-- At every request. What the provider lost was not sent, but may have been as long as nobody knew.
CREATE VIEW outage.wrong_provider_cap AS
SELECT s.recipient_id, s.n, count(DISTINCT t.key)
FROM outage.seen_message AS s
	JOIN outage.seen_message AS t ON t.recipient_id = s.recipient_id AND t.n <= s.n
	LEFT JOIN sink_answer AS a ON (a.run_id, a.recipient_id) = (t.run_id, t.recipient_id)
WHERE (s.taken OR s.lost) AND (t.taken OR t.lost AND (a.answered_at < s.at) IS NOT TRUE)
GROUP BY s.recipient_id, s.n HAVING count(DISTINCT t.key) > 3;

CREATE VIEW outage.wrong_provider_missing AS
SELECT run_id, recipient_id FROM release WHERE outcome = 'handed_over'
	AND (run_id, recipient_id) NOT IN (SELECT s.run_id, s.recipient_id FROM outage.seen_message AS s WHERE taken);

CREATE VIEW outage.wrong_provider_unaccounted AS
SELECT s.key, s.deed, r.outcome FROM outage.seen_message AS s LEFT JOIN release AS r USING (run_id, recipient_id)
WHERE s.taken AND r.outcome IS DISTINCT FROM 'handed_over' AND NOT (EXISTS (TABLE outage.repeats)
	AND EXISTS (SELECT FROM inflight AS i WHERE (i.run_id, i.recipient_id) = (s.run_id, s.recipient_id)));

-- Every epoch of a lane, and under which one each message was claimed, so that the order of commits says who held the lane.
CREATE TABLE outage.epoch (lane smallint, epoch bigint);
CREATE TABLE outage.flown (lane smallint, epoch bigint, run_id int, recipient_id bigint);
CREATE FUNCTION outage.note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF TG_TABLE_NAME = 'lane_lease' THEN
		INSERT INTO outage.epoch VALUES (NEW.lane, NEW.epoch);
	ELSE
		INSERT INTO outage.flown VALUES (NEW.lane, NEW.epoch, NEW.run_id, NEW.recipient_id);
	END IF;
	RETURN NULL;
END $$;
CREATE TRIGGER note AFTER INSERT OR UPDATE OF epoch ON lane_lease FOR EACH ROW EXECUTE FUNCTION outage.note();
CREATE TRIGGER note AFTER INSERT ON inflight FOR EACH ROW EXECUTE FUNCTION outage.note();

CREATE VIEW outage.wrong_provider_lease AS
SELECT f.*, e.epoch AS held_under, pg_xact_commit_timestamp(f.xmin) AS claimed, pg_xact_commit_timestamp(e.xmin) AS taken_over
FROM outage.flown AS f JOIN outage.epoch AS e USING (lane)
WHERE e.epoch > f.epoch AND pg_xact_commit_timestamp(f.xmin) > pg_xact_commit_timestamp(e.xmin);

-- A message is read, with who has opted out, a second at most before it goes to the wire.
CREATE VIEW outage.after_opt_out AS
SELECT s.key, s.n, s.at, o.committed_at, s.at - o.committed_at AS late FROM outage.seen_message AS s JOIN outage.opted_out AS o USING (recipient_id)
WHERE s.at > o.committed_at;
CREATE VIEW outage.wrong_provider_opted_out AS SELECT * FROM outage.after_opt_out WHERE late > interval '2 seconds';
