-- What the plan of a business was made from. $1 int: business; $2 int: the plan that stands; $3 timestamptz as_of, $4 inputs, $5 timestamptz
-- history_from, $6 holds_until, $7 holds_to_horizon, $8 advice. Nothing is written when another plan was published meanwhile. Primary key.
INSERT INTO plan_state (business_id, plan_run, as_of, inputs, history_from, holds_until, holds_to_horizon, advice)
SELECT $1::int, h.plan_run, $3::timestamptz, $4, $5::timestamptz, $6::timestamptz, $7::timestamptz, $8
FROM plan_head AS h WHERE h.plan_run = $2::int
ON CONFLICT (business_id) DO UPDATE SET (plan_run, as_of, inputs, history_from, holds_until, holds_to_horizon, advice) =
	(excluded.plan_run, excluded.as_of, excluded.inputs, excluded.history_from, excluded.holds_until, excluded.holds_to_horizon,
		excluded.advice)
