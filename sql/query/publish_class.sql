-- A class, stored once. $1 regions, $2 zones (text[]), $3 category, $4 channel, $5 rulebook, $6 regimes, $7 zone hashes (bigint[]), $8 hashed_from,
-- $9 hashed_until, $10 offsets: valid_from (timestamptz[]), $11 offset_s (int[]), $12 facts (text[]), $13 language, $14 terms hash, $15 template,
-- $16 message order. One row: its number.
WITH stored AS (
	INSERT INTO class (regions, zones, category, channel, rulebook_id, regimes, zone_hashes, hashed_from, hashed_until, facts, language, terms_hash,
		template, message_order)
	VALUES ($1::text[], $2::text[], $3::category, $4::channel, $5::int, $6, $7::bigint[], $8::timestamptz, $9::timestamptz, $12::text[], $13,
		$14::bigint, $15, $16)
	ON CONFLICT (regions, zones, category, channel, rulebook_id, zone_hashes, hashed_from, hashed_until, facts, language, terms_hash, template, message_order)
	DO UPDATE SET regimes = excluded.regimes
	RETURNING class_id),
offsets AS (
	INSERT INTO class_offset (class_id, valid_from, offset_s)
	SELECT class_id, o.valid_from, o.offset_s FROM stored, unnest($10::timestamptz[], $11::int[]) AS o (valid_from, offset_s)
	ON CONFLICT DO NOTHING)
SELECT class_id FROM stored
