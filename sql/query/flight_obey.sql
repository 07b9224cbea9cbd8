-- Does what a provider's answer asks for beyond its own message. $1 text: the action, as in provider_answer.h; $2 int2: bucket, $3 int8:
-- recipient_id, $4 int: run_id; $5 text, $6 text: template and language; $7 text, $8 text: the provider's code and words; $9 int: after so many
-- unreachable messages no more are tried. One row: what was done, in words, or NULL.
SELECT obey_provider($1, $2::smallint, $3::bigint, $4::int, $5, $6, $7, $8, $9::int) AS done
