-- An empty ledger and a queue of :slots, dealt over the eight lanes, :spacing apart from :first on. Their number is their order.
SET search_path = daypart, pg_catalog;
TRUNCATE slot, release, outbox, suppressed;
INSERT INTO slot (recipient_id, due_at, not_after, run_id, class_id, plan_run, bucket, lane, part)
	SELECT id, now() + :'first'::interval + n * :'spacing'::interval, now() + interval '1 day', run_id, class_id, 1, bucket_of(id), sender_id, 0
	FROM public.person JOIN campaign_run ON sender_id = 1 + n % 8 CROSS JOIN public.law WHERE n <= :slots ORDER BY n;
VACUUM ANALYZE slot;
CHECKPOINT;
