-- What some lanes have sent, and what the others have taken and not sent yet. $1 int2[]: lanes; $2 int2: the one that asks; $3 timestamptz: since when;
-- $4 timestamptz: the instant now, NULL for the server's. Rows: lane, class_id (NULL: taken, not sent), since, messages. A block that has run
-- out counts for a minute more, twice as long as a statement may take; one of another epoch is nobody's: its claims have ended. By primary keys.
SELECT lane, class_id, since, messages FROM lane_sent
WHERE lane = ANY ($1::smallint[]) AND since >= quarter_of($3::timestamptz)
UNION ALL
SELECT b.lane, NULL, b.since, b.messages - sent.messages
FROM lane_block AS b
	JOIN lane_lease AS l ON l.lane = b.lane AND l.epoch = b.epoch
	CROSS JOIN LATERAL (SELECT coalesce(sum(s.messages), 0)::bigint AS messages FROM lane_sent AS s WHERE s.lane = b.lane AND s.since = b.since) AS sent
WHERE b.lane = ANY ($1::smallint[]) AND b.lane <> $2::smallint AND b.messages > sent.messages
	AND b.until > coalesce($4::timestamptz, statement_timestamp()) - interval '1 minute'
