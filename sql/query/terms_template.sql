-- The columns of terms_campaign for a template that no campaign uses yet. $1 text: template. No row or one. Primary key.
SELECT t.category, t.channel, t.name AS template, NULL AS campaign, NULL AS sender, b.name AS business, b.legal_name, NULL AS identifier,
	false AS one_way, NULL AS sender_country, NULL AS sender_type, NULL AS trust_level, NULL AS registered_on, NULL AS granted_daily_limit,
	NULL AS granted_on, NULL AS portfolio_limit, NULL AS daily_limit, NULL AS rate_milli, false AS has_offer_terms, NULL AS offer_expires_on,
	NULL AS template_b, 0 AS split_percent, NULL AS first_template, 0 AS headroom_percent
FROM template AS t JOIN business AS b ON b.name = t.business
WHERE t.name = $1
ORDER BY t.created_at, t.language
LIMIT 1
