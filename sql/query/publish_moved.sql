-- Notes which classes of people the staged plan moves, before it does. $1 int: plan run. Rows, the largest first: campaign, regions, zones (blank
-- separated), people, and of their slots the first and the last due_at, before and after. Reads plan_move and looks each up in slot.
WITH moved AS (
	INSERT INTO plan_moved (plan_run, run_id, class_id, people, before_from, before_until, after_from, after_until)
	SELECT $1::int, m.run_id, m.class_id, count(*), min(s.due_at), max(s.due_at), min(m.due_at), max(m.due_at)
	FROM pg_temp.plan_move AS m JOIN slot AS s USING (bucket, recipient_id, run_id, part)
	WHERE s.due_at <> m.due_at
	GROUP BY m.run_id, m.class_id
	RETURNING *)
SELECT c.name, array_to_string(class.regions, ' '), array_to_string(class.zones, ' '), m.people, m.before_from, m.before_until, m.after_from,
	m.after_until
FROM moved AS m JOIN campaign_run AS run USING (run_id) JOIN campaign AS c USING (campaign_id) JOIN class USING (class_id)
ORDER BY m.people DESC, c.name, class.class_id
