-- R-052: nobody is kept whose number was bought, rented or scraped. Rows appear when a rulebook comes to know another word for it: erase these
-- people. Columns: source, people. Reads all of recipient.
SELECT r.source, count(*) AS people
FROM recipient AS r JOIN consent_word AS w ON w.word = normalise_keyword(r.source)
WHERE w.meaning = 'purchased'
GROUP BY r.source
