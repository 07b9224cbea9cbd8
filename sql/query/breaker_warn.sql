-- Keeps a warning. $1 text: scope; $2 text: name; $3 text: rule; $4 text: what was counted. One row: whether it is to be told now.
SELECT warn_breaker($1::text, $2::text, $3::text, $4::text)
