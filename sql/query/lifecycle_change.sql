-- Changes a campaign's status if the verb is possible now; campaign_set_status looks again under its locks.
-- $1 text: campaign. $2 text: verb. $3 text: note, or NULL. One row when it was done, none when the verb is impossible or there is no such campaign.
SELECT campaign_set_status(c.name, t.to_status::text, $3)
FROM campaign AS c JOIN campaign_transition AS t ON t.from_status = c.status
WHERE c.name = $1 AND t.verb = $2
