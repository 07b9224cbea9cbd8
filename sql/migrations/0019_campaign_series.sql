-- Campaigns that recur, campaigns for several audiences and all but some, and tests of a campaign on a seed list.

-- Audiences -------------------------------------------------------------------------------------------------------------------------------

-- The numbers of audiences by their names, in order; of an unknown name none.
CREATE FUNCTION audience_ids(names text[]) RETURNS int[] STABLE PARALLEL SAFE
	RETURN ARRAY(SELECT a.audience_id FROM audience AS a WHERE a.name = ANY (names) ORDER BY a.audience_id);

-- What is wrong with one of the lists: a name that is no audience, or one of another business.
CREATE FUNCTION problem_audiences(field text, names text[], sender text) RETURNS problem STABLE PARALLEL SAFE RETURN (
	SELECT CASE
		WHEN a.name IS NULL THEN problem_with(field, n.name, 'names no audience', 'create the audience first, or correct the name')
		ELSE problem_with(field, n.name, format('belongs to "%s", sender "%s" to "%s"', a.business, s.name, s.business),
			'name audiences of the sender''s business') END
	FROM unnest(names) WITH ORDINALITY AS n (name, place) LEFT JOIN audience AS a ON a.name = n.name, sender AS s
	WHERE s.name = problem_audiences.sender AND a.business IS DISTINCT FROM s.business
	ORDER BY n.place LIMIT 1);

-- As in 0016_campaign_features.sql, where it said nothing.
CREATE OR REPLACE FUNCTION campaign_audience_problem(campaign campaign) RETURNS text STABLE PARALLEL SAFE RETURN (
	SELECT (p).message || ': ' || (p).hint
	FROM (VALUES (1, problem_audiences('also_audiences', campaign.also_audiences, campaign.sender)),
			(2, problem_audiences('except_audiences', campaign.except_audiences, campaign.sender)),
			(3, (SELECT problem_with('except_audiences', n, 'is an audience of the campaign as well', 'leave it out of one of the two')
				FROM unnest(campaign.except_audiences) AS n WHERE n = ANY (campaign.audience || campaign.also_audiences) LIMIT 1))) AS f (place, p)
	WHERE (p).message IS NOT NULL ORDER BY place LIMIT 1);

-- Everybody in the audiences of a campaign once, and whether an excepted audience leaves the person out. Of one audience it is a scan without a sort.
CREATE FUNCTION campaign_people(campaign campaign) RETURNS TABLE (bucket smallint, recipient_id bigint, excepted boolean) LANGUAGE plpgsql
STABLE PARALLEL SAFE SET search_path = daypart, pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
	wanted int[] := audience_ids(campaign.audience || campaign.also_audiences);
	unwanted int[] := audience_ids(campaign.except_audiences);
BEGIN
	IF cardinality(wanted) = 1 AND unwanted = '{}' THEN
		RETURN QUERY SELECT m.bucket, m.recipient_id, false FROM audience_member AS m WHERE m.audience_id = wanted[1];
	ELSE
		RETURN QUERY SELECT m.bucket, m.recipient_id, bool_or(m.audience_id = ANY (unwanted))
		FROM audience_member AS m WHERE m.audience_id = ANY (wanted || unwanted)
		GROUP BY m.bucket, m.recipient_id HAVING bool_or(m.audience_id = ANY (wanted));
	END IF;
END $$;

-- Whom an approval of a campaign is about (F1): how many, and who, by exclusive or. Excepted people are not reached.
CREATE FUNCTION campaign_reach(campaign campaign, OUT people bigint, OUT digest bigint) LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = daypart, pg_catalog, pg_temp AS $$
DECLARE
	wanted int[] := audience_ids(campaign.audience || campaign.also_audiences);
BEGIN
	IF cardinality(wanted) = 1 AND campaign.except_audiences = '{}' THEN
		SELECT count(*), coalesce(bit_xor(m.recipient_id), 0) INTO people, digest FROM audience_member AS m WHERE m.audience_id = wanted[1];
	ELSE
		SELECT count(*), coalesce(bit_xor(m.recipient_id), 0) INTO people, digest FROM campaign_people(campaign) AS m WHERE NOT m.excepted;
	END IF;
END $$;

-- As in 0011_law_functions.sql, over all audiences of the campaign.
CREATE OR REPLACE FUNCTION write_approval(subject subject, name text, note text) RETURNS void LANGUAGE plpgsql
SET search_path = daypart, pg_catalog, pg_temp AS $$
BEGIN
	INSERT INTO approval (subject, name, digest, rulebook_id, audience_people, audience_digest, note)
	SELECT write_approval.subject, write_approval.name, subject_digest(write_approval.subject, write_approval.name),
		(SELECT h.rulebook_id FROM rulebook_head AS h), reached.people, reached.digest, write_approval.note
	FROM (SELECT 1) AS one
		LEFT JOIN LATERAL (
			SELECT r.people, r.digest FROM campaign AS c CROSS JOIN LATERAL campaign_reach(c) AS r
			WHERE c.name = write_approval.name) AS reached ON write_approval.subject = 'campaign';
