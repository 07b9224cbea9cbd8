-- Goods and uses that a campaign or one of its templates declares. $1 text: campaign or NULL, $2 text: template, $3 text: the other template of a split,
-- $4 text: that of first messages; NULL where there is none. Rows: tag, sorted; of_all boolean: whether it is declared for whatever text people get.
WITH declared (place, tag) AS (
	SELECT wanted.place, tag COLLATE "C"
	FROM (SELECT 0, tags FROM campaign WHERE name = $1::text
		UNION ALL SELECT 1, tags FROM template WHERE name = $2::text
		UNION ALL SELECT 2, tags FROM template WHERE name = $3::text
		UNION ALL SELECT 3, tags FROM template WHERE name = $4::text) AS wanted (place, tags)
		CROSS JOIN LATERAL regexp_split_to_table(wanted.tags, ' ') AS tag
	WHERE tag <> ''
)
SELECT tag, bool_or(place = 0)
	OR count(DISTINCT place) = 1 + ($3::text IS NOT NULL)::int + ($4::text IS NOT NULL)::int AS of_all
FROM declared GROUP BY tag ORDER BY tag
