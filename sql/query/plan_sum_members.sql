-- The members of some audiences, as numbers that differ when anything about them does. $1 int[]: audiences. One row: text. Index-only after VACUUM.
SELECT string_agg(concat_ws(' ', s.audience_id, s.members, s.digest), ' ' ORDER BY s.audience_id)
FROM (SELECT audience_id, count(*) AS members, bit_xor(recipient_id) AS digest FROM audience_member
	WHERE audience_id = ANY ($1::int[]) GROUP BY audience_id) AS s
