-- An uncertain message may be sent once more, under the same key, to a receiver that is known to take a key once only: who has it already says so,
-- and who has not takes it. That is a message that may leave now, so everything that take_flight() asks is asked here as well; but it may have left
-- before, so what does not pass stays uncertain, for people, and is never refused or put back into the queue.

-- Uncertain messages of these lanes, which the caller holds, that may be sent again at this moment and were not within the last minute; they are
-- marked. Nothing is tried so close to its last lawful instant as `margin`, nor longer than a day: receivers forget keys.
CREATE FUNCTION repeat_flight(lanes smallint[], max int, margin interval, moment timestamptz DEFAULT NULL) RETURNS TABLE (bucket smallint,
	recipient_id bigint, run_id int, lane smallint, epoch bigint, claim bigint, attempt smallint, not_after timestamptz, idempotency_key text, phone text,
	channel channel, category category, sender text, sender_address text, campaign text, template text, language text, body text, variables jsonb)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = daypart, pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
	at timestamptz := coalesce(repeat_flight.moment, session_now());
	published timestamptz := (SELECT p.published_at FROM plan_head AS h JOIN plan_run AS p USING (plan_run));
BEGIN
	IF (SELECT c.stopped FROM control AS c) THEN
		RETURN;
	END IF;
	RETURN QUERY
	WITH open AS MATERIALIZED (
		SELECT m.* FROM flight_message AS m
		WHERE m.uncertain_at IS NOT NULL AND m.lane = ANY (repeat_flight.lanes) AND m.not_after > at + margin AND m.claimed_at > at - interval '1 day'
			AND (m.asked_at IS NULL OR m.asked_at < at - interval '1 minute')
			AND m.phone IS NOT NULL AND m.body IS NOT NULL AND NOT lacks_variable(m.template, m.language, m.variables)
	), run AS MATERIALIZED (
		SELECT r.run_id
		FROM campaign_run AS r JOIN campaign AS c USING (campaign_id) JOIN sender AS s ON s.sender_id = r.sender_id
			CROSS JOIN LATERAL release_obstacle(c, s, at) AS bar
		WHERE r.run_id IN (SELECT o.run_id FROM open AS o) AND c.status = 'approved' AND bar.reason IS NULL AND campaign_digest(c) = r.campaign_hash
	), next AS (
		SELECT o.*
		FROM open AS o
			JOIN run USING (run_id)
			LEFT JOIN LATERAL (SELECT true AS found FROM suppression AS s
				WHERE s.bucket = o.bucket AND s.recipient_id = o.recipient_id AND s.business_id IN (0, o.business_id)
					AND s.channel IN ('all', o.channel::text) AND s.category IN ('all', o.category::text)
				LIMIT 1) AS suppression ON true
			LEFT JOIN LATERAL (SELECT k.state FROM consent AS k
				WHERE k.bucket = o.bucket AND k.business_id = o.business_id AND k.channel = o.channel AND k.category = o.category
					AND k.recipient_id = o.recipient_id
				LIMIT 1) AS consent ON true
			LEFT JOIN LATERAL (SELECT true AS found FROM permission_change AS k
				WHERE k.bucket = o.bucket AND k.recipient_id = o.recipient_id LIMIT 1) AS changed ON true
		WHERE suppression.found IS NULL AND consent.state IS DISTINCT FROM 'withdrawn' AND changed.found IS NULL
			AND (published IS NULL OR o.claimed_at >= published)
		ORDER BY o.uncertain_at LIMIT repeat_flight.max
	), marked AS (
		UPDATE inflight AS i SET asked_at = at FROM next AS n
		WHERE i.bucket = n.bucket AND i.recipient_id = n.recipient_id AND i.run_id = n.run_id AND i.uncertain_at IS NOT NULL
		RETURNING i.bucket, i.recipient_id, i.run_id
	)
	SELECT n.bucket, n.recipient_id, n.run_id, n.lane, n.epoch, n.claim, n.attempt, n.not_after, n.idempotency_key, '+' || n.phone, n.channel,
		n.category, n.sender, n.sender_address, n.campaign, n.template, n.language, n.body, text_values(n.variables)
	FROM marked AS m JOIN next AS n USING (bucket, recipient_id, run_id);
END $$;

COMMENT ON FUNCTION repeat_flight IS 'uncertain messages that may be sent once more under the same key';

CALL hand_over();
GRANT EXECUTE ON FUNCTION repeat_flight TO daypart_scheduler;
