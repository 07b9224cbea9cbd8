-- The one row of the installation, unless it is there. $1 boolean: rehearsal. One row when it was made, else none.
INSERT INTO installation (rehearsal)
SELECT $1::boolean WHERE NOT EXISTS (SELECT FROM installation)
RETURNING installation_id
