-- The rows of a batch: line bigint, v text[] (fields in the order of the file, NULL for an empty one).
COPY pg_temp.import_row (line, v) FROM STDIN (FORMAT binary);
