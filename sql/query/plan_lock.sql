-- A hint that another planner is at work, for a friendly message; publish_plan() is what keeps two planners apart. Session lock. One row: got it.
SELECT pg_try_advisory_lock(hashtext('daypart plan'), 0)
