-- Lands the batch. $1 text: kind. $2 text[]: columns of the file. Rows: one; added, changed, unchanged, purchased bigint. Locks as the
-- functions for one person do, in lock order.
SELECT added, changed, unchanged, coalesce(purchased, 0) AS purchased FROM import_batch($1, $2::text[]);
