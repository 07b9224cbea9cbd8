-- Messages of other systems, in no order. $1 int: business; $2 timestamptz: how far back; $3 int: which half of the table, 0 or 1, so that two sessions
-- share it. Binary COPY: recipient_id, at, kind (8 times the number of the channel and that of the category, of vocabulary.h; their words would cost
-- more than all the rest). Each half is a range of pages.
COPY (
	WITH half AS MATERIALIZED (SELECT pg_relation_size('outside_send') / current_setting('block_size')::int / 2 AS pages)
	SELECT recipient_id, sent_at,
		(CASE channel WHEN 'whatsapp' THEN 0 WHEN 'sms' THEN 8 END + CASE category WHEN 'marketing' THEN 0 WHEN 'transactional' THEN 1
			WHEN 'announcement' THEN 2 WHEN 'authentication' THEN 3 WHEN 'service_reply' THEN 4 WHEN 'opt_in_invitation' THEN 5
			WHEN 'opt_out_confirmation' THEN 6 END)::smallint
	FROM outside_send WHERE business_id = $1 AND sent_at >= $2::timestamptz
		AND ctid >= (SELECT format('(%s,0)', CASE $3::int WHEN 0 THEN 0 ELSE half.pages END)::tid FROM half)
		AND ctid < (SELECT format('(%s,0)', CASE $3::int WHEN 0 THEN half.pages ELSE 4294967295 END)::tid FROM half)
) TO STDOUT (FORMAT binary)
