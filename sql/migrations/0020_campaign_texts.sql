-- Which text people get: a class names its template, the other one of a split and the one for first messages included (F10, R-082, R-083).

-- A class is also told apart by its template and by whether its message is the first of the business to the person.
ALTER TABLE class
	ADD template text NOT NULL DEFAULT '',             -- '' before this migration: the campaign's
	ADD message_order text NOT NULL DEFAULT '' CHECK (message_order IN ('', 'first', 'later')); -- '': it did not matter
DO $$
BEGIN
	EXECUTE (SELECT format('ALTER TABLE class DROP CONSTRAINT %I', conname) FROM pg_constraint
		WHERE conrelid = 'class'::regclass AND contype = 'u');
END $$;
ALTER TABLE class
	ADD UNIQUE (regions, zones, category, channel, rulebook_id, zone_hashes, hashed_from, hashed_until, facts, language, terms_hash, template,
		message_order);

-- Whom a business has written to is read from the key alone; the outcome fills what alignment wasted there.
ALTER TABLE release DROP CONSTRAINT release_pkey;
ALTER TABLE release ADD PRIMARY KEY (bucket, recipient_id, run_id) INCLUDE (outcome);

-- The texts of a campaign besides the first, which campaign_problem() looks at itself.
CREATE FUNCTION other_text_problem(field text, name text, sender text, category category) RETURNS text STABLE PARALLEL SAFE RETURN (
	SELECT CASE
		WHEN NOT EXISTS (SELECT FROM template AS t WHERE t.name = other_text_problem.name)
			THEN format('%s "%s" does not exist', field, other_text_problem.name)
		WHEN NOT EXISTS (SELECT FROM template AS t WHERE t.name = other_text_problem.name AND t.business = s.business)
			THEN format('%s "%s" belongs to another business than sender "%s"', field, other_text_problem.name, s.name)
		WHEN NOT EXISTS (SELECT FROM template AS t WHERE t.name = other_text_problem.name AND t.business = s.business AND t.channel = s.channel)
			THEN format('%s "%s" is for another channel than sender "%s" (%s)', field, other_text_problem.name, s.name, s.channel)
		WHEN NOT EXISTS (SELECT FROM template AS t WHERE t.name = other_text_problem.name AND t.business = s.business AND t.channel = s.channel
			AND t.category = other_text_problem.category)
			THEN format('%s "%s" is not of category %s', field, other_text_problem.name, other_text_problem.category)
		WHEN NOT EXISTS (SELECT FROM template AS t WHERE t.name = other_text_problem.name AND t.business = s.business AND t.channel = s.channel
			AND t.category = other_text_problem.category AND (t.status = 'approved' OR t.free_form))
			THEN format('%s "%s" is not approved', field, other_text_problem.name)
		END
	FROM sender AS s WHERE s.name = other_text_problem.sender AND other_text_problem.name IS NOT NULL
);

-- Stood empty in 0016_campaign_features.sql.
CREATE OR REPLACE FUNCTION campaign_texts_problem(campaign campaign) RETURNS text STABLE PARALLEL SAFE RETURN (
	SELECT CASE
		WHEN campaign.template_b IS NULL AND campaign.split_percent > 0
			THEN format('split_percent is %s and there is no template_b: name one, or set split_percent to 0', campaign.split_percent)
		WHEN campaign.template_b IS NOT NULL AND campaign.split_percent = 0
			THEN format('nobody gets template_b "%s": set split_percent, or leave template_b out', campaign.template_b)
		WHEN campaign.template_b = campaign.template
			THEN format('template and template_b are both "%s": a split compares two templates', campaign.template)
		ELSE coalesce(other_text_problem('template_b', campaign.template_b, campaign.sender, campaign.category),
			other_text_problem('first_template', campaign.first_template, campaign.sender, campaign.category))
		END
);

-- As in 0011_law_functions.sql; a person gets the template that was planned, too.
CREATE OR REPLACE FUNCTION take_outbox(max int DEFAULT 100) RETURNS TABLE (idempotency_key text, phone text, channel channel, sender text,
	sender_address text, campaign text, category category, template text, language text, body text, variables jsonb, handed_at timestamptz,
	not_after timestamptz, recipient_id bigint, run_id int) LANGUAGE plpgsql
