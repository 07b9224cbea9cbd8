-- Takes everything of occurrences that an edit left out from the queue. $1 int[]: their runs; $2 text[]: the digest (hex) of the campaign of each, as
-- it was read; $3 int: the plan that found it. Behind publish_plan, in its transaction: that one holds the gates. One row: how many slots. SQLSTATE
-- 40001: a campaign was edited meanwhile.
SELECT drop_occurrences($1::int[], $2::text[], $3::int)
