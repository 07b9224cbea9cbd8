-- The variables of each text of a campaign. $1 text: template, $2 business, $3 channel, $4 text: the other template of a split, $5 text: that of first
-- messages; NULL where there is none. Rows: language, name, max_length, arm int, in the order of terms_variants and of their declaration. Primary key.
SELECT t.language, v.name, v.max_length, wanted.arm
FROM (VALUES (0, $1::text), (1, $4::text), (2, $5::text)) AS wanted (arm, name)
	JOIN template AS t ON t.name = wanted.name
	CROSS JOIN LATERAL declared_variables(t.variables) WITH ORDINALITY AS v (name, type, max_length, declaration, place)
WHERE t.business = $2 AND t.channel = $3::channel
ORDER BY wanted.arm, t.created_at, t.language, v.place
