-- Renews what a daemon holds, also what has run out meanwhile and was taken by nobody. $1 uuid: its name; $2 interval: for how long. Rows: lane
-- int2, epoch int8. Counted from before any waiting, so the lease ends no later than the caller thinks. A small table; locks the rows, changes
-- no key and so does not wait for claims.
UPDATE lane_lease SET until = statement_timestamp() + $2::interval
WHERE holder = $1::uuid
RETURNING lane, epoch
