-- Once per session, before the first batch: makes the staging tables. Rows: one, nothing of interest.
SELECT import_begin();
