-- Uncertain messages that the sink may be asked about. $1 int: how many at most; $2 timestamptz: the instant now, NULL for the server's. Rows:
-- bucket, recipient_id, run_id, attempt, not_after, idempotency_key, phone, channel, category, sender, sender_address, campaign, template, language, body,
-- variables, lane, epoch, claim. Marks them as asked; skips what somebody else holds. Scans inflight, which holds little.
SELECT bucket, recipient_id, run_id, attempt, not_after, idempotency_key, phone, channel, category, sender, sender_address, campaign, template,
	language, body, variables, lane, epoch, claim
FROM ask_flight($1::int, $2::timestamptz)
