-- What is recorded about a campaign, its template, its sender and its business. $1 text: business; $2 sender, $3 template, $4 campaign, NULL
-- when there is none. Rows: subject, item, given_on, valid_until (date, NULL: none stated). Primary keys.
-- An approval counts while its subject is what was approved, and when another person gave it than those who wrote the subject. It holds from its
-- instant on: two days before its date are over in every zone by then.
WITH wanted (subject, name, authors) AS (
	SELECT 'business'::subject, $1::text, ARRAY(SELECT created_by FROM business WHERE name = $1)
	UNION ALL SELECT 'sender', $2::text, ARRAY(SELECT created_by FROM sender WHERE name = $2)
	UNION ALL SELECT 'template', $3::text, ARRAY(SELECT created_by FROM template WHERE name = $3)
	UNION ALL SELECT 'campaign', $4::text, ARRAY(SELECT created_by FROM campaign WHERE name = $4)
)
SELECT a.subject, a.item, a.given_on, a.valid_until
FROM wanted AS w JOIN attestation AS a ON a.subject = w.subject AND a.name = w.name
UNION ALL
SELECT a.subject, 'approval', max(timezone('UTC', a.approved_at)::date) - 2, NULL
FROM wanted AS w JOIN approval AS a ON a.subject = w.subject AND a.name = w.name
WHERE a.digest = subject_digest(a.subject, a.name) AND a.approved_by <> ALL (w.authors)
GROUP BY a.subject
ORDER BY 1, 2, 3
