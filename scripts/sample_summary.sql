-- What became of the sample's campaigns, for scripts/run: by region, when messages left and why others did not.
\pset null ''
\pset footer off
SET search_path = daypart, pg_catalog;

CREATE TEMP VIEW home AS
SELECT bucket, recipient_id, CASE
	WHEN phone::text LIKE '1%' THEN 'United States' WHEN phone::text LIKE '55%' THEN 'Brazil' WHEN phone::text LIKE '91%' THEN 'India'
	ELSE 'Europe' END AS region
FROM recipient;

\qecho 'By region. Times are those of the recipients.'
SELECT campaign, region, count(*) AS people, count(*) FILTER (WHERE place = 'left') AS "left",
	to_char(min(local), 'Dy DD Mon HH24:MI') AS first, to_char(max(local), 'Dy DD Mon HH24:MI') AS last,
	to_char(min(local::time), 'HH24:MI') AS earliest, to_char(max(local::time), 'HH24:MI') AS latest,
	count(*) FILTER (WHERE place = 'suppressed') AS suppressed, count(*) FILTER (WHERE place = 'held') AS held,
	count(*) FILTER (WHERE place NOT IN ('left', 'suppressed', 'held')) AS other
FROM (
	SELECT campaign, bucket_of(recipient_id) AS bucket, recipient_id, CASE status WHEN 'handed over' THEN 'left' ELSE status END AS place,
		CASE status WHEN 'handed over' THEN released_local END AS local
	FROM delivery_plan
	UNION ALL
	SELECT c.name, s.bucket, s.recipient_id, s.kind::text, NULL
	FROM suppressed AS s JOIN campaign_run USING (run_id) JOIN campaign AS c USING (campaign_id)
) AS everybody JOIN home USING (bucket, recipient_id)
GROUP BY campaign, region ORDER BY campaign, region;

\qecho 'Why some got nothing, by region, and what would change that.'
SELECT region, r.text AS reason, count(DISTINCT recipient_id) AS people, r.cure
FROM suppressed JOIN reason AS r USING (reason) JOIN home USING (bucket, recipient_id)
GROUP BY region, r.text, r.cure ORDER BY region, people DESC;
