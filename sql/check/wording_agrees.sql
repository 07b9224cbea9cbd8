-- F4: the approved languages of one wording say the same, so that it does not matter which one a consent that cites it by name means. Columns:
-- business, name.
SELECT business, name
FROM wording
WHERE approved_at IS NOT NULL
GROUP BY business, name
HAVING count(DISTINCT (kinds, names_channels, names_business, says_marketing, coalesce(privacy_policy_url, ''),
	coalesce(privacy_policy_version, ''))) > 1
