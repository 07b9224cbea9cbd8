-- Emergencies that have not ended. $1 timestamptz: now. Rows: area, declared_from, declared_until (NULL: still on). Small table.
SELECT area, declared_from, declared_until FROM emergency WHERE declared_until IS NULL OR declared_until > $1::timestamptz
ORDER BY area, declared_from
