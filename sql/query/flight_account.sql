-- Senders whose messages go through the same account of the provider. $1 int2: sender_id. Rows: sender_id. Small tables, no lock.
SELECT account_senders($1::smallint) AS sender_id
