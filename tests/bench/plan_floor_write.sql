-- The slots of the last plan into a new table, then its indexes, as publishing does. The rows come on standard input.
SET search_path = daypart, pg_catalog;
SET maintenance_work_mem = '256MB';
BEGIN;
CREATE TABLE slot_floor (LIKE slot);
\copy slot_floor FROM pstdin (FORMAT binary)
ALTER TABLE slot_floor ADD PRIMARY KEY (bucket, recipient_id, run_id, part);
CREATE INDEX ON slot_floor (lane, due_at);
COMMIT;
DROP TABLE slot_floor;
