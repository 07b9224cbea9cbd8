-- A plan found nothing to change. $1 int: the plan it checked. No row when another one was published meanwhile, which is fine.
UPDATE plan_head SET checked_at = clock_timestamp() WHERE plan_run = $1::int
