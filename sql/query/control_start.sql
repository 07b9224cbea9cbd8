-- Ends a stop. No parameters. One row, ignored.
SELECT start_all()
