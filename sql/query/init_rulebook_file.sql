-- One text of a new rulebook. $1 int: rulebook. $2 text: name. $3 text: body. No rows.
INSERT INTO rulebook_file (rulebook_id, name, body) VALUES ($1::int, $2, $3)
