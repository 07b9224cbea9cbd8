-- A synthetic audience with hashed ids: :recipients people, 48 % US, 22 % Brazil, 13 % India, 17 % EU, in 18 zones; 5 % without consent, 3 %
-- opted out, three messages each in the last 90 days (outside_send), so that some 15 % meet a cap. psql variables: recipients, now.
SET search_path = daypart, pg_catalog;
SELECT setseed(0.42) \g /dev/null
\ir ../support/lawful.sql
INSERT INTO business (name, country) VALUES ('Acme', 'US');
INSERT INTO sender (name, business, channel, address, throughput_per_s)
	VALUES ('acme', 'Acme', 'whatsapp', '+14155550100', 100);
INSERT INTO template (name, language, business, channel, category, body, status)
	SELECT 'sale', language, 'Acme', 'whatsapp', 'marketing', fixture.text('Acme', language), 'approved'
	FROM unnest('{en,pt-BR}'::text[]) AS language;
SELECT fixture.lawful();
INSERT INTO audience (name, business) VALUES ('everybody', 'Acme');
INSERT INTO campaign (name, sender, template, audience, starts_at, ends_at)
	VALUES ('bench', 'acme', 'sale', 'everybody', '2026-11-20T15:00:00Z', '2026-11-27T15:00:00Z');

CREATE TEMP TABLE place (share numrange, region text, timezone text, prefix bigint);
INSERT INTO place
SELECT numrange(sum(weight) OVER w - weight, sum(weight) OVER w), region, timezone, prefix
FROM (VALUES (14, 'US', 'America/New_York', 12120000000), (10, 'US', 'America/Chicago', 13120000000), (4, 'US', 'America/Denver', 13030000000),
	(12, 'US', 'America/Los_Angeles', 14150000000), (4, 'US', 'America/Phoenix', 16020000000), (4, 'US', 'America/New_York', 16170000000),
	(16, 'BR', 'America/Sao_Paulo', 5511900000000), (3, 'BR', 'America/Bahia', 5571900000000), (2, 'BR', 'America/Manaus', 5592900000000),
	(1, 'BR', 'America/Fortaleza', 5585900000000), (13, 'IN', 'Asia/Kolkata', 919800000000), (5, 'DE', 'Europe/Berlin', 491510000000),
	(4, 'FR', 'Europe/Paris', 336100000000), (4, 'IT', 'Europe/Rome', 393200000000), (2, 'PL', 'Europe/Warsaw', 485000000000),
	(1, 'IE', 'Europe/Dublin', 353850000000), (1, 'GR', 'Europe/Athens', 306900000000))
	AS p (weight, region, timezone, prefix)
WINDOW w AS (ROWS UNBOUNDED PRECEDING);

CREATE TEMP TABLE person AS
WITH number AS MATERIALIZED (SELECT n, random() * 100 AS share, random() AS luck FROM generate_series(1, :recipients) AS n)
SELECT n, luck, phone, region, timezone, id AS recipient_id, bucket_of(id) AS bucket
FROM (
	SELECT n, luck, prefix + n AS phone, region, timezone, keyed_hash(inner_pad, outer_pad, prefix + n) AS id
	FROM number JOIN place ON number.share::numeric <@ place.share CROSS JOIN secret_key) AS hashed;
INSERT INTO recipient (recipient_id, phone, added_at, bucket, region, timezone)
SELECT recipient_id, phone, timestamptz :'now' - interval '200 days', bucket, region, timezone FROM person;
INSERT INTO audience_member (recipient_id, audience_id, bucket) SELECT recipient_id, audience_id, bucket FROM person, audience;
INSERT INTO consent (recipient_id, given_at, business_id, evidence, channel, category, state, bucket)
SELECT recipient_id, timestamptz :'now' - interval '100 days', business_id, (SELECT sum(1 << bit) FROM evidence_bit), 'whatsapp', 'marketing', 'granted', bucket
FROM person, business WHERE luck >= 0.05;
INSERT INTO suppression (recipient_id, at, business_id, bucket, channel, category, source)
SELECT recipient_id, timestamptz :'now' - interval '10 days', 0, bucket, 'all', 'all', 'bench' FROM person WHERE luck BETWEEN 0.50 AND 0.53;
INSERT INTO outside_send (recipient_id, sent_at, business_id, channel, category, bucket, reference)
SELECT recipient_id, timestamptz :'now' - power(random(), 1.6) * interval '90 days', business_id, 'whatsapp', 'marketing', bucket, n || '-' || k
FROM person, business, generate_series(1, 3) AS k;
VACUUM ANALYZE;
SELECT fixture.approve_campaign('bench');
