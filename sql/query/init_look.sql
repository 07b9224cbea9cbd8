-- What is there already. No parameters. One row: rehearsal boolean, has_key boolean, has_people boolean (somebody whose id was made with a key).
SELECT i.rehearsal, has_secret_key() AS has_key,
	EXISTS (SELECT FROM recipient) OR EXISTS (SELECT FROM suppression) OR EXISTS (SELECT FROM release) OR EXISTS (SELECT FROM outside_send)
		AS has_people
FROM installation AS i
