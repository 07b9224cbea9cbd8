-- Whoever approves a campaign sees whom it reaches by place (F1), without seeing anybody's number: the leading digits tell where a number belongs
-- (planner/core/number.h needs nine at most), and the last two are never among them.

CREATE FUNCTION audience_places(campaign text) RETURNS TABLE (prefix bigint, region text, timezone text, people bigint) LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = daypart, pg_catalog, pg_temp BEGIN ATOMIC
	SELECT left(p.phone::text, least(9, length(p.phone::text) - 2))::bigint, p.region, p.timezone, count(*)
	FROM campaign AS c JOIN audience AS a ON a.name = c.audience JOIN audience_member AS m USING (audience_id)
		LEFT JOIN recipient AS p USING (bucket, recipient_id)
	WHERE c.name = audience_places.campaign
	GROUP BY 1, 2, 3;
END;
COMMENT ON FUNCTION audience_places IS
	'the people of a campaign''s audience by the leading digits of their numbers and by declared place; no prefix: no recipient any more';

CALL hand_over();
GRANT EXECUTE ON FUNCTION audience_places TO daypart_marketer, daypart_planner, daypart_analyst, daypart_privacy;
