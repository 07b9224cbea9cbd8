-- What has left or is leaving, in no order. $1 int[]: runs whose messages may count in caps; $2 timestamptz: how far back caps look; $3 int[]:
-- runs to be planned, of which every row matters. Binary COPY: recipient_id, at, run_id, counts in caps (1 or 0).
COPY (
	SELECT recipient_id, released_at, run_id, (outcome IN ('handed_over', 'uncertain'))::int::smallint FROM release
	WHERE run_id = ANY ($1::int[]) AND (released_at >= $2::timestamptz OR run_id = ANY ($3::int[]))
	UNION ALL
	SELECT recipient_id, claimed_at, run_id, 1::smallint FROM inflight WHERE run_id = ANY ($1::int[])
) TO STDOUT (FORMAT binary)
