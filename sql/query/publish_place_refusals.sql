-- $1 int: plan run; $2 int[]: campaign runs that were stored before. Writes the staged refusals of the others. One row: how many.
SELECT place_refusals($1::int, $2::int[])
