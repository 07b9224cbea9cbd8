-- Who serves which sender, and which copy of the database may send.

-- One row a sender, made by the first daemon that sees it. A claim locks the row FOR KEY SHARE under the epoch it was given; every change of
-- holder changes the epoch, which is part of a key, so that it waits for the claim, and a claim that comes later finds another epoch. Renewing
-- changes no key and waits for nobody.
CREATE TABLE lane_lease (
	lane smallint PRIMARY KEY REFERENCES sender (sender_id) ON DELETE CASCADE,
	epoch bigint NOT NULL DEFAULT 0,
	holder uuid,
	until timestamptz NOT NULL DEFAULT '-infinity',
	UNIQUE (lane, epoch)
);

-- Who is at work: a hint, by which daemons share the senders and `daypart status` names them. What may be released is in lane_lease alone.
CREATE TABLE release_daemon (
	holder uuid PRIMARY KEY,
	host text NOT NULL,
	started_at timestamptz NOT NULL,
	until timestamptz NOT NULL
);

-- The token that a host must know to release from this database, and an instant that only grows while one does. Whoever restores a copy gets both,
-- but not the file on the host (scheduler/adoption.h).
CREATE TABLE adoption (
	one boolean PRIMARY KEY DEFAULT true CHECK (one),
	token uuid,
	beat_at timestamptz NOT NULL DEFAULT '-infinity',
	adopted_by text,
	adopted_at timestamptz
);
INSERT INTO adoption DEFAULT VALUES;

-- This copy is to be released from, whatever another one has done. Nobody's lease is good any more; what is due, and what nobody has taken from the
-- outbox, may have been sent by the other copy and waits for a person.
CREATE FUNCTION adopt_installation(new_token uuid) RETURNS TABLE (held bigint, dropped bigint, beat timestamptz) VOLATILE LANGUAGE plpgsql
SECURITY DEFINER SET search_path = daypart, pg_catalog, pg_temp AS $$
DECLARE
	code reason;
BEGIN
	SELECT * INTO STRICT code FROM reason AS r WHERE r.name = 'adopted';
	UPDATE adoption AS a SET token = new_token, beat_at = greatest(a.beat_at + interval '1 microsecond', statement_timestamp()),
		adopted_by = session_user, adopted_at = statement_timestamp()
	RETURNING a.beat_at INTO beat;
	UPDATE lane_lease AS l SET holder = NULL, epoch = l.epoch + 1, until = '-infinity';
	WITH due AS (
		DELETE FROM slot AS s WHERE s.due_at <= statement_timestamp() RETURNING s.recipient_id, s.run_id, s.bucket
	), kept AS (
		INSERT INTO suppressed (recipient_id, at, run_id, plan_run, bucket, reason, kind)
		SELECT d.recipient_id, statement_timestamp(), d.run_id, 0, d.bucket, code.reason, code.kind FROM due AS d
		ON CONFLICT (bucket, run_id, recipient_id) DO UPDATE SET (at, plan_run, reason, kind, rule) =
			ROW (excluded.at, excluded.plan_run, excluded.reason, excluded.kind, NULL)
	)
	SELECT count(*) INTO held FROM due;
	WITH untaken AS (
		DELETE FROM outbox AS o RETURNING o.recipient_id, o.run_id, o.bucket
	), noted AS (
		INSERT INTO outbox_dropped (recipient_id, dropped_at, run_id, bucket, reason)
		SELECT u.recipient_id, statement_timestamp(), u.run_id, u.bucket, code.reason FROM untaken AS u
		ON CONFLICT DO NOTHING
	)
	SELECT count(*) INTO dropped FROM untaken;
	NOTIFY daypart;
	RETURN NEXT;
END $$;

-- People whom adoption holds were not sent to, says the caller: the next plan decides about them. All of a campaign, or one.
CREATE FUNCTION plan_adopted(campaign text, phone text DEFAULT NULL) RETURNS bigint VOLATILE LANGUAGE plpgsql
SECURITY DEFINER SET search_path = daypart, pg_catalog, pg_temp AS $$
DECLARE
	people bigint;
	person bigint;
BEGIN
	PERFORM refuse(problem_unknown('campaign', coalesce(plan_adopted.campaign, ''), 'write the name of a campaign'))
		WHERE NOT EXISTS (SELECT FROM campaign AS c WHERE c.name = plan_adopted.campaign);
	IF phone IS NOT NULL THEN
		person := person_id(canonical_phone(phone));
	END IF;
	UPDATE suppressed AS s SET reason = next.reason, kind = next.kind, at = statement_timestamp()
	FROM reason AS next, campaign_run AS r, campaign AS c
	WHERE next.name = 'facts_changed' AND c.name = plan_adopted.campaign AND r.campaign_id = c.campaign_id AND s.run_id = r.run_id
		AND s.reason = (SELECT w.reason FROM reason AS w WHERE w.name = 'adopted')
		AND (person IS NULL OR (s.bucket = bucket_of(person) AND s.recipient_id = person));
	GET DIAGNOSTICS people = ROW_COUNT;
	RETURN people;
END $$;

COMMENT ON TABLE lane_lease IS 'which daypartd releases the messages of a sender, and until when unless it renews that';
COMMENT ON COLUMN lane_lease.lane IS 'the sender';
COMMENT ON COLUMN lane_lease.epoch IS 'rises with each change of holder; what was claimed under another one is over';
COMMENT ON COLUMN lane_lease.holder IS 'the daypartd, as in release_daemon; NULL: nobody';
COMMENT ON COLUMN lane_lease.until IS 'from then on another one may take it, by the clock of the server';
COMMENT ON TABLE release_daemon IS 'each daypartd that is at work, or was within a day';
COMMENT ON COLUMN release_daemon.holder IS 'drawn at its start';
COMMENT ON COLUMN release_daemon.host IS 'name of the host it runs on, and its process number there';
COMMENT ON COLUMN release_daemon.started_at IS 'when it was first seen';
COMMENT ON COLUMN release_daemon.until IS 'at work until then, unless it renews that';
COMMENT ON TABLE adoption IS 'which hosts may release from this copy of the database: those whose token file says the same';
COMMENT ON COLUMN adoption.one IS 'always true: the table has one row';
COMMENT ON COLUMN adoption.token IS 'drawn by the first daypartd, and again by each daypartd --adopt; NULL: none has run yet';
COMMENT ON COLUMN adoption.beat_at IS 'when a daypartd was last at work; only grows, and is kept in the token file as well';
COMMENT ON COLUMN adoption.adopted_by IS 'the login of the last daypartd --adopt';
COMMENT ON COLUMN adoption.adopted_at IS 'when that was';
COMMENT ON FUNCTION adopt_installation IS 'lets this copy of the database release: holds what is due, then sets the token of daypartd --adopt';
COMMENT ON FUNCTION plan_adopted IS 'the people of a campaign, or one, whom daypartd --adopt held are planned again, for they got nothing from the other copy';

CALL hand_over();
GRANT SELECT ON lane_lease, release_daemon TO daypart_marketer, daypart_planner, daypart_scheduler, daypart_analyst, daypart_privacy;
GRANT INSERT, UPDATE ON lane_lease TO daypart_scheduler;
GRANT INSERT, UPDATE, DELETE ON release_daemon TO daypart_scheduler;
GRANT SELECT ON adoption TO daypart_scheduler;
GRANT UPDATE (token, beat_at) ON adoption TO daypart_scheduler;
GRANT EXECUTE ON FUNCTION adopt_installation TO daypart_scheduler;
GRANT EXECUTE ON FUNCTION plan_adopted TO daypart_marketer, daypart_planner;
