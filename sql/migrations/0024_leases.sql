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

CALL hand_over();
GRANT SELECT ON lane_lease, release_daemon TO daypart_marketer, daypart_planner, daypart_scheduler, daypart_analyst, daypart_privacy;
GRANT INSERT, UPDATE ON lane_lease TO daypart_scheduler;
GRANT INSERT, UPDATE, DELETE ON release_daemon TO daypart_scheduler;
