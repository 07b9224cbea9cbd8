-- The status of one campaign, to tell "not approved" from "no such campaign". $1 text: name. Primary key.
SELECT status FROM campaign WHERE name = $1
