-- A large addition is loaded while it is dealt, so a plan run has its number before what it does can be counted.

-- Only its planner knows this run, until it is published.
CREATE FUNCTION count_plan(this_run int, added bigint, moved bigint, cancelled bigint, kept bigint, suppressed bigint, held bigint) RETURNS void
VOLATILE LANGUAGE sql SECURITY DEFINER SET search_path = daypart, pg_temp BEGIN ATOMIC
	UPDATE plan_run AS p SET (added, moved, cancelled, kept, suppressed, held) = (count_plan.added, count_plan.moved, count_plan.cancelled, count_plan.kept,
		count_plan.suppressed, count_plan.held)
	WHERE p.plan_run = count_plan.this_run AND p.plan_run > (SELECT max(h.plan_run) FROM plan_head AS h);
END;
COMMENT ON FUNCTION count_plan IS 'notes how many people a plan that is about to be published adds, moves, cancels, keeps, suppresses and holds';

CALL hand_over();
GRANT EXECUTE ON FUNCTION count_plan TO daypart_planner;
