-- Where two sessions that read plan_outside divide the table. Asked once: it may grow from one session to the next, and pages between two answers would
-- be read by nobody. One row: a page.
SELECT pg_relation_size('outside_send') / current_setting('block_size')::int / 2
