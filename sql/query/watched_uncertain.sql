-- Messages of which nobody knows whether they were sent. No parameters. Rows: sender text, count int8. Reads inflight, which holds little; no lock.
SELECT sender, count(*) FROM uncertain_message GROUP BY sender ORDER BY sender
