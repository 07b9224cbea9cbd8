-- Ten people for the eye: $1 bigint[] recipient ids. Masked phones. Primary key by bucket.
SELECT i.n, mask_phone(r.phone) FROM unnest($1::bigint[]) WITH ORDINALITY AS i (recipient_id, n)
JOIN recipient r ON r.bucket = bucket_of(i.recipient_id) AND r.recipient_id = i.recipient_id ORDER BY i.n
