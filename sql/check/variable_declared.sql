-- R-164: recipients carry declared variables only. Columns: variable, people.
SELECT v.key AS variable, count(*) AS people
FROM recipient AS r CROSS JOIN LATERAL jsonb_object_keys(r.variables) AS v (key)
WHERE NOT EXISTS (SELECT FROM variable WHERE variable.name = v.key)
GROUP BY v.key
