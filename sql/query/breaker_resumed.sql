-- The breakers of a scope that were resumed last. $1 text: scope; $2 text: name. One row: scope, name, rules, resumed_at, resumed_by, reason.
SELECT b.scope, b.name, string_agg(b.rule, ' ' ORDER BY b.rule) AS rules, b.resumed_at, b.resumed_by, b.reason
FROM breaker_state AS b
WHERE b.scope::text = $1::text AND b.name = $2::text AND NOT b.tripped
GROUP BY b.scope, b.name, b.resumed_at, b.resumed_by, b.reason
ORDER BY b.resumed_at DESC LIMIT 1
