-- The messages of a claim for a sink outside the database, looked at once more. $1 int2: lane; $2 int8: epoch; $3 int8: number of the claim; $4
-- timestamptz: the instant now, NULL for the server's. Rows: bucket, recipient_id, run_id, attempt, not_after, idempotency_key, phone, channel,
-- category, sender, sender_address, campaign, template, language, body, variables. Index: inflight (lane, epoch, claim). Writes for those that do not
-- leave, see take_flight().
SELECT bucket, recipient_id, run_id, attempt, not_after, idempotency_key, phone, channel, category, sender, sender_address, campaign, template,
	language, body, variables
FROM take_flight($1::smallint, $2::bigint, $3::bigint, $4::timestamptz)
