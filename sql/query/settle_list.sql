-- Messages of which nobody knows whether they were sent, oldest first. $1 text: key, $2 text: campaign, $3 timestamptz: uncertain before; NULL does not
-- choose. One row each. Reads inflight, which holds little. No lock.
SELECT idempotency_key AS key, campaign, sender, phone, attempt, claimed_at, uncertain_since, code, text
FROM uncertain_message
WHERE ($1::text IS NULL OR idempotency_key = $1::text) AND ($2::text IS NULL OR campaign = $2::text)
	AND ($3::timestamptz IS NULL OR uncertain_since < $3::timestamptz)
ORDER BY uncertain_since, idempotency_key
