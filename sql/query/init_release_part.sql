-- The ledger's first part, so that the first plan finds one. No parameters. One row, ignored.
SELECT ensure_release_part(1)
