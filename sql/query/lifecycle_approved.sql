-- The last approval. Of an audience that is defined by a query it covers the definition, as part of the digest, and not the people. $1 text:
-- subject, $2 text: name. No row: none. One row: current boolean (it fits what is there now; of a campaign its audience as well), audience_people
-- bigint (NULL but for campaigns), approved_by text, approved_at timestamptz. Primary key; of a campaign one pass over the members of its
-- audiences.
SELECT coalesce(a.digest = subject_digest(a.subject, a.name)
		AND (a.audience_people IS NULL OR reached.by_query OR (a.audience_people, a.audience_digest) = (reached.people, reached.digest)), false)
		AS current,
	a.audience_people, a.approved_by, a.approved_at
FROM approval AS a
	LEFT JOIN LATERAL (
		SELECT r.people, r.digest, campaign_segments(c) IS NOT NULL AS by_query FROM campaign AS c CROSS JOIN LATERAL campaign_reach(c) AS r
		WHERE c.name = a.name) AS reached ON a.subject = 'campaign'
WHERE a.subject = $1::subject AND a.name = $2
ORDER BY a.approved_at DESC
LIMIT 1
