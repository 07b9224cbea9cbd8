-- Takes a block: the lane may send so many until then. $1 int2: lane; $2 int8: epoch; $3 timestamptz: the instant now; $4 timestamptz: until when, within
-- the same quarter of an hour; $5 int8: how many, NULL: what it may send no limit counts; $6 int8, $7 text: what the tightest limit leaves and its rule, '' the sender's own; $8 timestamptz: until
-- when something waits, or NULL; $9 timestamptz: older counts are of no use. One row: taken int8. After budget_lock, in its transaction.
WITH old AS (
	DELETE FROM lane_sent WHERE lane = $1::smallint AND since < quarter_of($9::timestamptz) - interval '1 day'
), taken AS (
	UPDATE lane_block SET epoch = $2::bigint, since = quarter_of($3::timestamptz), until = $4::timestamptz,
		messages = $5::bigint + (SELECT coalesce(sum(s.messages), 0) FROM lane_sent AS s
			WHERE s.lane = $1::smallint AND s.since = quarter_of($3::timestamptz)),
		budget_left = $6::bigint, budget_rule = $7::text, waits_until = $8::timestamptz,
		counted_from = greatest(counted_from, quarter_of($9::timestamptz) - interval '1 day')
	WHERE lane = $1::smallint
	RETURNING lane
)
SELECT count(*) AS taken FROM taken
