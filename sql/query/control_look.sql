-- Whether everything is stopped. No parameters. One row: stopped boolean, changed_by text, changed_at timestamptz.
SELECT stopped, changed_by, changed_at FROM control
