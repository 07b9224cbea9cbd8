-- All campaigns, to guess which one was meant. No parameters. Rows: name text. Small table.
SELECT name FROM campaign ORDER BY name
