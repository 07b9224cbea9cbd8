-- Fixes the clock of this session (--now) for the functions that ask session_now(). $1 text: an instant. One row, ignored.
SELECT set_config('daypart.now', $1, false)
