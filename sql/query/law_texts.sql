-- The texts of the active rulebook and its calendars. No parameters. Rows: rulebook_id, name, body. Small tables.
SELECT rulebook_id, name, body FROM rulebook_head JOIN rulebook_file USING (rulebook_id) ORDER BY name
