-- An audience in the order (bucket, recipient_id). $1 int[]: one audience; plan_members_several is for more. Binary COPY: recipient_id. Index-only
-- on one range of the primary key per bucket after VACUUM, no sort.
COPY (
	SELECT m.recipient_id FROM generate_series(0, 1023) AS b (bucket) CROSS JOIN LATERAL (
		SELECT recipient_id FROM audience_member WHERE bucket = b.bucket::smallint AND audience_id = ($1::int[])[1] ORDER BY recipient_id) AS m
) TO STDOUT (FORMAT binary)