SECURITY DEFINER SET search_path = daypart, pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
	moment timestamptz;
	kept_back int[]; -- runs of paused campaigns, and of those whose facts changed since they were planned: their rows stay
BEGIN
	PERFORM refuse(problem_positive('max', take_outbox.max));
	LOOP
		EXIT WHEN (SELECT stopped FROM control);
		moment := session_now();
		kept_back := ARRAY(SELECT run_id FROM campaign_run JOIN campaign USING (campaign_id)
			WHERE status = 'paused' OR last_at > moment AND campaign_digest(campaign) <> campaign_hash);
		RETURN QUERY
		WITH next AS MATERIALIZED (
			SELECT o.bucket, o.recipient_id, o.run_id FROM outbox AS o WHERE o.run_id <> ALL (kept_back)
			LIMIT take_outbox.max FOR UPDATE SKIP LOCKED
		), taken AS (
			DELETE FROM outbox AS o USING next
			WHERE o.bucket = next.bucket AND o.recipient_id = next.recipient_id AND o.run_id = next.run_id
			RETURNING o.*
		), judged AS MATERIALIZED (
			SELECT t.*, run.channel, run.category, run.sender_id, c.name AS campaign, chosen.template,
				chosen.language, p.phone, p.variables, why.name AS why
			FROM taken AS t
				JOIN campaign_run AS run USING (run_id)
				JOIN campaign AS c USING (campaign_id)
				LEFT JOIN recipient AS p USING (bucket, recipient_id)
				LEFT JOIN LATERAL (SELECT true AS found FROM suppression AS s
					WHERE s.bucket = t.bucket AND s.recipient_id = t.recipient_id AND s.business_id IN (0, run.business_id)
						AND s.channel IN ('all', run.channel::text) AND s.category IN ('all', run.category::text)
					LIMIT 1) AS suppression ON true
				LEFT JOIN consent ON consent.bucket = t.bucket AND consent.business_id = run.business_id AND consent.channel = run.channel
					AND consent.category = run.category AND consent.recipient_id = t.recipient_id
				LEFT JOIN release AS r ON r.bucket = t.bucket AND r.recipient_id = t.recipient_id AND r.run_id = t.run_id
				LEFT JOIN class ON class.class_id = r.class_id
				CROSS JOIN LATERAL (SELECT coalesce(nullif(class.template, ''), c.template) AS template) AS planned
				CROSS JOIN LATERAL (SELECT planned.template, CASE
					WHEN class.language <> ''
						THEN (SELECT v.language FROM template AS v WHERE v.name = planned.template AND v.language = class.language)
					ELSE template_language(planned.template, p.language) END AS language) AS chosen
				CROSS JOIN LATERAL (SELECT CASE
					WHEN c.status = 'cancelled' THEN 'campaign_cancelled'
					WHEN suppression.found THEN 'opted_out'
					WHEN consent.state = 'withdrawn' THEN 'no_consent'
					WHEN p.recipient_id IS NULL THEN 'not_a_recipient'
					WHEN t.not_after <= moment THEN 'expired'
					WHEN chosen.language IS NULL THEN 'sender_not_ready'
					WHEN lacks_variable(chosen.template, chosen.language, p.variables) THEN 'variable_missing'
					END AS name) AS why
		), dropped AS (
			INSERT INTO outbox_dropped (recipient_id, dropped_at, run_id, bucket, reason)
			SELECT j.recipient_id, moment, j.run_id, j.bucket, r.reason FROM judged AS j JOIN reason AS r ON r.name = j.why
			ON CONFLICT DO NOTHING
		)
		SELECT format('%s:%s:%s', (SELECT installation_id FROM installation), j.run_id, j.recipient_id), '+' || j.phone, j.channel, s.name,
			s.address, j.campaign, j.category, j.template, j.language, t.body, coalesce(j.variables, '{}'), j.handed_at, j.not_after,
			j.recipient_id, j.run_id
		FROM judged AS j
			JOIN sender AS s USING (sender_id)
			JOIN template AS t ON t.name = j.template AND t.language = j.language
		WHERE j.why IS NULL;
		EXIT WHEN FOUND OR NOT EXISTS (
			SELECT FROM (SELECT FROM outbox WHERE run_id <> ALL (kept_back) LIMIT 1 FOR UPDATE SKIP LOCKED) AS more);
	END LOOP;
