-- What daypartd must know before it starts. One row: rehearsal boolean (a simulated clock may release here), rulebook boolean (one is active),
-- may_release boolean (this login has the rights of daypart_scheduler).
SELECT installation.rehearsal, EXISTS (SELECT FROM rulebook_head) AS rulebook,
	has_table_privilege('slot', 'DELETE') AND has_table_privilege('release', 'INSERT') AND has_table_privilege('outbox', 'INSERT')
		AND has_table_privilege('lane_lease', 'UPDATE') AS may_release
FROM installation
