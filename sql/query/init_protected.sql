-- Makes protected_attribute the given list. $1 text[] words, $2 text[] attributes, $3 text[] sources, in one order; of words that are the same as
-- attribute_form() writes them the first counts. One row: changed bigint.
WITH wanted AS MATERIALIZED (
	SELECT DISTINCT ON (1) attribute_form(w.word) AS word, w.attribute, w.sources
	FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS w (word, attribute, sources, place)
	ORDER BY 1, w.place
), stored AS (
	INSERT INTO protected_attribute AS p (word, attribute, sources) SELECT word, attribute, sources FROM wanted
	ON CONFLICT (word) DO UPDATE SET attribute = excluded.attribute, sources = excluded.sources
		WHERE (p.attribute, p.sources) IS DISTINCT FROM (excluded.attribute, excluded.sources)
	RETURNING 1
), removed AS (
	DELETE FROM protected_attribute AS p WHERE NOT EXISTS (SELECT FROM wanted AS w WHERE w.word = p.word) RETURNING 1
)
SELECT (SELECT count(*) FROM stored) + (SELECT count(*) FROM removed) AS changed
