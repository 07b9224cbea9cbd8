-- What decides whether this host may release. One row: rehearsal boolean, token uuid or NULL, beat_at timestamptz or NULL, name text (of this copy of the
-- database: the installation, the server's files and the database in them), at_work boolean (a daypartd is at work now). No lock.
SELECT i.rehearsal, a.token, nullif(a.beat_at, '-infinity') AS beat_at,
	format('%s-%s-%s', i.installation_id, s.system_identifier, d.oid) AS name,
	EXISTS (SELECT FROM release_daemon AS r WHERE r.until > statement_timestamp()) AS at_work
FROM installation AS i CROSS JOIN adoption AS a CROSS JOIN pg_control_system() AS s JOIN pg_database AS d ON d.datname = current_database()
