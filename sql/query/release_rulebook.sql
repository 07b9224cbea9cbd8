-- The texts of the active rulebook, rules and calendars alike. Rows: rulebook_id int, name text, body text. By primary key, no lock.
SELECT rulebook_id, name, body FROM rulebook_head JOIN rulebook_file USING (rulebook_id) WHERE rulebook_head.one ORDER BY name
