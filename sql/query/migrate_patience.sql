-- Before any table is locked: whoever waits for a lock makes everybody wait behind it, so no wait of an upgrade is long. What it cannot have by then
-- is SQLSTATE 55P03, and the whole upgrade is tried again. No parameters, no columns of interest.
SELECT set_config('lock_timeout', '500ms', true)
