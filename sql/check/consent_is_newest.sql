-- Promise 3: the current state of a consent is the newest statement of the person; at one instant a withdrawal wins. Append-only history
-- without a current state, or a current state without history, shows too. Columns: bucket, recipient_id, business_id, channel, category.
SELECT bucket, recipient_id, business_id, channel, category
FROM consent AS c
	FULL JOIN (
		SELECT DISTINCT ON (bucket, recipient_id, business_id, channel, category)
			bucket, recipient_id, business_id, channel, category, state, given_at
		FROM consent_event
		ORDER BY bucket, recipient_id, business_id, channel, category, given_at DESC NULLS LAST, state DESC
	) AS newest USING (bucket, recipient_id, business_id, channel, category)
WHERE c.state IS DISTINCT FROM newest.state OR c.given_at IS DISTINCT FROM newest.given_at
