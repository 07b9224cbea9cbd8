-- A wording of consent in all its languages. $1 text: business, $2 text: name. Rows: language, kinds, names_channels, names_business, says_marketing,
-- privacy_policy_url, privacy_policy_version, approved_by, body. Primary key.
SELECT language, array_to_string(kinds, ' ') AS kinds, array_to_string(names_channels, ' ') AS names_channels, names_business, says_marketing,
	privacy_policy_url, privacy_policy_version, approved_by, body
FROM wording WHERE business = $1 AND name = $2
ORDER BY language
