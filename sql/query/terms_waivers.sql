-- Rules that are waived for a business. $1 text: business. Rows: rule, the last day on which a waiver of it ends (date, excluded), by rule.
SELECT rule COLLATE "C" AS rule, max(expires_on) AS expires_on FROM waiver WHERE business = $1 GROUP BY rule ORDER BY 1
