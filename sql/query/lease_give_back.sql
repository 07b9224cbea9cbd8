-- Gives leases back and tells the others. $1 uuid: whose; $2 int2[]: which lanes, NULL: all, and the daemon is not at work any more.
-- One row: given int8. A small table; waits for claims of these lanes that are under way.
WITH given AS (
	UPDATE lane_lease SET holder = NULL, epoch = epoch + 1, until = '-infinity'
	WHERE holder = $1::uuid AND ($2::smallint[] IS NULL OR lane = ANY ($2::smallint[]))
	RETURNING lane
), gone AS (
	DELETE FROM release_daemon WHERE holder = $1::uuid AND $2::smallint[] IS NULL
)
SELECT count(*) AS given, pg_notify('daypart', '') FROM given
