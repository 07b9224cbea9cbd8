-- The next minute of a soak: :slots due evenly within it, dealt over the eight lanes. Each has one day, so that its lateness can be read from the
-- outbox. No person has two messages of a run: people times lanes is more than there are messages.
SET search_path = daypart, pg_catalog;
INSERT INTO slot (recipient_id, due_at, not_after, run_id, class_id, plan_run, bucket, lane, part)
SELECT id, due.at, due.at + interval '1 day', run_id, class_id, 1, bucket_of(id), sender_id, 0
FROM public.soak CROSS JOIN public.law
	CROSS JOIN generate_series(:minute * :slots::bigint, (:minute + 1) * :slots::bigint - 1) AS m
	CROSS JOIN LATERAL (SELECT soak.began + m * interval '1 minute' / :slots AS at) AS due
	JOIN public.person ON n = 1 + m % soak.people
	JOIN campaign_run ON sender_id = 1 + (m % soak.people + m / soak.people) % 8
ORDER BY m;
