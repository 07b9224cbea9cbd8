-- A claim asks whether each campaign is what it was planned as: a digest of some dozen rows, which cost more than everything else that a small claim
-- does. Rows that have not changed since the session computed the digest have the same digest, so the claim looks only whether they have changed.

-- Where a campaign stands at an instant: whether it is what `hash` was computed from by campaign_digest(), and what keeps everything of it back
-- (release_obstacle()), if anything. Both as the calling statement's snapshot has it, however often it was asked before.
--
-- xmin and ctid tell which version of a row a snapshot shows. `versions` are those of every row that campaign_digest() reads, and of some more; a row
-- more or less changes it as well. The session remembers for which versions the digest was `hash`: for the same versions it is so again. It
-- remembers in settings of its own, one for many campaigns, so that their number is bounded; who finds another campaign's there looks again.
-- Whoever makes campaign_digest() or release_obstacle() read another table adds it here; a test compares them.
CREATE FUNCTION campaign_standing(campaign campaign, sender sender, hash bytea, at timestamptz, OUT as_planned boolean, OUT reason text, OUT rule text)
LANGUAGE plpgsql STABLE SET search_path = daypart, pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
	memory constant text := 'daypart.campaign_' || campaign.campaign_id % 1024;
	line text; -- the campaign's sender
	line_id int;
	shared text; -- its portfolio
	house text; -- its business
	house_id int;
	agent text; -- who sends for it
	versions text;
	others text;
	stops text; -- what has tripped or barred one of them, perhaps long ago
BEGIN
	SELECT s.name, s.sender_id, s.portfolio, h.name, h.business_id, a.name,
		concat_ws(' ', c.campaign_id, campaign_standing.hash, c.xmin, c.ctid, s.xmin, s.ctid, h.xmin, h.ctid, a.xmin, a.ctid)
	INTO line, line_id, shared, house, house_id, agent, versions
	FROM campaign AS c
		LEFT JOIN sender AS s ON s.name = c.sender
		LEFT JOIN business AS h ON h.name = s.business
		LEFT JOIN business AS a ON a.name = h.provider
	WHERE c.campaign_id = campaign_standing.campaign.campaign_id;
	SELECT string_agg(f.kind || f.xmin || f.ctid, ' '), string_agg(f.kind, '') FILTER (WHERE f.kind = 'stop')
	INTO others, stops
	FROM (
		SELECT 't' AS kind, t.xmin, t.ctid FROM template AS t
			WHERE t.name IN (campaign_standing.campaign.template, campaign_standing.campaign.template_b, campaign_standing.campaign.first_template)
		UNION ALL SELECT 'l', l.xmin, l.ctid FROM sender_limit AS l WHERE l.sender = line
		UNION ALL SELECT 's', o.xmin, o.ctid FROM sender AS o WHERE shared IS NOT NULL AND o.portfolio = shared
		UNION ALL SELECT f.kind, f.xmin, f.ctid
			FROM unnest('{business,business,sender,template,template,template,campaign}'::subject[],
					ARRAY[house, agent, line, campaign_standing.campaign.template, campaign_standing.campaign.template_b,
						campaign_standing.campaign.first_template, campaign_standing.campaign.name]) AS about (subject, name)
				CROSS JOIN LATERAL (
					SELECT 'a' AS kind, f.xmin, f.ctid FROM attestation AS f WHERE f.subject = about.subject AND f.name = about.name
					UNION ALL
					SELECT 'p', f.xmin, f.ctid FROM approval AS f WHERE f.subject = about.subject AND f.name = about.name) AS f
		UNION ALL SELECT 'w', w.xmin, w.ctid FROM waiver AS w WHERE w.business = house
		UNION ALL SELECT f.kind, f.xmin, f.ctid
			FROM audience AS list
				CROSS JOIN LATERAL (
					SELECT 'd' AS kind, f.xmin, f.ctid FROM segment_definition AS f WHERE f.audience_id = list.audience_id
					UNION ALL
					SELECT 'r', f.xmin, f.ctid FROM segment_refresh AS f WHERE f.audience_id = list.audience_id) AS f
			WHERE list.name = ANY (campaign_standing.campaign.audience || campaign_standing.campaign.also_audiences
				|| campaign_standing.campaign.except_audiences)
		UNION ALL SELECT 'stop', b.xmin, b.ctid FROM breaker AS b
			WHERE b.subject_id IN (campaign_standing.campaign.campaign_id, campaign_standing.sender.sender_id, line_id, house_id)
				OR b.template IN (campaign_standing.campaign.template, campaign_standing.campaign.template_b, campaign_standing.campaign.first_template)
		UNION ALL SELECT 'stop', x.xmin, x.ctid FROM sender_state AS x
			WHERE x.sender IN (campaign_standing.sender.name, line) OR x.state = 'terminated') AS f;
	IF stops IS NOT NULL THEN
		SELECT o.reason, o.rule INTO reason, rule FROM release_obstacle(campaign, sender, at) AS o;
	END IF;
	versions := concat_ws(' ', versions, others);
	as_planned := current_setting(memory, true) IS NOT DISTINCT FROM versions;
	IF NOT as_planned THEN
		as_planned := campaign_digest(campaign) = hash;
		PERFORM set_config(memory, versions, false) WHERE as_planned;
	END IF;
END $$;

COMMENT ON FUNCTION campaign_standing IS 'whether a campaign is what it was planned as, and what keeps everything of it back';

CALL hand_over();
GRANT EXECUTE ON FUNCTION campaign_standing TO daypart_marketer, daypart_planner, daypart_scheduler, daypart_analyst, daypart_privacy;
