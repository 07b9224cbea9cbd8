-- The best plan that SQL alone makes of the same facts: one pass over merge-joined primary keys, legal windows by AT TIME ZONE, the cap as an
-- index-only aggregate, CREATE TABLE first and indexes after. What it only approximates: the sender's throughput (ranks are spaced before the
-- move into the window, so seconds overflow after the night), caps are judged at the campaign's start alone, Brazil's holidays are missing, one
-- window shape per country, no not_after, no reasons for those left out. psql variable: now.
SET search_path = daypart, pg_catalog;
SET work_mem = '256MB';
SET maintenance_work_mem = '256MB';
SET jit = off;
SET enable_hashagg = off;
SET enable_nestloop = off; -- the planner underestimates two-column joins and would probe a million times
DROP TABLE IF EXISTS slot_by_sql;
CREATE TABLE slot_by_sql AS
SELECT recipient_id, due_at, due_at + interval '1 hour' AS not_after, 1 AS run_id, 1 AS class_id, 1 AS plan_run, bucket, 1::smallint AS lane, 1::smallint AS part
FROM (
	SELECT recipient_id, bucket,
		CASE
			WHEN region = 'BR' AND extract(isodow FROM local) > 5
				THEN (date_trunc('day', local) + (8 - extract(isodow FROM local)) * interval '1 day' + interval '9 hours') AT TIME ZONE timezone
			WHEN local::time < opens THEN (date_trunc('day', local) + opens) AT TIME ZONE timezone
			WHEN local::time >= closes AND region = 'BR' AND extract(isodow FROM local) = 5
				THEN (date_trunc('day', local) + interval '3 days' + opens) AT TIME ZONE timezone
			WHEN local::time >= closes THEN (date_trunc('day', local) + interval '1 day' + opens) AT TIME ZONE timezone
			ELSE instant
		END AS due_at
	FROM (
		SELECT recipient_id, bucket, region, timezone, instant, instant AT TIME ZONE timezone AS local,
			CASE region WHEN 'BR' THEN time '09:00' WHEN 'IN' THEN '09:00' ELSE '08:00' END AS opens,
			CASE region WHEN 'BR' THEN time '20:00' ELSE '21:00' END AS closes
		FROM (
			SELECT recipient_id, bucket, region, timezone, timestamptz :'now' + row_number() OVER () * interval '10 milliseconds' AS instant
			FROM audience_member m JOIN recipient r USING (bucket, recipient_id) JOIN consent k USING (bucket, recipient_id)
				LEFT JOIN suppression s USING (bucket, recipient_id)
				LEFT JOIN (SELECT bucket, recipient_id, count(*) AS sent FROM outside_send
					WHERE business_id = 1 AND sent_at >= timestamptz :'now' - interval '31 days' GROUP BY bucket, recipient_id) AS h
					USING (bucket, recipient_id)
			WHERE m.audience_id = 1 AND k.business_id = 1 AND k.channel = 'whatsapp' AND k.category = 'marketing' AND k.state = 'granted'
				AND k.evidence & 15 = 15 AND s.recipient_id IS NULL AND (h.sent IS NULL OR h.sent < 3)
			OFFSET 0) AS ranked
		OFFSET 0) AS localised
	OFFSET 0) AS planned
WHERE due_at < timestamptz :'now' + interval '7 days';
ALTER TABLE slot_by_sql ADD PRIMARY KEY (bucket, recipient_id, run_id, part);
CREATE INDEX ON slot_by_sql (lane, due_at);
