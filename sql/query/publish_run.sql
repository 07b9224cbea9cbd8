-- A campaign run as it is planned now. $1 campaign, $2 occurrence, $3 business, $4 sender, $5 channel, $6 category, $7 digest (hex), $8 first_at,
-- $9 last_at. One row: its number. The subject is the campaign's; of a run that was planned with another one it is unknown for good. Makes the
-- ledger's part when it is the first run that needs it.
WITH run AS (
	INSERT INTO campaign_run (campaign_id, occurrence, business_id, sender_id, channel, category, campaign_hash, first_at, last_at, subject)
	VALUES ($1::int, $2::date, $3::int, $4::smallint, $5::channel, $6::category, decode($7, 'hex'), $8::timestamptz, $9::timestamptz,
		(SELECT c.subject FROM campaign AS c WHERE c.campaign_id = $1::int))
	ON CONFLICT (campaign_id, occurrence) DO UPDATE SET (business_id, sender_id, channel, category, campaign_hash, first_at, last_at, dropped_at, subject) =
		(excluded.business_id, excluded.sender_id, excluded.channel, excluded.category, excluded.campaign_hash, excluded.first_at, excluded.last_at,
			NULL, CASE WHEN subject_number(campaign_run.subject) = subject_number(excluded.subject) THEN excluded.subject END)
	RETURNING run_id)
SELECT run_id, ensure_release_part(run_id) FROM run
