-- The token of an installation that has none. $1 uuid. No row; locks the one row of adoption.
UPDATE adoption SET token = $1::uuid WHERE one AND token IS NULL
