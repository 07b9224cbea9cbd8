-- What the monitor tells of breakers: those that have tripped, and those that warned within a day. No parameters. Rows: scope text, name text, rule text,
-- tripped boolean. Small tables, no lock.
SELECT scope::text, name, rule, true AS tripped FROM breaker_state WHERE tripped AND name IS NOT NULL
UNION
SELECT e.scope::text, n.name, e.rule, false
FROM breaker_event AS e CROSS JOIN LATERAL (SELECT breaker_name(e.scope, e.subject_id, e.template) AS name) AS n
WHERE e.change = 'warned' AND e.at > statement_timestamp() - interval '1 day' AND n.name IS NOT NULL
ORDER BY scope, name, rule, tripped
