-- F6: who submitted a subject did not approve it as it is, unless the rule was waived for the business then; tests on a seed list aside. Columns:
-- subject, name, approved_at, approved_by.
SELECT a.subject, a.name, a.approved_at, a.approved_by
FROM approval AS a CROSS JOIN LATERAL subject_owner(a.subject, a.name) AS o
WHERE a.approved_by = ANY (o.submitters) AND a.digest = subject_digest(a.subject, a.name)
	AND NOT EXISTS (SELECT FROM waiver AS w
		WHERE w.rule = 'house.approval.second_person' AND w.business = o.business AND w.expires_on >= timezone('UTC', a.approved_at)::date - 1)
	AND NOT EXISTS (SELECT FROM campaign AS c WHERE a.subject = 'campaign' AND c.name = a.name AND c.test_of IS NOT NULL)
