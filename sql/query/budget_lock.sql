-- Begins taking of the budgets of a lane, within a transaction. $1 int2[]: the lanes that share them; $2 int2: the lane; $3 int8: the epoch under which
-- the caller holds it; $4 timestamptz: since when they must be counted; $5 timestamptz: the instant now, NULL for the server's. One row: missing int2[],
-- see lock_budget(); now. Locks the lane's lease and the blocks of the lanes until the transaction ends.
SELECT lock_budget($1::smallint[], $2::smallint, $3::bigint, $4::timestamptz) AS missing, coalesce($5::timestamptz, statement_timestamp()) AS now
