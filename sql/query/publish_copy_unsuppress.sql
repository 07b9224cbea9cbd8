-- People who had a reason and now have a slot.
COPY pg_temp.plan_unsuppress (recipient_id, run_id, bucket) FROM STDIN (FORMAT binary)
