-- What is true of a whole campaign: its sender, its business and itself. $1 text: campaign. No row or one. Small tables by primary key.
-- sender_type: by the address; portfolio_limit: the least that any sender of the portfolio states.
SELECT c.category, s.channel, c.template, c.name AS campaign, s.name AS sender, b.name AS business, b.legal_name, s.identifier,
	NOT s.receives_replies AS one_way, s.country AS sender_country,
	CASE WHEN s.address LIKE '+%' THEN 'number' WHEN s.address ~ '^[0-9]+$' THEN 'short_code' ELSE 'alphanumeric' END AS sender_type,
	s.trust_level, s.registered_on, s.granted_daily_limit, s.granted_on,
	CASE WHEN s.portfolio IS NULL THEN s.portfolio_limit
		ELSE (SELECT min(o.portfolio_limit) FROM sender AS o WHERE o.portfolio = s.portfolio AND o.business = s.business) END AS portfolio_limit,
	s.daily_limit, (s.throughput_per_s * 1000)::bigint AS rate_milli,
	coalesce(btrim(c.offer_terms), '') <> '' AS has_offer_terms, c.offer_expires_on, c.template_b, c.split_percent, c.first_template, s.headroom_percent
FROM campaign AS c JOIN sender AS s ON s.name = c.sender JOIN business AS b ON b.name = s.business
WHERE c.name = $1