END $$;

-- A split as it stands: how many people each text was planned for, and what became of them. Who was refused has no text and is not here.
CREATE VIEW campaign_texts AS
SELECT c.name AS campaign, run.occurrence, n.template,
	CASE n.template WHEN c.first_template THEN 'first_template' WHEN c.template_b THEN 'template_b' WHEN c.template THEN 'template' END AS role,
	coalesce(sum(n.people) FILTER (WHERE n.place = 'planned'), 0)::bigint AS planned,
	coalesce(sum(n.people) FILTER (WHERE n.place = 'in_flight'), 0)::bigint AS in_flight,
	coalesce(sum(n.people) FILTER (WHERE n.place = 'handed_over'), 0)::bigint AS handed_over,
	coalesce(sum(n.people) FILTER (WHERE n.place = 'uncertain'), 0)::bigint AS uncertain,
	coalesce(sum(n.people) FILTER (WHERE n.place = 'refused'), 0)::bigint AS refused,
	coalesce(sum(n.people) FILTER (WHERE n.place = 'expired'), 0)::bigint AS expired,
	coalesce(sum(n.people) FILTER (WHERE n.place = 'failed'), 0)::bigint AS failed
FROM (
	SELECT counted.run_id, coalesce(nullif(class.template, ''), campaign.template) AS template, counted.place, counted.people
	FROM (
		SELECT run_id, class_id, 'planned' AS place, count(*) AS people FROM slot GROUP BY run_id, class_id
		UNION ALL
		SELECT run_id, class_id, 'in_flight', count(*) FROM inflight GROUP BY run_id, class_id
		UNION ALL
		SELECT run_id, class_id, outcome::text, count(*) FROM release GROUP BY run_id, class_id, outcome
	) AS counted
		JOIN class USING (class_id)
		JOIN campaign_run USING (run_id)
		JOIN campaign USING (campaign_id)
) AS n
	JOIN campaign_run AS run USING (run_id)
	JOIN campaign AS c USING (campaign_id)
GROUP BY c.name, run.occurrence, n.template, c.template, c.template_b, c.first_template;

COMMENT ON COLUMN class.template IS 'template of the text that these people get; empty: the campaign''s';
COMMENT ON COLUMN class.message_order IS 'whether the message is the first of the business to these people: first, later, or empty where it does not matter';
COMMENT ON FUNCTION other_text_problem IS 'why template_b or first_template cannot be sent, or nothing';
COMMENT ON VIEW campaign_texts IS 'each template of each campaign run: for how many people it is planned, and what became of it';
COMMENT ON COLUMN campaign_texts.campaign IS 'name of the campaign';
COMMENT ON COLUMN campaign_texts.occurrence IS 'its local date';
COMMENT ON COLUMN campaign_texts.template IS 'name of the template';
COMMENT ON COLUMN campaign_texts.role IS 'template, template_b or first_template of the campaign; empty: it was edited since';
COMMENT ON COLUMN campaign_texts.planned IS 'messages in the queue';
COMMENT ON COLUMN campaign_texts.in_flight IS 'messages whose answer is still open';
COMMENT ON COLUMN campaign_texts.handed_over IS 'messages handed over';
COMMENT ON COLUMN campaign_texts.uncertain IS 'messages of which nobody knows';
COMMENT ON COLUMN campaign_texts.refused IS 'messages that the gate refused';
COMMENT ON COLUMN campaign_texts.expired IS 'messages whose last lawful instant passed';
COMMENT ON COLUMN campaign_texts.failed IS 'messages that the sink could not hand over';

CALL hand_over();
GRANT SELECT ON campaign_texts TO daypart_marketer, daypart_planner, daypart_scheduler, daypart_analyst, daypart_privacy;
GRANT EXECUTE ON FUNCTION other_text_problem TO daypart_marketer, daypart_planner, daypart_scheduler, daypart_analyst, daypart_privacy;
