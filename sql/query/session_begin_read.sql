-- Opens a transaction that reads one snapshot and writes nothing.
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY
