-- Makes region the given list. $1 text[]: ISO 3166 codes. One row: added bigint, removed bigint.
WITH wanted AS (SELECT unnest($1::text[]) AS code),
added AS (INSERT INTO region (code) SELECT code FROM wanted EXCEPT SELECT code FROM region RETURNING code),
removed AS (DELETE FROM region AS r WHERE NOT EXISTS (SELECT FROM wanted AS w WHERE w.code = r.code) RETURNING code)
SELECT (SELECT count(*) FROM added) AS added, (SELECT count(*) FROM removed) AS removed
