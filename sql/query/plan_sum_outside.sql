-- What plan_outside reads, as numbers that differ when any of it does. $1 int: business; $2 timestamptz: from when on. One row: text. Reads the table.
-- Hashes seed one another: a row of them would look up its type a million times.
-- Sessions are in UTC, where the cast of an instant loses nothing.
SELECT concat_ws(' ', count(*), bit_xor(hashint8extended(recipient_id,
	timestamp_hash_extended(sent_at::timestamp, hashenumextended(channel, hashenumextended(category, 1))))))
FROM outside_send WHERE business_id = $1::int AND sent_at >= $2::timestamptz
