-- One bit of consent evidence. $1 int: bit. $2 text: name. One row when something changed, else none.
INSERT INTO evidence_bit AS e (bit, name) VALUES ($1::smallint, $2)
ON CONFLICT (bit) DO UPDATE SET name = excluded.name WHERE e.name <> excluded.name
RETURNING bit
