-- A rulebook by its hash, made unless it is known. $1 text: SHA-256, hex. One row: rulebook_id int, made boolean.
WITH made AS (
	INSERT INTO rulebook (hash) SELECT decode($1, 'hex') WHERE NOT EXISTS (SELECT FROM rulebook WHERE hash = decode($1, 'hex'))
	RETURNING rulebook_id)
SELECT rulebook_id, true AS made FROM made
UNION ALL
SELECT rulebook_id, false FROM rulebook WHERE hash = decode($1, 'hex')
