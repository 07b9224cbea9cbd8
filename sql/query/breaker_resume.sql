-- Ends what has tripped for a scope. $1 text: scope; $2 text: name; $3 text: reason; $4 text: rule, or NULL for all. One row: how many breakers. See
-- resume_breaker().
SELECT resume_breaker($1::text, $2::text, $3::text, $4::text)
