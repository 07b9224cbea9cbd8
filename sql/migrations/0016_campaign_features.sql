-- What campaigns can ask for besides an audience and a template: several audiences, a second text, a text for the first message to a person, a
-- local hour; daily limits of a sender that change by date; the hour that a person prefers.

ALTER TYPE pacing ADD VALUE 'at';

ALTER TABLE campaign
	ADD also_audiences text[] NOT NULL DEFAULT '{}',   -- names; whoever is in several gets one message
	ADD except_audiences text[] NOT NULL DEFAULT '{}', -- names; whoever is in one of them gets none
	ADD template_b text,                               -- the other text of a split
	ADD split_percent smallint NOT NULL DEFAULT 0 CHECK (check_percent('split_percent', split_percent)), -- of the people, who get template_b
	ADD first_template text,                           -- for people whom the business never sent anything (R-082, R-083)
	ADD send_at time CHECK (check_minute('send_at', send_at)), -- local, with pacing at
	ADD test_of text;                                  -- name of the campaign that this one tries out on a seed list

-- A warm-up curve or tiers: each row counts from its day on, until the next one's.
CREATE TABLE sender_limit (
	sender text NOT NULL REFERENCES sender ON UPDATE CASCADE,
	valid_from date NOT NULL,
	daily_limit int CHECK (check_daily_limit(daily_limit)), -- NULL: none
	PRIMARY KEY (sender, valid_from)
);

-- What the planner reads of everybody lies in the key: a NULL costs nothing there.
ALTER TABLE recipient ADD preferred_hour smallint CHECK (preferred_hour BETWEEN 0 AND 23);
ALTER TABLE recipient DROP CONSTRAINT recipient_pkey;
ALTER TABLE recipient ADD PRIMARY KEY (bucket, recipient_id) INCLUDE (phone, region, timezone, language, preferred_hour);

CREATE OR REPLACE FUNCTION campaign_text(campaign campaign) RETURNS text STABLE PARALLEL SAFE
	RETURN jsonb_build_array('campaign', campaign.sender, campaign.template, campaign.audience, campaign.category, campaign.starts_at,
		campaign.ends_at, campaign.local_from, campaign.local_to, campaign.rrule, campaign.pacing, campaign.catch_up, campaign.holdout_percent,
		campaign.offer_terms, campaign.offer_expires_on, campaign.tags, campaign.also_audiences, campaign.except_audiences, campaign.template_b,
		campaign.split_percent, campaign.first_template, campaign.send_at, campaign.test_of)::text;

-- What of a campaign cannot be planned besides what campaign_problem() itself looks at: its series, its audiences, its texts, audiences by a query.
CREATE FUNCTION campaign_series_problem(campaign campaign) RETURNS text STABLE PARALLEL SAFE RETURN NULL::text;
CREATE FUNCTION campaign_audience_problem(campaign campaign) RETURNS text STABLE PARALLEL SAFE RETURN NULL::text;
CREATE FUNCTION campaign_texts_problem(campaign campaign) RETURNS text STABLE PARALLEL SAFE RETURN NULL::text;
CREATE FUNCTION campaign_segments_problem(campaign campaign) RETURNS text STABLE PARALLEL SAFE RETURN NULL::text;

-- As in 0011_law_functions.sql, over all texts of the campaign and the dated limits of its sender.
CREATE OR REPLACE FUNCTION campaign_digest(campaign campaign) RETURNS bytea LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = daypart, pg_catalog, pg_temp AS $$
DECLARE
	line sender;
	house business;
	agent business; -- who sends for it
	subjects subject[] := '{business,business,sender,template,template,template,campaign}';
	names text[];
	texts text[];
