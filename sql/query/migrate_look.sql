-- What is there before anything is known to be there: reads the catalogue only, so that no right on schema daypart is needed.
-- No parameters. One row: schema_exists, table_exists (the list of migrations), may_read (it), may_create (the schema, or in it), encoding,
-- database, role.
SELECT
	schema.oid IS NOT NULL AS schema_exists,
	list.oid IS NOT NULL AS table_exists,
	coalesce(has_schema_privilege(schema.oid, 'USAGE') AND has_table_privilege(list.oid, 'SELECT'), false) AS may_read,
	coalesce(has_schema_privilege(schema.oid, 'CREATE'), has_database_privilege(current_database(), 'CREATE')) AS may_create,
	current_setting('server_encoding') AS encoding,
	current_database() AS database,
	session_user AS role
FROM (VALUES (1)) AS one
	LEFT JOIN pg_namespace AS schema ON schema.nspname = 'daypart'
	LEFT JOIN pg_class AS list ON list.relnamespace = schema.oid AND list.relname = 'migration'