END $$;

-- As in 0014_audience_places.sql, over all audiences of the campaign and without those whom it leaves out.
CREATE OR REPLACE FUNCTION audience_places(campaign text) RETURNS TABLE (prefix bigint, region text, timezone text, people bigint) LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = daypart, pg_catalog, pg_temp BEGIN ATOMIC
	SELECT left(p.phone::text, least(9, length(p.phone::text) - 2))::bigint, p.region, p.timezone, count(*)
	FROM campaign AS c CROSS JOIN LATERAL campaign_people(c) AS m LEFT JOIN recipient AS p USING (bucket, recipient_id)
	WHERE c.name = audience_places.campaign AND NOT m.excepted
	GROUP BY 1, 2, 3;
END;

-- As in 0004_views.sql, over all audiences of the campaign, whom it leaves out among the suppressed. Members of each audience are counted once for
-- all campaigns that have that one only.
CREATE OR REPLACE VIEW campaign_summary AS
SELECT c.name AS campaign, c.status, run.occurrence, c.sender, coalesce(c.people, 0) AS audience,
	coalesce(n.planned, 0) AS planned,
	coalesce(n.in_flight, 0) AS in_flight,
	coalesce(n.handed_over, 0) AS handed_over,
	coalesce(n.uncertain, 0) AS uncertain,
	coalesce(n.refused, 0) AS refused,
	coalesce(n.expired, 0) AS expired,
	coalesce(n.failed, 0) AS failed,
	coalesce(n.suppressed, 0) AS suppressed,
	coalesce(n.held, 0) AS held,
	coalesce(c.people, 0) - coalesce(n.people, 0) AS not_yet_planned, n.first_due, n.last_due
FROM (
		SELECT k.campaign_id, k.name, k.status, k.sender, CASE WHEN k.also_audiences = '{}' THEN a.people
			ELSE (SELECT count(*) FROM campaign_people(k)) END AS people
		FROM campaign AS k
			LEFT JOIN (SELECT audience.name, count(*) AS people
				FROM audience_member JOIN audience USING (audience_id) GROUP BY audience.name) AS a ON a.name = k.audience
		OFFSET 0) AS c
	LEFT JOIN campaign_run AS run USING (campaign_id)
	LEFT JOIN (
		SELECT run_id, sum(people)::bigint AS people, min(first_due) AS first_due, max(last_due) AS last_due,
			(sum(people) FILTER (WHERE place = 'planned'))::bigint AS planned,
			(sum(people) FILTER (WHERE place = 'in_flight'))::bigint AS in_flight,
			(sum(people) FILTER (WHERE place = 'handed_over'))::bigint AS handed_over,
			(sum(people) FILTER (WHERE place = 'uncertain'))::bigint AS uncertain,
			(sum(people) FILTER (WHERE place = 'refused'))::bigint AS refused,
			(sum(people) FILTER (WHERE place = 'expired'))::bigint AS expired,
			(sum(people) FILTER (WHERE place = 'failed'))::bigint AS failed,
			(sum(people) FILTER (WHERE place = 'suppressed'))::bigint AS suppressed,
			(sum(people) FILTER (WHERE place = 'held'))::bigint AS held
		FROM (
			SELECT run_id, 'planned' AS place, count(*) AS people, min(due_at) AS first_due, max(due_at) AS last_due
			FROM slot GROUP BY run_id
			UNION ALL
			SELECT run_id, 'in_flight', count(*), NULL, NULL FROM inflight GROUP BY run_id
			UNION ALL
			SELECT run_id, outcome::text, count(*), NULL, NULL FROM release GROUP BY run_id, outcome
			UNION ALL
			SELECT run_id, kind::text, count(*), NULL, NULL FROM suppressed GROUP BY run_id, kind
		) AS counted
		GROUP BY run_id
	) AS n USING (run_id);

COMMENT ON FUNCTION audience_ids IS 'the numbers of audiences by their names';
COMMENT ON FUNCTION problem_audiences IS 'what is wrong with a campaign''s list of audiences';
COMMENT ON FUNCTION campaign_people IS 'everybody in the audiences of a campaign once, and who is left out';
COMMENT ON FUNCTION campaign_reach IS 'whom a campaign reaches: how many, and a digest of who';

CALL hand_over();
GRANT EXECUTE ON FUNCTION audience_ids, problem_audiences, campaign_reach, campaign_people
	TO daypart_marketer, daypart_planner, daypart_scheduler, daypart_analyst, daypart_privacy;
