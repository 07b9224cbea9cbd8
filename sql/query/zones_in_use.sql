-- The zones that a plan has used. No parameters. Rows: name text. Small table.
SELECT DISTINCT unnest(zones) AS name FROM class ORDER BY name
