-- Releases due slots of one lane: looks at each again, moves it from the queue to where it belongs, and hands over what may leave. All of it in
-- this one statement, so a crash or a lost connection leaves every slot either where it was or accounted for.
--
-- $1 int2         lane
-- $2 timestamptz  the instant now; NULL: the server's clock. Another clock works on a rehearsal installation only
-- $3 int          how many slots at most
-- $4 int[]        classes the caller knows the law of, ascending; $5 timestamptz[] $6 timestamptz[] its present or next open window,
--                 half-open; $7 int[] the evidence its consent needs, -1: no consent needed. All in the order of $4
-- $8 int          the rulebook that $5 to $7 come from; nothing is done under another one
-- $9 interval     nothing leaves this shortly before its last lawful instant, so that the commit is still lawful
-- $10 text        where what leaves goes: 'outbox', 'nobody' (rehearsals), or 'flight': to a sink outside the database
-- $11 int8[]      how long the consent of each class is good for, in microseconds, 0: for ever. In the order of $4
-- $12 boolean[]   whether people of the class get what is no first message of the business to them (F10). In the order of $4
-- $13 int8        the epoch under which the caller holds the lane
-- $14 int8        number of this claim within the epoch; for 'flight'
-- $15 int         the version of the schema that the caller was made for; nothing is done on another one
-- $16 int[]       classes whose messages wait for room under a limit of volume: only those that are too late are looked at
-- $17 timestamptz nothing is done from then on: what the caller has taken of the sender's budgets is good until then
-- One row: now, stopped (nothing was done), stale (another rulebook is active or the schema was upgraded, nothing was done), locked (slots looked at), handed_over,
-- refused, expired (each a row of release), held (a row of suppressed), conflicts (on their way already: dropped), unknown int[] (classes
-- missing in $4, whose slots were left alone), lost (the lane is not the caller's any more: nothing was done),
-- oldest (when the first of the slots looked at was due, or NULL),
-- flown (now in flight, under $13 and $14).
--
-- What becomes of a slot, first match: too late -> by the campaign's catch-up expired or held; run, campaign or sender not in order -> held or
-- refused; window closed -> held; opted out, no consent, evidence incomplete, consent too old -> refused; planned as a later message, but nothing has
-- left before it -> held; told by the provider to try later, and it is not that late yet -> held; else handed over, or in flight.
--
-- Why nothing is handed over after an opt-out has committed (READ COMMITTED; so for every removal of a permission). The remover commits its
-- fact and the deletion of the person's slots together; the claim locks the slot (FOR UPDATE) before it judges it, and its probes see what
-- was committed when this statement began.
--   The remover deletes first: its row lock makes the claim skip the slot. Gone before the claim reaches it: locking re-reads the row, finds
--   it deleted and drops it, although the claim's older snapshot still shows it.
--   The claim locks first: the remover waits in its DELETE until the claim has committed, so its own commit comes after the dispatch.
--   Moved before the claim reaches it: locking re-reads the row, whose new version the claim's snapshot does not have and so cannot delete. Only what
--   it has deleted is judged; the rest waits for the next claim.
--   A slot that appears after the remover's DELETE: publication is serialised with the remover by bucket_gate and sweeps the person.
-- The probes are therefore the second line: they catch what a remover outside the protocol wrote, and consent that was never there.
-- The claim waits for nobody (SKIP LOCKED) and a remover waits for one claim at most, so they cannot block each other for good. Where the sender's
-- messages are counted for limits of volume it may wait for the end of a statement that settles some of them, which waits for no claim.
--
-- Twice is impossible: a slot is locked by one claim, and the ledger's key keeps (person, run). A conflict fails the statement (23505), for taking
-- conflicts into account would cost every claim a fifth; release_known then takes such slots out of the queue, and the claim is repeated. What goes in
-- flight is compared with the ledger first, and inflight keeps (person, run) as well. One slot per person and batch; a second one stays for the next batch.
--
-- Nothing leaves without a good lease, by the server's real clock also in a rehearsal. The lease's row is locked FOR KEY SHARE before any slot:
-- who takes the lane over changes the epoch, a key, and therefore leaves the lane alone until the claim has ended. If that came first, locking
-- finds the new row, whose epoch is another, and so nothing to claim, although the snapshot still shows the old one. A renewal changes no key:
-- neither waits for the other, and the claim may go by the end of before, which is the earlier one.
--
-- Indexes: slot (lane, due_at) of each part, merged; primary keys of everything else, slots are deleted by ctid within their part. Needs the
-- settings of release_session. Two spellings are for the plan's sake: the law is found by binary search (width_bucket) instead of a join, and LIMIT 1
-- keeps probes from becoming scans or hash tables; what few slots need is asked for within CASE, so that the others do not pay for it. A campaign's
-- digest is computed again only when something of it has changed (campaign_standing).
WITH moment AS MATERIALIZED (
	SELECT coalesce($2::timestamptz, statement_timestamp()) AS now, control.stopped,
		rulebook_head.rulebook_id <> $8::int OR (SELECT max(version) FROM migration) <> $15::int AS stale
	FROM control, rulebook_head, installation
	WHERE control.one AND rulebook_head.one AND installation.one AND ($2::timestamptz IS NULL OR installation.rehearsal)
), lease AS MATERIALIZED (
	SELECT counts FROM lane_lease
	WHERE lane = $1::smallint AND epoch = $13::bigint AND until > clock_timestamp()
	FOR KEY SHARE
), locked AS MATERIALIZED (
	SELECT slot.*, slot.ctid AS tid, width_bucket(slot.class_id, $4::int[]) AS law
	FROM slot
	WHERE slot.lane = $1::smallint AND slot.due_at <= (SELECT now FROM moment, lease WHERE NOT stopped AND NOT stale AND now < $17::timestamptz)
		AND (slot.class_id <> ALL ($16::int[]) OR slot.not_after <= (SELECT now + $9::interval FROM moment))
	ORDER BY slot.due_at
	LIMIT $3::int
	FOR UPDATE SKIP LOCKED
), run AS MATERIALIZED (
	SELECT run.run_id, run.business_id, run.channel, run.category, campaign.catch_up,
		CASE
		WHEN campaign.status = 'cancelled' THEN 'campaign_cancelled'
		WHEN campaign.status = 'paused' THEN 'campaign_paused'
		WHEN bar.reason IS NOT NULL THEN bar.reason
		WHEN campaign.status <> 'approved' OR NOT bar.as_planned THEN 'campaign_changed'
		WHEN sender.status <> 'active' OR template.approved IS NULL THEN 'sender_not_ready'
		END AS obstacle,
		bar.rule
	FROM (SELECT DISTINCT run_id FROM locked) AS wanted
	JOIN campaign_run AS run USING (run_id)
	JOIN campaign USING (campaign_id)
	JOIN sender ON sender.sender_id = run.sender_id
	CROSS JOIN LATERAL campaign_standing(campaign, sender.*, run.campaign_hash, (SELECT now FROM moment)) AS bar
	LEFT JOIN LATERAL (
		SELECT true AS approved FROM template AS t
		WHERE t.name = campaign.template AND (t.status = 'approved' OR t.free_form)
		LIMIT 1) AS template ON true
), chosen AS MATERIALIZED (
	SELECT DISTINCT ON (bucket, recipient_id) *
	FROM locked
	WHERE ($4::int[])[law] = class_id
	ORDER BY bucket, recipient_id, due_at
), gone AS (
	DELETE FROM slot USING chosen WHERE slot.part = chosen.part AND slot.ctid = chosen.tid
	RETURNING chosen.*
), judged AS MATERIALIZED (
	SELECT chosen.*, moment.now, consent.given_at, run.rule,
		CASE
		WHEN chosen.not_after - $9::interval <= moment.now THEN CASE run.catch_up WHEN 'next_window' THEN 'missed' ELSE 'expired' END
		WHEN run.run_id IS NULL THEN 'campaign_changed'
		WHEN run.obstacle IS NOT NULL THEN run.obstacle
		WHEN moment.now < ($5::timestamptz[])[law] OR moment.now >= ($6::timestamptz[])[law] - $9::interval THEN 'window_closed'
		WHEN suppression.found THEN 'opted_out'
		WHEN ($7::int[])[law] <> -1 AND consent.state IS DISTINCT FROM 'granted' THEN 'no_consent'
		WHEN ($7::int[])[law] <> -1 AND consent.evidence & ($7::int[])[law] <> ($7::int[])[law] THEN 'evidence_incomplete'
		WHEN ($11::bigint[])[law] > 0 AND coalesce(consent.given_at <= moment.now - ($11::bigint[])[law] * interval '1 microsecond', true)
			THEN 'consent_expired'
		WHEN ($12::boolean[])[law] AND (
				SELECT true FROM release AS r
				WHERE r.bucket = chosen.bucket AND r.recipient_id = chosen.recipient_id AND r.outcome IN ('handed_over', 'uncertain')
					AND (SELECT o.business_id FROM campaign_run AS o WHERE o.run_id = r.run_id) = run.business_id
					AND NOT EXISTS (SELECT FROM outbox_dropped AS d
						WHERE d.bucket = r.bucket AND d.recipient_id = r.recipient_id AND d.run_id = r.run_id)
				LIMIT 1) IS NULL AND (
				SELECT true FROM outside_send AS o
				WHERE o.bucket = chosen.bucket AND o.recipient_id = chosen.recipient_id AND o.business_id = run.business_id
				LIMIT 1) IS NULL THEN 'first_not_sent'
		WHEN $10::text = 'flight' AND (
				SELECT a.not_before FROM sink_answer AS a
				WHERE a.bucket = chosen.bucket AND a.recipient_id = chosen.recipient_id AND a.run_id = chosen.run_id
				LIMIT 1) > moment.now THEN 'try_later'
		END AS obstacle,
		CASE WHEN $10::text = 'flight' THEN (
			SELECT true FROM release AS r
			WHERE r.bucket = chosen.bucket AND r.recipient_id = chosen.recipient_id AND r.run_id = chosen.run_id
			LIMIT 1) END AS done
	FROM gone AS chosen CROSS JOIN moment
	LEFT JOIN run USING (run_id)
	LEFT JOIN LATERAL (
		SELECT true AS found FROM suppression AS s
		WHERE s.bucket = chosen.bucket AND s.recipient_id = chosen.recipient_id AND s.business_id IN (0, run.business_id)
			AND s.channel IN ('all', run.channel::text) AND s.category IN ('all', run.category::text)
		LIMIT 1) AS suppression ON true
	LEFT JOIN LATERAL (
		SELECT c.state, c.evidence, c.given_at FROM consent AS c
		WHERE c.bucket = chosen.bucket AND c.business_id = run.business_id AND c.channel = run.channel
			AND c.category = run.category AND c.recipient_id = chosen.recipient_id
		LIMIT 1) AS consent ON true
), ledger AS (
	INSERT INTO release (recipient_id, due_at, released_at, consent_given_at, run_id, class_id, plan_run, bucket, reason, outcome)
	SELECT j.recipient_id, j.due_at, j.now, j.given_at, j.run_id, j.class_id, j.plan_run, j.bucket, reason.reason,
		CASE WHEN j.obstacle IS NULL THEN 'handed_over'::outcome WHEN j.obstacle = 'expired' THEN 'expired' ELSE 'refused' END
	FROM judged AS j LEFT JOIN reason ON reason.name = j.obstacle
	WHERE reason.kind IS DISTINCT FROM 'held' -- also what `reason` does not list: nothing leaves the queue unaccounted
		AND ($10::text <> 'flight' OR j.obstacle IS NOT NULL)
	RETURNING outcome
), handed AS (
	INSERT INTO outbox (recipient_id, handed_at, not_after, run_id, bucket)
	SELECT j.recipient_id, j.now, j.not_after, j.run_id, j.bucket
	FROM judged AS j
	WHERE $10::text = 'outbox' AND j.obstacle IS NULL
), flown AS (
	INSERT INTO inflight (recipient_id, claimed_at, due_at, not_after, consent_given_at, epoch, claim, run_id, class_id, plan_run, attempt, bucket, lane)
	SELECT j.recipient_id, j.now, j.due_at, j.not_after, j.given_at, $13::bigint, $14::bigint, j.run_id, j.class_id, j.plan_run,
		coalesce((SELECT a.attempts FROM sink_answer AS a
			WHERE a.bucket = j.bucket AND a.recipient_id = j.recipient_id AND a.run_id = j.run_id
			LIMIT 1), 0) + 1,
		j.bucket, j.lane
	FROM judged AS j
	WHERE $10::text = 'flight' AND j.obstacle IS NULL AND j.done IS NULL
	ON CONFLICT DO NOTHING
	RETURNING recipient_id
), counted AS (
	INSERT INTO lane_sent AS old (lane, since, class_id, messages)
	SELECT $1::smallint, quarter_of(j.now), j.class_id, count(*)
	FROM judged AS j
	WHERE (SELECT counts FROM lease) AND j.obstacle IS NULL AND j.done IS NULL
	GROUP BY 2, 3
	ORDER BY 2, 3 -- whoever else changes several of these rows locks them in this order
	ON CONFLICT (lane, since, class_id) DO UPDATE SET messages = old.messages + excluded.messages
), held AS (
	INSERT INTO suppressed (recipient_id, at, run_id, plan_run, bucket, reason, kind, rule)
	SELECT j.recipient_id, j.now, j.run_id, 0, j.bucket, reason.reason, reason.kind, CASE WHEN j.obstacle IN ('breaker', 'sender_barred') THEN j.rule END
	FROM judged AS j JOIN reason ON reason.name = j.obstacle
	WHERE reason.kind = 'held'
	ON CONFLICT (bucket, run_id, recipient_id) DO UPDATE SET (at, plan_run, reason, kind, rule) =
		ROW (excluded.at, excluded.plan_run, excluded.reason, excluded.kind, excluded.rule)
	RETURNING reason
)
SELECT moment.now, moment.stopped, moment.stale,
	(SELECT count(*) FROM locked) AS locked,
	(SELECT count(*) FROM ledger WHERE outcome = 'handed_over') AS handed_over,
	(SELECT count(*) FROM ledger WHERE outcome = 'refused') AS refused,
	(SELECT count(*) FROM ledger WHERE outcome = 'expired') AS expired,
	(SELECT count(*) FROM held) AS held,
	(SELECT count(*) FROM judged) - (SELECT count(*) FROM ledger) - (SELECT count(*) FROM held)
		- (SELECT count(*) FROM flown) AS conflicts,
	(SELECT array_agg(DISTINCT class_id) FROM locked WHERE ($4::int[])[law] IS DISTINCT FROM class_id) AS unknown,
	NOT EXISTS (SELECT FROM lease) AS lost,
	(SELECT min(due_at) FROM locked) AS oldest,
	(SELECT count(*) FROM flown) AS flown
FROM moment
