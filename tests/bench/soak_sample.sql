-- What the outbox got since the last sample, as its consumer takes it: messages, and their lateness in milliseconds at the median, 99 % and most.
-- Then what the tables take, in MiB: the queue with its indexes, the outbox; dead rows of the queue; messages that are overdue by a second.
SET search_path = daypart, pg_catalog;
WITH taken AS (
	DELETE FROM outbox RETURNING 1000 * extract(epoch FROM handed_at - (not_after - interval '1 day')) AS late
)
SELECT count(*), coalesce(round(percentile_cont(0.5) WITHIN GROUP (ORDER BY late)::numeric, 1), 0),
	coalesce(round(percentile_cont(0.99) WITHIN GROUP (ORDER BY late)::numeric, 1), 0), coalesce(round(max(late), 1), 0),
	(SELECT round(sum(pg_total_relation_size(inhrelid)) / 1048576, 1) FROM pg_inherits WHERE inhparent = 'slot'::regclass),
	round(pg_total_relation_size('outbox') / 1048576.0, 1),
	(SELECT sum(n_dead_tup) FROM pg_stat_user_tables WHERE relname LIKE 'slot\_%'),
	(SELECT count(*) FROM slot WHERE due_at < clock_timestamp() - interval '1 second')
FROM taken;
