-- Everybody who is sent more than a cap allows, counted over releases, queued slots and messages of other systems. No rows: all caps hold.
--
-- A queued slot may leave anywhere in [due_at, not_after), so it counts wherever it may be. It is enough to look at the instants at which a
-- message may first leave: there a count can rise, nowhere else. What lies before the setting oracle.since is counted, but not judged: it may
-- be known only since then.
WITH since (since) AS (
	SELECT coalesce(nullif(current_setting('oracle.since', true), '')::timestamptz, '-infinity')
), event AS (
	SELECT bucket, recipient_id, run.business_id, s.class_id, greatest(due_at, since) AS first, not_after - interval '1 microsecond' AS last
	FROM daypart.slot AS s JOIN daypart.campaign_run AS run USING (run_id), since WHERE not_after > since
	UNION ALL
	SELECT bucket, recipient_id, run.business_id, r.class_id, released_at, released_at
	FROM daypart.release AS r JOIN daypart.campaign_run AS run USING (run_id) WHERE r.outcome IN ('handed_over', 'uncertain')
	UNION ALL
	SELECT bucket, recipient_id, business_id, NULL, sent_at, sent_at FROM daypart.outside_send
), message AS MATERIALIZED (
	SELECT *, row_number() OVER () AS id FROM event
), ours AS (
	SELECT m.*, class.regions, class.zones FROM message AS m JOIN daypart.class USING (class_id), since WHERE m.last >= since
), rolling AS (
	-- Ours and all others of the person that may leave within the 31 days that end when one of them first may.
	SELECT o.recipient_id, o.business_id, edge.first AS at, 'US: 3 in 31 days' AS cap, count(DISTINCT other.id) AS n, 3 AS most
	FROM ours AS o
		JOIN message AS edge USING (bucket, recipient_id, business_id)
		JOIN message AS other USING (bucket, recipient_id, business_id)
	WHERE EXISTS (SELECT FROM unnest(o.regions) AS region WHERE region IN ('US', 'PR', 'VI', 'GU', 'MP', 'AS', 'UM') OR starts_with(region, 'US-'))
		AND o.first <= edge.first AND o.last > edge.first - interval '31 days'
		AND other.first <= edge.first AND other.last > edge.first - interval '31 days'
	GROUP BY o.bucket, o.recipient_id, o.business_id, o.id, edge.first
), calendar (region, period, most) AS (
	VALUES ('BR', 'month', 4), ('IN', 'day', 3)
), holiday (region, day, most) AS (
	VALUES ('IN', date '2026-11-08', 1), ('IN', '2026-11-24', 1), ('IN', '2026-12-25', 1)
), counted AS (
	SELECT o.recipient_id, o.business_id, o.first AS at, format('%s: %s a %s in %s', c.region, coalesce(h.most, c.most), c.period, zone) AS cap,
		count(DISTINCT other.id) AS n, coalesce(h.most, c.most) AS most
	FROM ours AS o
		CROSS JOIN unnest(o.zones) AS zone
		JOIN calendar AS c ON EXISTS (SELECT FROM unnest(o.regions) AS region WHERE region = c.region OR starts_with(region, c.region || '-'))
		LEFT JOIN holiday AS h ON h.region = c.region AND h.day = (o.first AT TIME ZONE zone)::date
		JOIN message AS other USING (bucket, recipient_id, business_id)
	WHERE date_trunc(c.period, other.first AT TIME ZONE zone) <= date_trunc(c.period, o.last AT TIME ZONE zone)
		AND date_trunc(c.period, other.last AT TIME ZONE zone) >= date_trunc(c.period, o.first AT TIME ZONE zone)
	GROUP BY o.bucket, o.recipient_id, o.business_id, o.id, o.first, zone, c.region, c.period, c.most, h.most
)
SELECT recipient_id, business_id, at, cap, n FROM (TABLE rolling UNION ALL TABLE counted) AS every_cap WHERE n > most
ORDER BY 1, 2, 3;
