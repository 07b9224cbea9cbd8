-- Before a batch: empties the staging table. Locks it, which is nobody else's.
TRUNCATE pg_temp.import_row;
