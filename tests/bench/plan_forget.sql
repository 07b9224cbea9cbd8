-- Undoes all plans of the bench database.
SET search_path = daypart, pg_catalog;
SET client_min_messages = warning;
UPDATE plan_head SET plan_run = 0;
DELETE FROM slot_0;
SELECT format('DROP TABLE %s', inhrelid::regclass) FROM pg_inherits WHERE inhparent = 'slot'::regclass AND inhrelid <> 'slot_0'::regclass \gexec
TRUNCATE suppressed;
DELETE FROM campaign_run;
CHECKPOINT;
