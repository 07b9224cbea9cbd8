-- As release_ahead, where the messages of some classes wait for a budget. $1 int2: lane; $2 int: how many at most; $3 int[]: those classes. Rows: due_at
-- timestamptz, ascending. Walks slot (lane, due_at) and looks at the slots, those that are left out included. No lock.
SELECT due_at FROM slot WHERE lane = $1::smallint AND class_id <> ALL ($3::int[]) ORDER BY due_at LIMIT $2::int
