-- Promise 3: every bucket has its gate; without one the locking protocol holds nobody back. Columns: bucket.
SELECT b.bucket
FROM generate_series(0, 1023) AS b (bucket) LEFT JOIN bucket_gate AS g USING (bucket)
WHERE g.bucket IS NULL
