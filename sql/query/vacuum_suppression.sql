-- After a large import: the planner's ordered reads need the visibility map and statistics. Not inside a transaction; only the owner may.
VACUUM (ANALYZE) suppression;
