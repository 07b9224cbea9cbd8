-- Decides uncertain messages, see settle_uncertain(). $1 text: key, $2 text: campaign, $3 timestamptz: uncertain before; NULL does not choose, but one
-- must; $4 boolean: they were sent; $5 text: why. One row: decided int8, and left int8: how many are uncertain still.
SELECT decided, (SELECT count(*) FROM uncertain_message) - decided AS left
FROM settle_uncertain($1::text, $2::text, $3::timestamptz, $4::boolean, $5::text) AS decided
