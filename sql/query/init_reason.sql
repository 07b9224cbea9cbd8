-- One reason code. $1 int: code. $2 text: name. $3 text: kind. $4 text: text. $5 text: cure. One row when something changed, else none.
INSERT INTO reason AS r (reason, name, kind, text, cure) VALUES ($1::smallint, $2, $3::suppressed_kind, $4, $5)
ON CONFLICT (reason) DO UPDATE SET name = excluded.name, kind = excluded.kind, text = excluded.text, cure = excluded.cure
	WHERE (r.name, r.kind, r.text, r.cure) IS DISTINCT FROM (excluded.name, excluded.kind, excluded.text, excluded.cure)
RETURNING reason
