-- A daemon is at work. $1 uuid: the token it knows; $2 timestamptz: the latest beat it has seen; $3 interval: how far behind that the database may
-- be. One row: beat_at timestamptz, before timestamptz (the beat that was there, NULL: none), timeline text (it changes when a standby takes over);
-- none: this host may not release from this database. Locks the one row of adoption for a moment.
UPDATE adoption SET beat_at = greatest(beat_at + interval '1 microsecond', $2::timestamptz + interval '1 microsecond', statement_timestamp())
WHERE one AND token = $1::uuid AND beat_at >= $2::timestamptz - $3::interval
RETURNING beat_at, (SELECT nullif(a.beat_at, '-infinity') FROM adoption AS a WHERE a.one) AS before,
	left(pg_walfile_name(pg_current_wal_insert_lsn()), 8) AS timeline
