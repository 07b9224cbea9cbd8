-- One per cent of :recipients people, as CSV for `daypart import`: a third opts out, a third of them, who had none, consents, a third joins.
-- psql variables: recipients, round (1 to 9), opt_outs, consents, audiences (files).
SET search_path = daypart, pg_catalog;
COPY (SELECT '+' || phone AS phone FROM recipient JOIN audience_member USING (bucket, recipient_id)
	WHERE recipient_id % 300 = :round) TO STDOUT (FORMAT csv, HEADER) \g :opt_outs
COPY (
	SELECT '+' || phone AS phone, 'Acme' AS business, 'whatsapp' AS channel, 'marketing' AS category, '2026-11-01T00:00:00Z' AS given_at,
		'2026-11-01T00:01:00Z' AS confirmed_at, 'form' AS method, 'I agree' AS wording, 'true' AS supplied_by_person, '192.0.2.1' AS ip,
		'/x/' AS signature, '000' AS tax_id, 'form' AS source
	FROM (
		SELECT phone FROM recipient JOIN audience_member USING (bucket, recipient_id) LEFT JOIN consent AS k USING (bucket, recipient_id)
		WHERE recipient_id % 15 = :round AND k.recipient_id IS NULL
		UNION
		SELECT phone FROM recipient
		WHERE phone BETWEEN 491510000000 + :recipients + :recipients / 300 * (:round - 1) + 1 AND 491510000000 + :recipients + :recipients / 300 * :round)
		AS people
	) TO STDOUT (FORMAT csv, HEADER) \g :consents
COPY (SELECT 'everybody' AS audience, '+' || 491510000000 + :recipients + n AS phone
	FROM generate_series(:recipients / 300 * (:round - 1) + 1, :recipients / 300 * :round) AS n) TO STDOUT (FORMAT csv, HEADER) \g :audiences
