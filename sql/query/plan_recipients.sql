-- All recipients in the order (bucket, recipient_id): for an audience that is a large share of them. $1 int[]: audiences, not used. Binary COPY:
-- recipient_id, phone, region, timezone, language, preferred_hour. Index-only on the primary key after VACUUM, no sort.
COPY (
	SELECT recipient_id, phone, region, timezone, language, preferred_hour FROM recipient WHERE $1::int[] IS NOT NULL ORDER BY bucket, recipient_id
) TO STDOUT (FORMAT binary)
