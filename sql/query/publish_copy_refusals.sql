-- People whose reason is new or has changed; part names the slot that must go, rule what decided.
COPY pg_temp.plan_refusal (recipient_id, run_id, bucket, reason, part, rule) FROM STDIN (FORMAT binary)
