-- Every message that stands outside a window, asked of PostgreSQL's own AT TIME ZONE. No rows: all is lawful.
--
-- Knows nothing of the rulebook, of the number table or of daypart's zones: hours, holidays and area codes are written down here a second time.
-- A message is judged in every zone its person may be in: those of the number, the declared one, and those the plan says. A queued slot is judged
-- at its first and at its last instant, which must lie on one local day. What lies before the setting oracle.since is not judged: then another
-- law may have held, or another campaign.
WITH since (since) AS (
	SELECT coalesce(nullif(current_setting('oracle.since', true), '')::timestamptz, '-infinity')
), number (prefix, region, zones) AS (
	SELECT '1' || area, region, string_to_array(zones, ' ')
	FROM (VALUES
		('US-NY', 'America/New_York', '212 315 516 607 716 845 914 585'),
		('US-CA', 'America/Los_Angeles', '213 310 408 415 510 619 707'),
		('US-IL', 'America/Chicago', '217 312 618 708 773 815'),
		('US-TX', 'America/Chicago', '512'),
		('US-CO', 'America/Denver', '303 719 720 970'),
		('US-FL', 'America/New_York', '305 321 407 561 727 813'),
		('US-FL', 'America/New_York America/Chicago', '850 448'),
		('US-PA', 'America/New_York', '215 412 570 610 717'),
		('US-HI', 'Pacific/Honolulu', '808'),
		('US-AK', 'America/Anchorage America/Adak', '907'),
		('US-AZ', 'America/Phoenix', '480 602 623'),
		('US-AZ', 'America/Phoenix America/Denver', '520 928'),
		('US-IN', 'America/Indiana/Indianapolis', '317 463'),
		('US-IN', 'America/Indiana/Indianapolis America/Indiana/Tell_City', '812 930'),
		('US-IN', 'America/Indiana/Indianapolis America/Chicago', '219 574'),
		('US-ID', 'America/Boise America/Los_Angeles', '208 986'),
		('US-OR', 'America/Boise America/Los_Angeles', '541'),
		('US-KY', 'America/New_York America/Chicago', '270 364'),
		('US-KY', 'America/New_York', '606'),
		('US-SD', 'America/Chicago America/Denver', '605'),
		('US-ND', 'America/Chicago', '701'),
		('US-NE', 'America/Chicago America/Denver', '308'),
		('US-TN', 'America/New_York', '423'),
		('US-TN', 'America/Chicago', '931'),
		('PR', 'America/Puerto_Rico', '787 939')) AS code (region, zones, areas), regexp_split_to_table(areas, ' ') AS area
	UNION ALL
	-- Anything else in +1 may be anywhere from the Pacific to Newfoundland.
	SELECT '1', 'US', '{America/New_York,America/Chicago,America/Denver,America/Los_Angeles,America/Anchorage,Pacific/Honolulu,America/St_Johns}'
	UNION ALL VALUES
		('55', 'BR', '{America/Sao_Paulo}'::text[]), ('5581', 'BR', '{America/Recife,America/Noronha}'), ('5592', 'BR', '{America/Manaus}'),
		('5597', 'BR', '{America/Manaus,America/Eirunepe}'), ('5568', 'BR', '{America/Rio_Branco}'), ('5565', 'BR', '{America/Cuiaba}'),
		('5566', 'BR', '{America/Cuiaba}'), ('91', 'IN', '{Asia/Kolkata}'), ('977', 'NP', '{Asia/Kathmandu}'), ('49', 'DE', '{Europe/Berlin}'),
		('33', 'FR', '{Europe/Paris}'), ('353', 'IE', '{Europe/Dublin}'), ('46', 'SE', '{Europe/Stockholm}'),
		('34', 'ES', '{Europe/Madrid,Atlantic/Canary}'), ('351', 'PT', '{Europe/Lisbon,Atlantic/Azores}'),
		('44', 'GB', '{Europe/London}'), ('61', 'AU', '{Australia/Sydney,Australia/Perth}')
), law (region, opens, closes, working_days) AS (
	VALUES ('%', time '08:00', time '21:00', false), ('US', '08:00', '21:00', false), ('BR', '09:00', '20:00', true), ('IN', '09:00', '21:00', false)
), fixed_holiday (day) AS (
	VALUES ('01-01'), ('04-21'), ('05-01'), ('09-07'), ('10-12'), ('11-02'), ('11-15'), ('11-20'), ('12-25')
), good_friday (day) AS (
	VALUES (date '2025-04-18'), ('2026-04-03'), ('2027-03-26'), ('2028-04-14'), ('2029-03-30')
), message AS (
	SELECT 'slot' AS what, bucket, recipient_id, run_id, class_id, moment.at
	FROM daypart.slot, since, LATERAL (VALUES (greatest(due_at, since)), (not_after - interval '1 microsecond')) AS moment (at)
	WHERE not_after > since
	UNION ALL
	SELECT 'release', bucket, recipient_id, run_id, class_id, released_at FROM daypart.release, since
	WHERE outcome IN ('handed_over', 'uncertain') AND released_at >= since
), known AS (
	SELECT m.*, class.regions || n.region || p.region AS regions, class.zones || n.zones || p.timezone AS zones
	FROM message AS m
		JOIN daypart.class USING (class_id)
		JOIN daypart.recipient AS p USING (bucket, recipient_id)
		LEFT JOIN LATERAL (SELECT * FROM number WHERE starts_with(p.phone::text, number.prefix) ORDER BY length(number.prefix) DESC LIMIT 1) AS n ON true
), clock AS (
	SELECT DISTINCT k.what, k.bucket, k.recipient_id, k.run_id, k.at, k.regions, zone, k.at AT TIME ZONE zone AS local
	FROM known AS k, unnest(k.zones) AS zone
	WHERE zone IS NOT NULL
), judged AS (
	SELECT c.*, law.region AS law,
		c.local::time >= law.opens AND c.local::time < law.closes AND NOT (law.working_days AND (
			extract(isodow FROM c.local) > 5
			OR to_char(c.local, 'MM-DD') IN (SELECT day FROM fixed_holiday)
			OR c.local::date IN (SELECT day FROM good_friday))) AS is_open
	FROM clock AS c, law
	WHERE EXISTS (SELECT FROM unnest(c.regions) AS region WHERE region LIKE law.region OR starts_with(region, law.region || '-'))
)
SELECT what, run_id, recipient_id, at, zone, local::text, 'window of ' || law AS problem FROM judged WHERE NOT is_open
UNION ALL
SELECT what, run_id, recipient_id, min(at), zone, min(local)::text, 'slot stretches over two days'
FROM clock WHERE what = 'slot'
GROUP BY what, bucket, run_id, recipient_id, zone HAVING min(local)::date <> max(local)::date
UNION ALL
SELECT k.what, k.run_id, k.recipient_id, k.at, NULL, NULL, 'campaign ' || c.name
FROM known AS k JOIN daypart.campaign_run USING (run_id) JOIN daypart.campaign AS c USING (campaign_id), unnest(k.zones) AS zone,
	LATERAL (SELECT CASE WHEN c.rrule IS NULL THEN interval '0' ELSE (occurrence - left(c.starts_at, 10)::date) * interval '24 hours' END) AS o (later)
WHERE (c.status <> 'paused' OR k.what <> 'slot') -- those are planned again before they leave
	AND (NOT (CASE WHEN c.starts_at LIKE '% local' THEN k.at AT TIME ZONE zone >= left(c.starts_at, 16)::timestamp + later ELSE k.at >= c.starts_at::timestamptz + later END)
	OR NOT (CASE WHEN c.ends_at LIKE '% local' THEN k.at AT TIME ZONE zone < left(c.ends_at, 16)::timestamp + later ELSE k.at < c.ends_at::timestamptz + later END)
	OR NOT CASE WHEN c.local_from < c.local_to
		THEN (k.at AT TIME ZONE zone)::time >= c.local_from AND (k.at AT TIME ZONE zone)::time < c.local_to
		ELSE (k.at AT TIME ZONE zone)::time >= c.local_from OR (k.at AT TIME ZONE zone)::time < c.local_to END)
UNION ALL
SELECT m.what, m.run_id, m.recipient_id, m.at, NULL, NULL, 'toll-free number'
FROM message AS m JOIN daypart.recipient AS p USING (bucket, recipient_id) WHERE p.phone::text ~ '^18(00|33|44|55|66|77|88)'
ORDER BY 1, 2, 3, 4;
