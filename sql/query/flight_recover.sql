-- Makes uncertain what daemons that are gone had in flight. $1 timestamptz: the instant now, NULL for the server's. One row: how many. Reads inflight,
-- which holds little, by (lane, epoch, claim).
SELECT recover_flight($1::timestamptz) AS recovered
