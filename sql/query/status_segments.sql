-- No parameters. One row a segment.
SELECT audience, people, refreshed_at, added, removed, without_consent, strangers, profiling, defined_by, defined_at, query FROM segment
ORDER BY audience COLLATE "C"
