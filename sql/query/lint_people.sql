-- Where the people of a campaign's audience may be. $1 text: campaign. Binary COPY: phone bigint (NULL: no recipient any more), region text, timezone
-- text (NULL: not declared). One pass over the audience, no order; recipient by primary key or by a hash join.
COPY (
	SELECT p.phone, p.region, p.timezone
	FROM campaign AS c JOIN audience AS a ON a.name = c.audience JOIN audience_member AS m USING (audience_id)
		LEFT JOIN recipient AS p USING (bucket, recipient_id)
	WHERE c.name = $1
) TO STDOUT (FORMAT binary)
