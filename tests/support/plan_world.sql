-- The world of plan_world.h: two businesses, their senders, templates and audiences, and functions that say in one line what a test needs.
-- Nobody is in it and no campaign. All of it is lawful (lawful.sql). A person's name is kept as the recipient's source.
SET search_path = daypart, pg_catalog;
INSERT INTO business (name, country) VALUES ('acme', 'US'), ('bora', 'BR');
INSERT INTO sender (name, business, channel, address, throughput_per_s) VALUES ('acme', 'acme', 'whatsapp', '+14155550100', 1000),
	('acme-two', 'acme', 'whatsapp', '+14155550199', 1000), ('acme-sms', 'acme', 'sms', '24365', 1000),
	('bora', 'bora', 'whatsapp', '+5511987650000', 1000);
INSERT INTO template (name, language, business, channel, category, body, status)
SELECT DISTINCT format('%s %s', business, channel), language, business, channel, 'marketing'::category, fixture.text(business, language),
	'approved'::template_status
FROM sender, unnest('{en,pt-BR}'::text[]) AS language;
INSERT INTO audience (name, business) VALUES ('acme', 'acme'), ('bora', 'bora'), ('some', 'acme');
SELECT fixture.lawful();

-- A recipient with every kind of evidence for every sender, in the audiences acme and bora.
CREATE FUNCTION fixture.person(name text, phone text, region text DEFAULT NULL, timezone text DEFAULT NULL) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	PERFORM add_recipient(phone, region, timezone, source => name);
	PERFORM record_consent(phone, s.business, s.channel::text, given_at => '2026-01-05T10:00Z', confirmed_at => '2026-01-05T10:02Z',
			supplied_by_person => true, method => 'form', wording => 'I agree', ip => '192.0.2.1', signature => '/x/', tax_id => '000',
			source => 'form')
	FROM (SELECT DISTINCT business, channel FROM sender) AS s;
	PERFORM add_member('acme', phone), add_member('bora', phone);
END $$;

-- That many people of New York: n1, n2, ...
CREATE FUNCTION fixture.people(count int) RETURNS void LANGUAGE sql AS $$
	SELECT fixture.person('n' || n, '+1212' || 5550000 + n, 'US-NY') FROM generate_series(1, count) AS n
$$;

CREATE FUNCTION fixture.phone_of(name text) RETURNS text LANGUAGE sql STABLE AS $$
	SELECT '+' || phone FROM recipient WHERE source = name
$$;

-- An approved campaign to the audience of the sender's business, unless told otherwise.
CREATE FUNCTION fixture.campaign(name text, starts_at text, ends_at text, sender text DEFAULT 'acme', audience text DEFAULT NULL,
	priority int DEFAULT 100, pacing text DEFAULT 'asap') RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO campaign (name, sender, template, audience, starts_at, ends_at, priority, pacing)
	SELECT campaign.name, s.name, format('%s %s', s.business, s.channel), coalesce(campaign.audience, s.business), campaign.starts_at,
		campaign.ends_at, campaign.priority, campaign.pacing::pacing
	FROM sender AS s WHERE s.name = campaign.sender;
	PERFORM fixture.approve_campaign(name);
END $$;

-- Messages of other systems to a person.
CREATE FUNCTION fixture.sent(name text, times timestamptz[], business text DEFAULT 'acme') RETURNS void LANGUAGE sql AS $$
	SELECT record_send(fixture.phone_of(name), business, 'whatsapp', 'marketing', at) FROM unnest(times) AS at
$$;

-- What the daemon makes of a slot.
CREATE FUNCTION fixture.release(name text, campaign text, at timestamptz, outcome outcome DEFAULT 'handed_over') RETURNS void LANGUAGE sql AS $$
	WITH gone AS (
		DELETE FROM slot AS s USING campaign_run AS run, campaign AS c, recipient AS p
		WHERE run.run_id = s.run_id AND c.campaign_id = run.campaign_id AND c.name = release.campaign
			AND p.bucket = s.bucket AND p.recipient_id = s.recipient_id AND p.source = release.name
		RETURNING s.*)
	INSERT INTO release (recipient_id, due_at, released_at, run_id, class_id, plan_run, bucket, reason, outcome)
	SELECT recipient_id, due_at, at, run_id, class_id, plan_run, bucket,
		(SELECT reason FROM reason AS r WHERE r.name = 'not_releasable' AND release.outcome IN ('refused', 'expired')), release.outcome
	FROM gone
$$;

-- What became of everybody: "11-23 13:00:00 - 11-24 02:00:00" (UTC) for a slot, else the outcome or the reason.
CREATE VIEW fixture.outcome AS
SELECT c.name AS campaign, coalesce(p.source, '?') AS person, fate.text AS outcome, occurrence
FROM (
	SELECT run_id, bucket, recipient_id,
		to_char(due_at AT TIME ZONE 'UTC', 'MM-DD HH24:MI:SS') || ' - ' || to_char(not_after AT TIME ZONE 'UTC', 'MM-DD HH24:MI:SS') AS text
	FROM slot
	UNION ALL
	SELECT run_id, bucket, recipient_id, outcome::text FROM release
	UNION ALL
	SELECT run_id, bucket, recipient_id, name FROM suppressed JOIN reason USING (reason)) AS fate
	JOIN campaign_run USING (run_id)
	JOIN campaign AS c USING (campaign_id)
	LEFT JOIN recipient AS p USING (bucket, recipient_id);

-- Everything that planning could write, in one line per table.
CREATE FUNCTION fixture.everything() RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(format('%s %s', relname, query_to_xml(format('SELECT count(*), sum(hashtext(t::text)::bigint) FROM %s AS t', oid::regclass), true, false, '')),
		E'\n' ORDER BY relname)
	FROM pg_class WHERE relnamespace = 'daypart'::regnamespace AND relkind IN ('r', 'p')
$$;
