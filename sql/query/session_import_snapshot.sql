-- Adopts an exported snapshot, as the first statement of a REPEATABLE READ transaction. 'SNAPSHOT_ID' is replaced, the grammar allows no parameter.
SET TRANSACTION SNAPSHOT 'SNAPSHOT_ID'
