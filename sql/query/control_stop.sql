-- Stops every release. No parameters. One row, ignored.
SELECT stop_all()
