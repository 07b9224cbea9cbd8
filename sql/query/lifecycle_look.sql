-- Why a verb was impossible. $1 text: campaign. $2 text: verb. No row: no such campaign. One row: status text, reached boolean (it is already what the
-- verb would make it), possible text (the verbs that are possible, or NULL).
SELECT c.status,
	EXISTS (SELECT FROM campaign_transition AS t WHERE t.verb = $2 AND t.to_status = c.status) AS reached,
	(SELECT string_agg(t.verb, ', ' ORDER BY t.verb) FROM campaign_transition AS t WHERE t.from_status = c.status) AS possible
FROM campaign AS c WHERE c.name = $1
