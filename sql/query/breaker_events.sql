-- What a rule of kind breaker counts. $1 text: its id; $2 text: metric; $3 text: scope; $4 timestamptz, $5 timestamptz: its period, without the beginning;
-- $6 interval: how long after a message an opt-out is about it; $7 text[]: regions, NULL: everywhere; $8 text[]: channels; $9 text[]: categories;
-- $10 timestamptz: what was recorded after that is recent.
-- Rows: subject_id int, template text, name text, events int8, latest text (rating) or NULL, armed boolean, recent int8. See breaker_events().
SELECT subject_id, template, name, events, latest, armed, recent
FROM breaker_events($1::text, $2::text, $3::breaker_scope, $4::timestamptz, $5::timestamptz, $6::interval, $7::text[], $8::text[], $9::text[], $10::timestamptz)
