-- Ten people for the eye: $1 bigint[] recipient ids, $2 int[]: the campaign run of each. Rows: number in the list, masked phone, due_at of the slot
-- that is stored, if any. Primary keys by bucket.
SELECT i.n, mask_phone(r.phone), s.due_at
FROM unnest($1::bigint[], $2::int[]) WITH ORDINALITY AS i (recipient_id, run_id, n)
	LEFT JOIN recipient AS r ON r.bucket = bucket_of(i.recipient_id) AND r.recipient_id = i.recipient_id
	LEFT JOIN slot AS s ON s.bucket = bucket_of(i.recipient_id) AND s.recipient_id = i.recipient_id AND s.run_id = i.run_id
ORDER BY i.n
