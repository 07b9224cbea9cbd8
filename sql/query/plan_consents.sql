-- Live consents of one business, channel and category in the order (bucket, recipient_id): for an audience that is a large share of all
-- recipients. $1 int[] audiences, not used; $2 int business, $3 channel, $4 category; $5 boolean: whether the age of a consent matters. Binary COPY:
-- recipient_id, evidence, given_at or NULL. Index-only on one range of the primary key per bucket after VACUUM, no sort.
COPY (
	SELECT p.* FROM generate_series(0, 1023) AS b (bucket) CROSS JOIN LATERAL (
		SELECT k.recipient_id, k.evidence, CASE WHEN $5::boolean THEN k.given_at END FROM consent k
		WHERE $1::int[] IS NOT NULL AND k.bucket = b.bucket::smallint AND k.business_id = $2 AND k.channel = $3 AND k.category = $4
			AND k.state = 'granted'
		ORDER BY k.recipient_id) AS p
) TO STDOUT (FORMAT binary)
