-- What is recorded about a campaign, its templates, its sender and its business. $1 text: business; $2 sender, $3 template, $4 campaign, $5 the other
-- template of a split, $6 that of first messages, NULL when there is none. Rows: subject, item, given_on, valid_until (date, NULL: none stated), name.
-- Primary keys.
-- Some items stand in columns of their own: privacy_policy, official_api, escalation_path. An approval counts while its subject is what was
-- approved, and when another person gave it than those who wrote the subject, or while house.approval.second_person is waived. It holds from its
-- instant on, and one that is there holds now (of a test on a seed list whoever gave it, and of its texts without being given: test_campaign()):
-- two days before its date, or this one, are over in every zone.
WITH wanted (subject, name, authors) AS (
	SELECT 'business'::subject, $1::text, ARRAY(SELECT created_by FROM business WHERE name = $1)
	UNION ALL SELECT 'sender', $2::text, ARRAY(SELECT created_by FROM sender WHERE name = $2)
	UNION ALL SELECT 'template', text.name, ARRAY(SELECT created_by FROM template AS t WHERE t.name = text.name)
		FROM (SELECT DISTINCT unnest(ARRAY[$3::text, $5, $6])) AS text (name)
	UNION ALL SELECT 'campaign', $4::text, ARRAY(SELECT created_by FROM campaign WHERE name = $4 AND test_of IS NULL)
), recorded (subject, item, given_on, valid_until, name) AS (
	SELECT a.subject, a.item, a.given_on, a.valid_until, a.name
	FROM wanted AS w JOIN attestation AS a ON a.subject = w.subject AND a.name = w.name
	UNION ALL
	SELECT a.subject, 'approval', timezone('UTC', least(a.approved_at, session_now()))::date - 2, ended.on_day, a.name
	FROM wanted AS w JOIN approval AS a ON a.subject = w.subject AND a.name = w.name
		CROSS JOIN LATERAL (SELECT CASE WHEN a.approved_by = ANY (w.authors) THEN coalesce(
			(SELECT max(v.expires_on) FROM waiver AS v WHERE v.rule = 'house.approval.second_person' AND v.business = $1), '2000-01-02') END) AS ended (on_day)
	WHERE a.digest = subject_digest(a.subject, a.name)
	UNION ALL
	SELECT w.subject, 'approval', '2000-01-01', NULL, w.name FROM wanted AS w
	WHERE w.subject = 'template' AND EXISTS (SELECT FROM campaign WHERE name = $4 AND test_of IS NOT NULL)
	UNION ALL
	SELECT 'business', 'privacy_policy', '2000-01-01', NULL, name
	FROM business WHERE name = $1 AND privacy_policy_url <> '' AND privacy_policy_version <> ''
	UNION ALL SELECT 'sender', 'official_api', '2000-01-01', NULL, name FROM sender WHERE name = $2 AND transport = 'official'
	UNION ALL SELECT 'sender', 'escalation_path', '2000-01-01', NULL, name FROM sender WHERE name = $2 AND escalation <> ''
)
SELECT * FROM recorded WHERE valid_until IS NULL OR valid_until > given_on ORDER BY 1, 2, 3, 4, 5
