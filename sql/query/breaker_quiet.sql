-- Whether nobody has said anything of a sender since an instant: no opt-out and no feedback. $1 timestamptz. One row: boolean. Two probes of indexes.
SELECT (SELECT true FROM suppression WHERE at > $1::timestamptz LIMIT 1) IS NULL AND (SELECT true FROM feedback WHERE at > $1::timestamptz LIMIT 1) IS NULL
