-- What plan_outside reads, as numbers that differ when any of it does; planning_inputs.c makes the same of its rows. $1 int: business; $2
-- timestamptz: from when on. One row: text. Reads the table.
-- Hashes seed one another: a row of them would look up its type a million times.
-- Sessions are in UTC, where the cast of an instant loses nothing.
SELECT concat_ws(' ', count(*), bit_xor(hashint8extended(recipient_id, timestamp_hash_extended(sent_at::timestamp,
	CASE channel WHEN 'whatsapp' THEN 1 WHEN 'sms' THEN 9 END + CASE category WHEN 'marketing' THEN 0 WHEN 'transactional' THEN 1
		WHEN 'announcement' THEN 2 WHEN 'authentication' THEN 3 WHEN 'service_reply' THEN 4 WHEN 'opt_in_invitation' THEN 5
		WHEN 'opt_out_confirmation' THEN 6 END))))
FROM outside_send WHERE business_id = $1::int AND sent_at >= $2::timestamptz
