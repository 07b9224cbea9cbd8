-- Promise 4: every refusal has a reason that table reason knows, of the same kind, and nothing that was handed over has one.
-- Columns: place, run_id, reason, people.
SELECT 'suppressed' AS place, s.run_id, s.reason, count(*) AS people
FROM suppressed AS s LEFT JOIN reason AS r USING (reason)
WHERE r.kind IS DISTINCT FROM s.kind
GROUP BY 2, 3
UNION ALL
SELECT 'release', l.run_id, l.reason, count(*)
FROM release AS l LEFT JOIN reason AS r USING (reason)
WHERE CASE WHEN l.outcome IN ('refused', 'expired') THEN r.reason IS NULL ELSE l.outcome = 'handed_over' AND l.reason IS NOT NULL END
GROUP BY 2, 3
