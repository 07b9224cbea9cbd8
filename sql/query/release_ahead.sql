-- The next due instants of a lane, overdue ones included. $1 int2: lane; $2 int: how many at most. Rows: due_at timestamptz, ascending.
-- Reads slot (lane, due_at) only. No lock.
SELECT due_at FROM slot WHERE lane = $1::smallint ORDER BY due_at LIMIT $2::int
