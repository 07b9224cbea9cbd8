-- Functions that put a world of tests in order for the rulebook in force, so that a test need speak only of what it is about. Whoever submitted
-- becomes ana, so that whoever connects may approve.
CREATE SCHEMA IF NOT EXISTS fixture;

-- Every registration and attestation that any rule asks of the subject, except its approval; renewed for the years that tests play in.
CREATE FUNCTION fixture.attest(subject daypart.subject, name text) RETURNS void LANGUAGE sql SET search_path = daypart, pg_catalog AS $$
	INSERT INTO attestation (subject, name, item, given_on)
	SELECT DISTINCT attest.subject, attest.name, rule.key[1], given_on
	FROM rulebook_head JOIN rulebook_file USING (rulebook_id)
		CROSS JOIN LATERAL regexp_matches(body, format('\mof\s*=\s*"%s"\s*;\s*item\s*=\s*"([^"]+)"', attest.subject), 'g') AS rule (key)
		CROSS JOIN unnest('{2026-05-01,2027-02-01,2027-10-01}'::date[]) AS given_on
	WHERE rule.key[1] <> 'approval'
	ON CONFLICT DO NOTHING
$$;

-- Of six characters, as India wants it.
CREATE FUNCTION fixture.identifier(business text) RETURNS text LANGUAGE sql AS $$
	SELECT left(upper(regexp_replace(business, '[^A-Za-z]', '', 'g')) || 'ABCDEF', 6)
$$;

-- What every regime lets pass as marketing.
CREATE FUNCTION fixture.text(business text, language text, offer text DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
	SELECT CASE language
		WHEN 'pt-BR' THEN format('Promoção: %s para você, %s. %s. Ajuda: ajuda@%s.example. Responda SAIR para não receber mais.',
			coalesce(offer, '20 por cento de desconto'), business, fixture.identifier(business), replace(lower(business), ' ', ''))
		ELSE format('Promotion: %s for you, from %s. %s. Help: help@%s.example. Reply STOP to opt out.',
			coalesce(offer, '20 percent off'), business, fixture.identifier(business), replace(lower(business), ' ', '')) END
$$;
-- Businesses, senders and templates that are there, with an agreement that people can cite by its text. Again: what came since.
CREATE FUNCTION fixture.lawful(agreement text DEFAULT 'I agree') RETURNS void LANGUAGE plpgsql SET search_path = daypart, pg_catalog AS $$
BEGIN
	UPDATE business SET privacy_policy_url = 'https://example.com/privacy', privacy_policy_version = '3', support_email = 'help@example.com',
		created_by = 'ana';
	UPDATE sender SET registered_on = '2024-01-01', trust_level = 'high', granted_daily_limit = 100000, granted_on = '2026-01-01',
		identifier = fixture.identifier(business), escalation = 'email', created_by = 'ana';
	UPDATE template SET approved_on = '2026-01-01', verified_on = '2026-11-10', created_by = 'ana';
	INSERT INTO wording (business, name, body, names_channels, names_business, says_marketing, privacy_policy_url, privacy_policy_version, created_by)
	SELECT name, 'agreement', agreement, '{whatsapp,sms}', true, true, privacy_policy_url, privacy_policy_version, 'ana' FROM business
	ON CONFLICT DO NOTHING;
	PERFORM approve_wording(business, name) FROM wording WHERE approved_at IS NULL;
	PERFORM fixture.attest('business', name) FROM business;
	PERFORM fixture.attest('sender', name), approve('sender', name) FROM sender;
	PERFORM fixture.attest('template', name), approve('template', name) FROM (SELECT DISTINCT name FROM template) AS t;
END $$;

-- A draft, submitted by ana with the terms of an offer, approved by whoever connects.
CREATE FUNCTION fixture.approve_campaign(name text) RETURNS void LANGUAGE plpgsql SET search_path = daypart, pg_catalog AS $$
BEGIN
	UPDATE campaign AS c SET created_by = 'ana', offer_terms = coalesce(offer_terms, '20 percent off, once a person'),
		offer_expires_on = coalesce(offer_expires_on, '2099-12-31')
	WHERE c.name = approve_campaign.name;
	PERFORM fixture.attest('campaign', name), campaign_set_status(name, 'approved');
END $$;

-- What was approved before is approved as it is now: rows that were edited since, and audiences that others joined.
CREATE FUNCTION fixture.approve_again() RETURNS void LANGUAGE sql SET search_path = daypart, pg_catalog AS $$
	SELECT approve('sender', name) FROM sender;
	SELECT approve('template', name) FROM (SELECT DISTINCT name FROM template) AS t;
	SELECT approve('campaign', name) FROM campaign WHERE status = 'approved'
$$;
