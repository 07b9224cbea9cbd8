-- When a campaign runs. $1 text: campaign. No row or one: starts_at text, ends_at text (as written), status text, rrule text or NULL. Primary key.
SELECT starts_at, ends_at, status, rrule FROM campaign WHERE name = $1
