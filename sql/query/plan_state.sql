-- What the last plan of a business was made from. $1 int: business; $2 timestamptz: now, $3 timestamptz: the planning horizon. No row or one: inputs,
-- history_from, whether time alone may not have changed the plan since, and the advice that it told. Primary key.
SELECT inputs, history_from, as_of <= $2::timestamptz AND $2::timestamptz < holds_until AND $3::timestamptz <= holds_to_horizon AS holds, advice
FROM plan_state WHERE business_id = $1::int
