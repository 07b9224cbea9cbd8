-- Registrations and attestations of what is in use. No parameters. Rows: subject, name, business, item (text), given_on, valid_until (date, NULL: none
-- stated), those of one subject and item together. Small tables.
WITH used (subject, name, business) AS (
	SELECT 'sender'::subject, s.name, s.business FROM sender AS s WHERE s.status = 'active'
	UNION SELECT 'business', s.business, s.business FROM sender AS s WHERE s.status = 'active'
	UNION SELECT 'campaign', c.name, s.business FROM campaign AS c JOIN sender AS s ON s.name = c.sender
		WHERE c.status IN ('draft', 'approved', 'paused')
	UNION SELECT 'template', t.name, t.business FROM campaign AS c JOIN template AS t ON t.name IN (c.template, c.template_b, c.first_template)
		WHERE c.status IN ('draft', 'approved', 'paused')
)
SELECT a.subject, a.name, u.business, a.item, a.given_on, a.valid_until
FROM used AS u JOIN attestation AS a USING (subject, name)
ORDER BY a.subject, a.name, a.item, a.given_on
