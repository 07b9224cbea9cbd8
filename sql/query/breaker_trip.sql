-- Stops a scope. $1 text: scope; $2 text: name; $3 text: rule; $4 text: what was counted; $5 text: what a resume needs. One row: whether it tripped now.
SELECT trip_breaker($1::text, $2::text, $3::text, $4::text, $5::text)
