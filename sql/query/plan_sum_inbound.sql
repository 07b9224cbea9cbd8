-- What plan_inbound reads, as numbers that differ when any of it does. $1 int: business, $2 channel. One row: text.
SELECT concat_ws(' ', count(*), bit_xor(hash_record_extended(ROW (i.recipient_id, i.sender_id, i.at), 0)))
FROM inbound AS i WHERE i.sender_id IN (SELECT s.sender_id FROM sender AS s JOIN business AS b ON b.name = s.business
	WHERE b.business_id = $1::int AND s.channel = $2::channel)
