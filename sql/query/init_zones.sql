-- Makes time_zone the given list. $1 text[]: names. One row: added bigint, removed bigint.
WITH wanted AS (SELECT unnest($1::text[]) AS name),
added AS (INSERT INTO time_zone (name) SELECT name FROM wanted EXCEPT SELECT name FROM time_zone RETURNING name),
removed AS (DELETE FROM time_zone AS z WHERE NOT EXISTS (SELECT FROM wanted AS w WHERE w.name = z.name) RETURNING name)
SELECT (SELECT count(*) FROM added) AS added, (SELECT count(*) FROM removed) AS removed
