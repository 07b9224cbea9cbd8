-- What campaigns are about: caps that count messages on the same subject (P-12, P-13, P-14).

ALTER TABLE campaign ADD subject text CHECK (check_name(subject));     -- NULL: unknown, so perhaps that of any other campaign
ALTER TABLE campaign_run ADD subject text;                             -- when it was planned; NULL: unknown, or an edit changed it

-- Small and capital letters make no other subject. Two subjects may share a number: they count as the same, which is the strict way.
CREATE FUNCTION subject_number(subject text) RETURNS int IMMUTABLE STRICT PARALLEL SAFE
	RETURN 1 + (hashtext(lower(subject)) & 1073741823);

-- As in 0022_segments.sql; of campaigns whose subject is unknown it is the same text.
CREATE OR REPLACE FUNCTION campaign_text(campaign campaign) RETURNS text STABLE PARALLEL SAFE
	RETURN jsonb_build_array('campaign', campaign.sender, campaign.template, campaign.audience, campaign.category, campaign.starts_at,
		campaign.ends_at, campaign.local_from, campaign.local_to, campaign.rrule, campaign.pacing, campaign.catch_up, campaign.holdout_percent,
		campaign.offer_terms, campaign.offer_expires_on, campaign.tags, campaign.also_audiences, campaign.except_audiences, campaign.template_b,
		campaign.split_percent, campaign.first_template, campaign.send_at, campaign.test_of)::text
		|| coalesce(' segments ' || campaign_segments(campaign), '')
		|| coalesce(' subject ' || to_jsonb(campaign.subject)::text, '');

COMMENT ON COLUMN campaign.subject IS 'what it is about, for caps on messages on the same subject; empty: unknown, which counts as the same as every other';
COMMENT ON COLUMN campaign_run.subject IS 'subject of the campaign when it was planned; empty: unknown';
COMMENT ON FUNCTION subject_number IS 'a number of a subject: the same subject, the same number';

CALL hand_over();
GRANT INSERT (subject), UPDATE (subject) ON campaign TO daypart_marketer;
GRANT EXECUTE ON FUNCTION subject_number TO daypart_marketer, daypart_planner, daypart_scheduler, daypart_analyst, daypart_privacy;
