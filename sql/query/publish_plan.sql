-- Makes the staged plan visible. $1 plan run, $2 the plan it replaces, $3 the snapshot it was made from, $4 part, $5 int[]: its campaign
-- runs, $6 int[]: those of them that were stored before. Locks plan_head and every gate row until commit. One row: swept (people).
SELECT swept FROM publish_plan($1::int, $2::int, $3::pg_snapshot, $4::smallint, $5::int[], $6::int[])
