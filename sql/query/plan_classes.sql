-- Classes already stored for a rulebook, with the text by which the planner knows equal ones (class_key() in planner/planning_class.c).
-- $1 int: rulebook. Small table.
SELECT class_id, concat_ws('|', array_to_string(regions, ' '), array_to_string(zones, ' '), category, channel, zone_hashes::text,
	(extract(epoch FROM hashed_from) * 1000000)::bigint, (extract(epoch FROM hashed_until) * 1000000)::bigint,
	array_to_string(facts, ' '), language, terms_hash, message_order, template)
FROM class WHERE rulebook_id = $1::int
