-- Distribution: one number is one person; no unique key can say so across buckets. Columns: phone (masked), people. Reads all of recipient.
SELECT mask_phone(phone) AS phone, count(*) AS people
FROM recipient
GROUP BY phone
HAVING count(*) > 1
