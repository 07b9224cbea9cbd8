-- Makes a rulebook the one in force. $1 int: rulebook. One row when it was not yet, else none.
INSERT INTO rulebook_head AS h (rulebook_id) VALUES ($1::int)
ON CONFLICT (one) DO UPDATE SET rulebook_id = excluded.rulebook_id WHERE h.rulebook_id <> excluded.rulebook_id
RETURNING rulebook_id
