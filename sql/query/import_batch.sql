-- Lands the batch. $1 text: kind. $2 text[]: columns of the file. Rows: one; added, changed, unchanged bigint. Locks as the functions for one
-- person do, in lock order.
SELECT added, changed, unchanged FROM import_batch($1, $2::text[]);
