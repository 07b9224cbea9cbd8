-- How many messages of a scope left in a period. $1 text: scope; $2 int: subject_id; $3 text: template; $4 timestamptz, $5 timestamptz: the period,
-- without its beginning; $6 text[]: regions, NULL: everywhere; $7 text[]: channels; $8 text[]: categories; $9 int8: no more need be counted.
-- One row: int8. See breaker_sent().
SELECT breaker_sent($1::breaker_scope, $2::int, $3::text, $4::timestamptz, $5::timestamptz, $6::text[], $7::text[], $8::text[], $9::bigint)
