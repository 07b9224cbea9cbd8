-- No parameters. Rows: version int, name text, checksum text, ascending by version.
SELECT version, name, checksum FROM migration ORDER BY version
