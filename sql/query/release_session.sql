-- Settings of a session that releases, on top of session_setup. One row, ignored. No table, no lock.
-- Every way into a hot table is an index probe, whatever the statistics say: they are wrong by design for a queue that fills in one moment and
-- drains in the next, and one plan is kept for the session because planning release_claim takes longer than running a small one. With joins by
-- hash and merge, sorts and scans refused, the plan has one shape for an empty queue and for a full one; release_claim is written for it and a
-- test reads it.
SELECT
	set_config('plan_cache_mode', 'force_generic_plan', false),
	set_config('enable_seqscan', 'off', false),
	set_config('enable_bitmapscan', 'off', false),
	set_config('enable_hashjoin', 'off', false),
	set_config('enable_mergejoin', 'off', false),
	set_config('enable_sort', 'off', false)
