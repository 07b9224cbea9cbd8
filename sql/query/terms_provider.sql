-- What is recorded about the provider that sends for a business. $1 text: business. No row: it sends for itself. Rows: item text, given_on date,
-- valid_until date (NULL: none stated); one row of NULLs when nothing is recorded. Primary keys.
SELECT a.item, a.given_on, a.valid_until
FROM business AS b LEFT JOIN attestation AS a ON a.subject = 'business' AND a.name = b.provider
WHERE b.name = $1 AND b.provider IS NOT NULL
