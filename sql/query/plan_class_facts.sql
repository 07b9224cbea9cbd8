-- What the law is asked about some classes. $1 int[]: classes. Rows: class_id, regions, zones, category, channel, facts (blank separated).
-- Primary key.
SELECT class_id, array_to_string(regions, ' '), array_to_string(zones, ' '), category, channel, array_to_string(facts, ' ')
FROM class WHERE class_id = ANY ($1::int[])
