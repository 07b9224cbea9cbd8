-- Messages of other systems, in no order. $1 int: business; $2 timestamptz: how far back. Binary COPY: recipient_id, at, category, channel.
COPY (
	SELECT recipient_id, sent_at, category::text, channel::text FROM outside_send WHERE business_id = $1 AND sent_at >= $2::timestamptz
) TO STDOUT (FORMAT binary)