BEGIN
	SELECT * INTO line FROM sender AS s WHERE s.name = campaign.sender;
	SELECT * INTO house FROM business AS b WHERE b.name = line.business;
	SELECT * INTO agent FROM business AS b WHERE b.name = house.provider;
	names := ARRAY[house.name, agent.name, line.name, campaign.template, campaign.template_b, campaign.first_template, campaign.name];
	texts := ARRAY[campaign_text(campaign), campaign.created_by,
		jsonb_build_array(line.business, line.channel, line.address, line.country, line.registered_on, line.trust_level, line.daily_limit,
			line.portfolio, line.identifier, line.transport, line.escalation, line.receives_replies, line.granted_daily_limit, line.granted_on,
			line.portfolio_limit, line.created_by,
			(SELECT min(o.portfolio_limit) FROM sender AS o WHERE o.portfolio = line.portfolio AND o.business = line.business))::text,
		jsonb_build_array(house.legal_name, house.country, house.privacy_policy_url, house.privacy_policy_version, house.support_email,
			house.support_phone, house.website, house.provider, house.created_by)::text,
		jsonb_build_array(agent.legal_name, agent.country, agent.privacy_policy_url, agent.privacy_policy_version, agent.support_email,
			agent.support_phone, agent.website, agent.created_by)::text,
		(SELECT string_agg(jsonb_build_array(t.language, t.business, t.channel, t.category, t.body, t.variables, t.status, t.approved_on,
				t.free_form, t.tags, t.submitted_on, t.verified_on, t.created_by)::text, E'\n' ORDER BY t.name COLLATE "C", t.language COLLATE "C")
			FROM template AS t WHERE t.name IN (campaign.template, campaign.template_b, campaign.first_template)),
		(SELECT string_agg(concat_ws(' ', l.valid_from - date '2000-01-01', l.daily_limit), E'\n' ORDER BY l.valid_from)
			FROM sender_limit AS l WHERE l.sender = line.name),
		(SELECT string_agg(concat_ws(' ', s.place, a.item, a.given_on - date '2000-01-01', a.valid_until - date '2000-01-01'), E'\n'
				ORDER BY s.place, a.item COLLATE "C", a.given_on)
			FROM unnest(subjects, names) WITH ORDINALITY AS s (subject, name, place)
				CROSS JOIN LATERAL (SELECT * FROM attestation AS a WHERE a.subject = s.subject AND a.name = s.name OFFSET 0) AS a),
		(SELECT string_agg(DISTINCT concat_ws(' ', s.place, encode(a.digest, 'hex'), a.approved_by) COLLATE "C", E'\n')
			FROM unnest(subjects, names) WITH ORDINALITY AS s (subject, name, place)
				CROSS JOIN LATERAL (SELECT * FROM approval AS a WHERE a.subject = s.subject AND a.name = s.name OFFSET 0) AS a),
		(SELECT string_agg(concat_ws(' ', w.rule, w.expires_on - date '2000-01-01'), E'\n' ORDER BY w.rule COLLATE "C", w.expires_on)
			FROM waiver AS w WHERE w.business = house.name)];
	RETURN sha256(convert_to(array_to_string(texts, E'\n--\n', '-'), 'UTF8'));
END $$;

-- As in 0011_law_functions.sql, and what the four functions above say.
CREATE OR REPLACE FUNCTION campaign_problem(campaign campaign) RETURNS text STABLE PARALLEL SAFE RETURN (
	SELECT CASE
		WHEN campaign.category = 'opt_out_confirmation' THEN 'no campaign sends opt_out_confirmation: an opt-out is confirmed by itself'
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
			AND t.category = campaign.category AND (t.status = 'approved' OR t.free_form))
			THEN format('template "%s" is not approved', campaign.template)
		WHEN EXISTS (SELECT FROM campaign_run AS run
			WHERE run.campaign_id = campaign.campaign_id AND (run.sender_id, run.category, run.channel) <> (s.sender_id, campaign.category, s.channel)
				AND EXISTS (SELECT FROM release WHERE release.run_id = run.run_id))
			THEN 'it has sent messages from another sender or in another category: submit what is left as a new campaign'
		ELSE coalesce(campaign_series_problem(campaign), campaign_audience_problem(campaign), campaign_texts_problem(campaign),
			campaign_segments_problem(campaign))
		END
	FROM sender s, audience a WHERE s.name = campaign.sender AND a.name = campaign.audience
);

COMMENT ON COLUMN campaign.also_audiences IS 'names of more audiences; whoever is in several gets one message';
COMMENT ON COLUMN campaign.except_audiences IS 'names of audiences whose people get no message';
COMMENT ON COLUMN campaign.template_b IS 'the other template of a split test';
COMMENT ON COLUMN campaign.split_percent IS 'how many of a hundred people get template_b';
COMMENT ON COLUMN campaign.first_template IS 'template for people whom the business never sent anything';
COMMENT ON COLUMN campaign.send_at IS 'local time of the recipient, with pacing at';
COMMENT ON COLUMN campaign.test_of IS 'name of the campaign that this one tries out on a seed list';
COMMENT ON TABLE sender_limit IS 'daily limits of a sender that change by date, such as a warm-up curve';
COMMENT ON COLUMN sender_limit.sender IS 'name of the sender';
COMMENT ON COLUMN sender_limit.valid_from IS 'first day on which the limit counts, until the next row''s';
COMMENT ON COLUMN sender_limit.daily_limit IS 'most messages in any 24 hours; empty: no limit';
COMMENT ON COLUMN recipient.preferred_hour IS 'local hour in which the person likes to be written to, 0 to 23';

CALL hand_over();
GRANT SELECT ON sender_limit TO daypart_marketer, daypart_planner, daypart_scheduler, daypart_analyst, daypart_privacy;
GRANT INSERT, UPDATE, DELETE ON sender_limit TO daypart_marketer;
GRANT INSERT (also_audiences, except_audiences, template_b, split_percent, first_template, send_at),
	UPDATE (also_audiences, except_audiences, template_b, split_percent, first_template, send_at) ON campaign TO daypart_marketer;
GRANT SELECT (preferred_hour) ON recipient TO daypart_marketer, daypart_scheduler, daypart_analyst;
GRANT EXECUTE ON FUNCTION campaign_series_problem, campaign_audience_problem, campaign_texts_problem, campaign_segments_problem
	TO daypart_marketer, daypart_planner, daypart_scheduler, daypart_analyst, daypart_privacy;
