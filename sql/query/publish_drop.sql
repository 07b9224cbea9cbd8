-- Takes everything of occurrences that an edit left out from the queue. $1 int[]: their runs; $2 int: the plan that found it. Behind publish_plan, in
-- its transaction: that one holds the gates. One row: how many slots.
SELECT drop_occurrences($1::int[], $2::int)
