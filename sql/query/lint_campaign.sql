-- When a campaign runs. $1 text: campaign. No row or one: starts_at text, ends_at text (as written), status text. Primary key.
SELECT starts_at, ends_at, status FROM campaign WHERE name = $1
