-- Settings of every session, whatever the role's or database's defaults are. Names resolve in daypart alone, times are UTC and ISO.
-- $1 text: statement timeout, ms. $2 text: idle-in-transaction timeout, ms. One row, ignored. No table, no lock.
SELECT
	set_config('search_path', 'daypart, pg_catalog, pg_temp', false),
	set_config('TimeZone', 'UTC', false),
	set_config('DateStyle', 'ISO, YMD', false),
	set_config('IntervalStyle', 'iso_8601', false),
	set_config('bytea_output', 'hex', false),
	set_config('extra_float_digits', '1', false),
	set_config('jit', 'off', false), -- statements here are short, or copy; compiling them took half a second a claim
	set_config('statement_timeout', $1, false),
	set_config('idle_in_transaction_session_timeout', $2, false)
