-- The best plan that SQL alone makes of the same facts: one pass over merge-joined primary keys, legal windows by AT TIME ZONE, the caps as one
-- index-only aggregate, CREATE TABLE first and indexes after. The caps are those of the planner's rulebook: the United States three in 31 days,
-- with the instant at which the oldest message falls out of them; Brazil four a calendar month, India three a day, everybody eight in 31 days
-- (there 30). What it only approximates: the sender's throughput (ranks are spaced before the move into the window, so seconds overflow after
-- the night), calendar caps are judged at the campaign's start, nobody is found another instant but for the first cap, the holiday of the week
-- is a literal, one window shape per country, no not_after, no reasons for those left out. psql variable: now.
--
-- Tried and slower with PostgreSQL 15: hash joins and hash aggregates, INSERT into indexed tables, windows per zone from a joined table, no
-- OFFSET 0 (AT TIME ZONE is then evaluated at each of its uses).
SET search_path = daypart, pg_catalog;
SET client_min_messages = warning;
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
			WHEN region = 'BR' AND (extract(isodow FROM local) > 5 OR local::date = '2026-11-20')
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
			SELECT recipient_id, bucket, region, timezone,
				greatest(timestamptz :'now' + row_number() OVER () * interval '10 milliseconds',
					CASE WHEN region = 'US' AND sent >= 3 THEN first_sent + interval '31 days' END) AS instant
			FROM audience_member m JOIN recipient r USING (bucket, recipient_id) JOIN consent k USING (bucket, recipient_id)
				LEFT JOIN suppression s USING (bucket, recipient_id)
				LEFT JOIN (SELECT bucket, recipient_id, count(*) AS sent, min(sent_at) AS first_sent,
						count(*) FILTER (WHERE sent_at >= date_trunc('month', timestamptz :'now')) AS sent_this_month,
						count(*) FILTER (WHERE sent_at >= date_trunc('day', timestamptz :'now')) AS sent_today
					FROM outside_send
					WHERE business_id = 1 AND sent_at >= timestamptz :'now' - interval '31 days' GROUP BY bucket, recipient_id) AS h
					USING (bucket, recipient_id)
			WHERE m.audience_id = 1 AND k.business_id = 1 AND k.channel = 'whatsapp' AND k.category = 'marketing' AND k.state = 'granted'
				AND k.evidence & 15 = 15 AND s.recipient_id IS NULL AND (sent IS NULL OR sent < 8)
				AND NOT (region = 'BR' AND coalesce(sent_this_month, 0) >= 4) AND NOT (region = 'IN' AND coalesce(sent_today, 0) >= 3)
			OFFSET 0) AS ranked
		OFFSET 0) AS localised
	OFFSET 0) AS planned
WHERE due_at < timestamptz :'now' + interval '7 days';
ALTER TABLE slot_by_sql ADD PRIMARY KEY (bucket, recipient_id, run_id, part);
CREATE INDEX ON slot_by_sql (lane, due_at);
