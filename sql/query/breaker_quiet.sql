-- Whether nobody has said anything of a sender since an instant: no opt-out, no withdrawn consent and no feedback. $1 timestamptz. One row: boolean. Three probes of
-- indexes.
SELECT (SELECT true FROM suppression WHERE at > $1::timestamptz LIMIT 1) IS NULL
	AND (SELECT true FROM consent_event WHERE state = 'withdrawn' AND given_at > $1::timestamptz LIMIT 1) IS NULL
	AND (SELECT true FROM feedback WHERE at > $1::timestamptz LIMIT 1) IS NULL
