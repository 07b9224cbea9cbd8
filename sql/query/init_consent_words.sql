-- Makes consent_word the given list. $1 text[] words, $2 text[] meanings, $3 text[] rules ('' for none), in one order; of a word that is given
-- twice the worse meaning counts: purchased, refused, inbound, offline. One row: changed bigint.
WITH wanted AS MATERIALIZED (
	SELECT DISTINCT ON (1) normalise_keyword(w.word) AS word, w.meaning, nullif(w.rule, '') AS rule
	FROM unnest($1::text[], $2::text[], $3::text[]) AS w (word, meaning, rule)
	ORDER BY 1, array_position('{purchased,refused,inbound,offline}', w.meaning), w.rule COLLATE "C"
), stored AS (
	INSERT INTO consent_word AS c (word, meaning, rule) SELECT word, meaning, rule FROM wanted
	ON CONFLICT (word) DO UPDATE SET meaning = excluded.meaning, rule = excluded.rule
		WHERE (c.meaning, c.rule) IS DISTINCT FROM (excluded.meaning, excluded.rule)
	RETURNING 1
), removed AS (
	DELETE FROM consent_word AS c WHERE NOT EXISTS (SELECT FROM wanted AS w WHERE w.word = c.word) RETURNING 1
)
SELECT (SELECT count(*) FROM stored) + (SELECT count(*) FROM removed) AS changed
