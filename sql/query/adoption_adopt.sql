-- Lets this copy of the database release, after holding what is due. $1 uuid: the new token. One row: held int8 (slots), dropped int8 (messages in
-- the outbox), beat timestamptz. Locks: adopt_installation().
SELECT held, dropped, beat FROM adopt_installation($1::uuid)
