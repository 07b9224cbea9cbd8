-- $1 int: version. $2 text: name. $3 text: SHA-256 of the file, hex. No rows.
INSERT INTO migration (version, name, checksum) VALUES ($1, $2, $3)
