-- Classes by number. $1 int[]. Rows: class_id int, regions text, zones text (blank separated), category, channel, zone_hashes text (blank
-- separated, in the order of zones), hashed_from, hashed_until timestamptz, facts text (blank separated), terms_hash int8, later
-- boolean (its message is planned as none of the first). By primary key, no lock.
SELECT class_id, array_to_string(regions, ' '), array_to_string(zones, ' '), category, channel, array_to_string(zone_hashes, ' '),
	hashed_from, hashed_until, array_to_string(facts, ' '), terms_hash, message_order = 'later' AS later
FROM class WHERE class_id = ANY ($1::int[])
