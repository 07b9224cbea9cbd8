-- Uncertain messages that may be sent once more under their key. $1 int2[]: lanes that the caller holds; $2 int: how many at most; $3 interval: not
-- this shortly before their last lawful instant; $4 timestamptz: the instant now, NULL for the server's. Rows: as flight_ask.sql. Marks them as
-- asked. Scans inflight, which holds little; suppression, consent and permission_change by their keys.
SELECT bucket, recipient_id, run_id, attempt, not_after, idempotency_key, phone, channel, category, sender, sender_address, campaign, template,
	language, body, variables, lane, epoch, claim
FROM repeat_flight($1::smallint[], $2::int, $3::interval, $4::timestamptz)
