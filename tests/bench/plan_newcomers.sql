-- People who join later, as CSV for `daypart import recipients`: :recipients / 300 of Berlin for each of :rounds. psql variables: recipients, rounds.
COPY (SELECT '+' || 491510000000 + :recipients + n AS phone, 'DE' AS region, 'Europe/Berlin' AS timezone
	FROM generate_series(1, :recipients / 300 * :rounds) AS n) TO STDOUT (FORMAT csv, HEADER);
