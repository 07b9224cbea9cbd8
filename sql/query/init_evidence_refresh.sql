-- What every consent shows, after words changed. No parameters. One row: how many consents changed bigint. Locks every gate.
SELECT refresh_evidence() AS changed
