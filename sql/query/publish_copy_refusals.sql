-- People whose reason is new or has changed; part names the slot that must go.
COPY pg_temp.plan_refusal (recipient_id, run_id, bucket, reason, part) FROM STDIN (FORMAT binary)
