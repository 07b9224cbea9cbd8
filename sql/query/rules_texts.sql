-- The texts of a rulebook and its calendars. $1 int: rulebook, or NULL for the active one. Rows: name text, body text. No row: there is none.
SELECT f.name, f.body
FROM rulebook_file AS f
WHERE f.rulebook_id = coalesce($1::int, (SELECT rulebook_id FROM rulebook_head))
ORDER BY f.name
