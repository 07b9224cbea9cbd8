-- $1 int: a plan run that is not published yet; $2.. bigint: how many people it adds, moves, cancels, keeps, suppresses, holds. One row, ignored.
SELECT count_plan($1::int, $2::bigint, $3::bigint, $4::bigint, $5::bigint, $6::bigint, $7::bigint)
