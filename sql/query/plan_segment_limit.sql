-- How long a statement of this transaction may take. $1 text: milliseconds. One row, ignored.
SELECT set_config('statement_timeout', $1, true)
