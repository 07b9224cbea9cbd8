-- The queue of some runs, in no order: reading it so is several times cheaper. $1 int[]: runs. Binary COPY:
-- recipient_id, due_at, not_after, run_id, class_id, lane, part.
COPY (
	SELECT recipient_id, due_at, not_after, run_id, class_id, lane, part FROM slot WHERE run_id = ANY ($1::int[])
) TO STDOUT (FORMAT binary)
