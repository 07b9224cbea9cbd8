-- The variables of each language of a template. $1 text: template, $2 business, $3 channel. Rows: language, name, max_length, in the order of
-- terms_variants and of their declaration. Primary key.
SELECT t.language, v.name, v.max_length
FROM template AS t CROSS JOIN LATERAL declared_variables(t.variables) WITH ORDINALITY AS v (name, type, max_length, declaration, place)
WHERE t.name = $1 AND t.business = $2 AND t.channel = $3::channel
ORDER BY t.created_at, t.language, v.place
