-- The server's clock. One row: now timestamptz. No table, no lock.
SELECT clock_timestamp() AS now
