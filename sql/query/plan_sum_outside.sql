-- What plan_outside reads, as numbers that differ when any of it does. $1 int: business; $2 timestamptz: from when on. One row: text. Reads the table.
SELECT concat_ws(' ', count(*), bit_xor(hash_record_extended(ROW (recipient_id, sent_at, channel, category), 0)))
FROM outside_send WHERE business_id = $1::int AND sent_at >= $2::timestamptz
