-- Counts what a lane has sent before. $1 int2: lane; $2 timestamptz: since when. One row. Reads the ledger of the runs that had not ended by then, in full:
-- once a lane, when it gets a limit of volume.
SELECT count_history($1::smallint, $2::timestamptz)
