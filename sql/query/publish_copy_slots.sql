-- New slots, in due order, into a private table or the stage.
COPY TABLE_NAME (recipient_id, due_at, not_after, run_id, class_id, plan_run, bucket, lane, part) FROM STDIN (FORMAT binary)
