-- What the batch refused. Rows: line bigint, field text or NULL, reason text; by line, one per line.
SELECT DISTINCT ON (line) line, field, reason FROM pg_temp.import_reject ORDER BY line;
