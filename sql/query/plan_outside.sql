-- Messages of other systems, in no order. $1 int: business; $2 timestamptz: how far back; $3 and $4 bigint: the first page that is read, and the first
-- that is not, so that two sessions share the table (plan_outside_middle). Binary COPY: recipient_id, at, kind (8 times the number of the channel and
-- that of the category, of vocabulary.h; their words would cost more than all the rest).
COPY (
	SELECT recipient_id, sent_at,
		(CASE channel WHEN 'whatsapp' THEN 0 WHEN 'sms' THEN 8 END + CASE category WHEN 'marketing' THEN 0 WHEN 'transactional' THEN 1
			WHEN 'announcement' THEN 2 WHEN 'authentication' THEN 3 WHEN 'service_reply' THEN 4 WHEN 'opt_in_invitation' THEN 5
			WHEN 'opt_out_confirmation' THEN 6 END)::smallint
	FROM outside_send WHERE business_id = $1 AND sent_at >= $2::timestamptz
		AND ctid >= format('(%s,0)', $3::bigint)::tid AND ctid < format('(%s,0)', $4::bigint)::tid
) TO STDOUT (FORMAT binary)
