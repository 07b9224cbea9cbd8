-- Audiences defined by a query that campaigns name, to be refreshed. $1 text: a campaign, whatever its status; NULL: all that are approved. Small
-- tables only. Rows: audience text.
SELECT s.audience
FROM segment AS s
WHERE EXISTS (SELECT FROM campaign AS c
	WHERE CASE WHEN $1::text IS NULL THEN c.status = 'approved' ELSE c.name = $1 END
		AND s.audience = ANY (c.audience || c.also_audiences || c.except_audiences))
ORDER BY s.audience COLLATE "C"
