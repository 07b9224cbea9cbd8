-- Goods and uses that a campaign or its template declares. $1 text: campaign or NULL, $2 text: template. Rows: tag, distinct, sorted.
SELECT DISTINCT tag COLLATE "C" AS tag
FROM (SELECT tags FROM campaign WHERE name = $1::text UNION ALL SELECT tags FROM template WHERE name = $2) AS declared
	CROSS JOIN LATERAL regexp_split_to_table(declared.tags, ' ') AS tag
WHERE tag <> ''
ORDER BY 1
