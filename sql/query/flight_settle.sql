-- Records answers of a sink outside the database, see settle_flight(). $1 timestamptz: the instant now; $2 interval: nothing is tried again this
-- shortly before its last lawful instant; $3 jsonb: the answers. One row: handed_over, refused, expired, failed, held, queued, uncertain.
-- By primary keys; locks bucket_gate rows of what goes back into the queue.
SELECT handed_over, refused, expired, failed, held, queued, uncertain FROM settle_flight($1::timestamptz, $2::interval, $3::jsonb)
