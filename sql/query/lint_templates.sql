-- All templates. No parameters. Rows: name text. Small table.
SELECT DISTINCT name FROM template ORDER BY name
