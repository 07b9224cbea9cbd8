/* Who may approve what, what ends an approval, and what a campaign that was planned rests on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "tests/support/pg_cluster.h"
#include "tests/support/schema_fixture.h"
#include "tests/support/sql_expect.h"

static struct pg_cluster *cluster;
static char *conninfo;
static PGconn *connection;

static int
set_up(void **state)
{
	(void)state;
	cluster = pg_cluster_start(NULL);
	conninfo = schema_database(cluster, "approvals");
	connection = sql_connect(conninfo, NULL);
	schema_world(connection);
	sql_run(connection, "SET daypart.now = '2026-11-22T12:00Z'");
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	PQfinish(connection);
	free(conninfo);
	pg_cluster_stop(&cluster);
	return 0;
}

/* After a test that failed in the middle. */
static int
roll_back(void **state)
{
	(void)state;
	PQclear(PQexec(connection, "ROLLBACK"));
	return 0;
}

/* Every case starts from the world of schema_fixture, in which ana has submitted everything, and leaves nothing behind. */
struct effect {
	const char *call, *query, *expected;
};

static void
expect_effects(const struct effect *effects, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		sql_run(connection, "BEGIN");
		sql_run(connection, effects[i].call);
		sql_expect(connection, effects[i].query, effects[i].expected);
		sql_run(connection, "ROLLBACK");
	}
}

struct refusal {
	const char *statement;
	struct sql_error error;
};

static void
expect_refusals(const struct refusal *refusals, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		sql_run(connection, "BEGIN");
		sql_expect_error(connection, refusals[i].statement, &refusals[i].error);
		sql_run(connection, "ROLLBACK");
	}
}

#define EFFECTS(cases) expect_effects(cases, sizeof(cases) / sizeof((cases)[0]))
#define REFUSALS(cases) expect_refusals(cases, sizeof(cases) / sizeof((cases)[0]))

/* F6 ---------------------------------------------------------------------------------------------------------------------------------------- */

#define MINE(table) "UPDATE " table " SET created_by = session_user;"
#define WAIVE(expires_on) "SELECT grant_waiver('house.approval.second_person', 'acme', 'compliance', 'we are one', " expires_on ", 'ana');"
#define DRAFT(name) \
	"INSERT INTO campaign (name, sender, template, audience, starts_at, ends_at, created_by) VALUES ('" name "', 'acme-wa', 'hello', " \
	"'everyone', '2026-12-01T00:00Z', '2026-12-02T00:00Z', 'ana');"

static void
an_approval_says_who_when_and_of_what(void **state)
{
	static const struct effect cases[] = {
		{"INSERT INTO rulebook_head (rulebook_id) VALUES (1); SELECT approve('template', 'hello', 'read it')",
			"SELECT name, approved_by = session_user, digest = subject_digest('template', 'hello'), rulebook_id, note, audience_people "
			"FROM "
			"approval WHERE subject = 'template'",
			"hello|t|t|1|read it|"},
		{"SELECT approve('sender', 'acme-wa'), approve('business', 'acme'), approve('campaign', 'spring')",
			"SELECT subject, name FROM approval WHERE name <> 'summer' ORDER BY subject, approved_at",
			"business|acme\nsender|acme-wa\ncampaign|spring\ncampaign|spring"},
		/* approving a draft is an approval too; pausing and resuming is none */
		{DRAFT("new") "SELECT campaign_set_status('new', 'approved', 'go'), campaign_set_status('new', 'paused'), "
					  "campaign_set_status('new', 'approved')",
			"SELECT note, digest = subject_digest('campaign', 'new') FROM approval WHERE name = 'new'", "go|t"},
		/* F1: whom the campaign reached then */
		{DRAFT("new") "SELECT campaign_set_status('new', 'approved')",
			"SELECT audience_people, audience_digest = (SELECT bit_xor(recipient_id) FROM recipient) FROM approval WHERE name = 'new'",
			"5|t"},
		{"SELECT add_recipient('+14155550106'), add_member('everyone', '+14155550106'), approve('campaign', 'spring')",
			"SELECT audience_people, audience_digest = (SELECT bit_xor(recipient_id) FROM recipient) FROM approval WHERE name = 'spring' "
			"ORDER BY approved_at",
			"0|f\n6|t"},
		{"INSERT INTO audience (name, business) VALUES ('nobody', 'acme'); UPDATE campaign SET audience = 'nobody';"
		 "SELECT approve('campaign', 'spring')",
			"SELECT audience_people, audience_digest FROM approval WHERE name = 'spring' ORDER BY approved_at DESC LIMIT 1", "0|0"},
	};

	(void)state;
	EFFECTS(cases);
}

static void
the_submitter_does_not_approve(void **state)
{
	static const struct refusal refusals[] = {
		{MINE("sender") "SELECT approve('sender', 'acme-wa')",
			{"22023", "sender \"acme-wa\" was submitted by", "let somebody else approve it, under another login"}},
		{MINE("business") "SELECT approve('business', 'acme')", {"22023", "business \"acme\" was submitted by", NULL}},
		/* one language is enough */
		{"UPDATE template SET created_by = session_user WHERE language = 'pt'; SELECT approve('template', 'hello')",
			{"22023", "template \"hello\" was submitted by", NULL}},
		{MINE("campaign") "SELECT approve('campaign', 'spring')", {"22023", "campaign \"spring\" was submitted by", NULL}},
		{DRAFT("new") MINE("campaign") "SELECT campaign_set_status('new', 'approved')",
			{"22023", "campaign \"new\" was submitted by", "grant_waiver()"}},
		{MINE("campaign") WAIVE("'2026-11-30'") "SET LOCAL daypart.now = '2026-11-30T00:00Z'; SELECT approve('campaign', 'spring')",
			{"22023", "was submitted by", NULL}},
		{MINE("campaign") WAIVE("'2026-11-30'") "SELECT revoke_waiver('house.approval.second_person', 'acme');"
												"SELECT approve('campaign', 'spring')",
			{"22023", "was submitted by", NULL}},
		{MINE("campaign") "SELECT grant_waiver('house.approval.second_person', 'other', 'compliance', 'x', '2026-11-30', 'ana');"
						  "SELECT approve('campaign', 'spring')",
			{"22023", "was submitted by", NULL}},
		{MINE("campaign") "SELECT grant_waiver('us.cap', 'acme', 'compliance', 'x', '2026-11-30', 'ana'); SELECT approve('campaign', "
						  "'spring')",
			{"22023", "was submitted by", NULL}},
		{"SELECT approve('template', 'helo')", {"22023", "template \"helo\" is unknown", NULL}},
		{"SELECT approve('template', NULL)", {"22023", "name is missing", NULL}},
		{"SELECT approve(NULL, 'hello')", {"22023", "subject is missing", NULL}},
	};
	static const struct effect waived[] = {
		{MINE("campaign") WAIVE("'2026-11-30'") "SELECT approve('campaign', 'spring')",
			"SELECT count(*) FROM approval WHERE name = 'spring'", "2"},
		{DRAFT("new") MINE("campaign") WAIVE("'2026-11-23'") "SELECT campaign_set_status('new', 'approved')",
			"SELECT status FROM campaign WHERE name = 'new'", "approved"},
	};

	(void)state;
	REFUSALS(refusals);
	EFFECTS(waived);
}

/* What is changed after an approval is not approved any more; what the operator or the platform sets is no change of it. */
static void
an_approval_is_of_what_was_there(void **state)
{
#define APPROVED(subject, name) \
	"SELECT digest = subject_digest(subject, name) FROM approval WHERE subject = '" subject "' AND name = '" name \
	"' ORDER BY approved_at DESC " \
	"LIMIT 1"
#define TEMPLATE "SELECT approve('template', 'hello');"
#define SENDER "SELECT approve('sender', 'acme-wa');"
#define BUSINESS "SELECT approve('business', 'acme');"
#define NEW_LANGUAGE \
	"INSERT INTO template (name, language, business, channel, category, body) VALUES ('hello', 'de', 'acme', 'whatsapp', 'marketing', " \
	"'Hallo')"
	static const struct effect cases[] = {
		{TEMPLATE, APPROVED("template", "hello"), "t"},
		{TEMPLATE "UPDATE template SET body = 'Hey' WHERE language = 'pt'", APPROVED("template", "hello"), "f"},
		{TEMPLATE "UPDATE template SET tags = 'alcohol' WHERE language = 'pt'", APPROVED("template", "hello"), "f"},
		{TEMPLATE NEW_LANGUAGE, APPROVED("template", "hello"), "f"},
		{TEMPLATE "UPDATE template SET status = 'paused', verified_on = '2026-11-01'", APPROVED("template", "hello"), "t"},
		{SENDER "UPDATE sender SET address = '+14155550102'", APPROVED("sender", "acme-wa"), "f"},
		{SENDER "UPDATE sender SET receives_replies = false", APPROVED("sender", "acme-wa"), "f"},
		{SENDER "UPDATE sender SET throughput_per_s = 1, status = 'suspended', daily_limit = 5, trust_level = 'high'",
			APPROVED("sender", "acme-wa"), "t"},
		{BUSINESS "UPDATE business SET privacy_policy_version = '2'", APPROVED("business", "acme"), "f"},
		{"UPDATE campaign SET ends_at = '2026-12-02T00:00Z' WHERE name = 'spring'", APPROVED("campaign", "spring"), "f"},
		{"UPDATE campaign SET audience = 'everyone', priority = 1 WHERE name = 'spring'", APPROVED("campaign", "spring"), "t"},
		{"SET DateStyle = 'German, DMY'; SET TimeZone = 'Asia/Kolkata'", APPROVED("campaign", "spring"), "t"},
	};

	(void)state;
	EFFECTS(cases);
}

static void
a_waiver_takes_two_people_and_ends(void **state)
{
#define LIVE "SELECT is_waived('us.cap', 'acme')"
#define GRANT(role, reason, expires_on, asked_by) \
	"SELECT grant_waiver('us.cap', 'acme', " role ", " reason ", " expires_on ", " asked_by ");"
	static const struct effect cases[] = {
		{GRANT("'compliance'", "'test'", "'2026-11-23'", "'ana'"),
			"SELECT rule, business, role, reason, expires_on, asked_by, granted_by = session_user FROM waiver",
			"us.cap|acme|compliance|test|2026-11-23|ana|t"},
		{GRANT("'compliance'", "'test'", "'2026-11-23'", "'ana'"), LIVE, "t"},
		{GRANT("'compliance'", "'test'", "'2026-11-23'", "'ana'") "SET LOCAL daypart.now = '2026-11-22T23:59:59Z'", LIVE, "t"},
		{GRANT("'compliance'", "'test'", "'2026-11-23'", "'ana'") "SET LOCAL daypart.now = '2026-11-23T00:00Z'", LIVE, "f"},
		{GRANT("'compliance'", "'test'", "'2027-11-23'", "'ana'") GRANT("'compliance'", "'again'", "'2027-01-23'", "'ana'"),
			"SELECT revoke_waiver('us.cap', 'acme'), revoke_waiver('us.cap', 'acme'), is_waived('us.cap', 'acme')", "2|0|f"},
		{GRANT("'compliance'", "'test'", "'2027-11-23'", "'ana'") "SELECT revoke_waiver('us.cap', 'acme')", "SELECT expires_on FROM waiver",
			"2026-11-21"}, /* over wherever it is still the 21st */
	};
	static const struct refusal refusals[] = {
		{GRANT("'compliance'", "'test'", "'2026-11-23'", "session_user"),
			{"22023", "cannot grant what the same login asks for", "somebody else"}},
		{GRANT("'compliance'", "'test'", "'2026-11-22'", "'ana'"), {"22023", "expires_on \"2026-11-22\" is over", "binds again"}},
		{GRANT("'compliance'", "' '", "'2026-11-23'", "'ana'"), {"22023", "reason is missing", NULL}},
		{GRANT("NULL", "'test'", "'2026-11-23'", "'ana'"), {"22023", "role is missing", NULL}},
		{GRANT("'compliance'", "'test'", "NULL", "'ana'"), {"22023", "expires_on is missing", NULL}},
		{"SELECT grant_waiver('us.cap', 'acne', 'compliance', 'test', '2026-11-23', 'ana')",
			{"22023", "business \"acne\" is unknown", NULL}},
		{"SELECT revoke_waiver('us.cap', 'acne')", {"22023", "business \"acne\" is unknown", NULL}},
	};

	(void)state;
	EFFECTS(cases);
	REFUSALS(refusals);
}

/* F15 --------------------------------------------------------------------------------------------------------------------------------------- */

static void
a_record_ends_when_it_is_revoked(void **state)
{
#define RECORD(given_on, valid_until) \
	"INSERT INTO attestation (subject, name, item, given_on, valid_until) VALUES ('sender', 'acme-sms', '10dlc.number', " given_on \
	", " valid_until ");"
#define REVOKE "SELECT revoke_attestation('sender', 'acme-sms', '10dlc.number');"
#define ENDS "SELECT string_agg(given_on || ' ' || coalesce(valid_until::text, '-'), ' ' ORDER BY given_on) FROM attestation"
	static const struct effect cases[] = {
		{RECORD("'2026-01-01'", "NULL") RECORD("'2026-06-01'", "'2027-06-01'") REVOKE, ENDS, "2026-01-01 2026-11-21 2026-06-01 2026-11-21"},
		{RECORD("'2025-01-01'", "'2026-01-01'") REVOKE, ENDS, "2025-01-01 2026-01-01"},
		/* one of today or later never counts */
		{RECORD("'2026-11-22'", "NULL") RECORD("'2026-12-22'", "NULL") REVOKE, ENDS, "2026-11-22 2026-11-22 2026-12-22 2026-12-22"},
		{RECORD("'2026-01-01'", "NULL"), "SELECT revoke_attestation('sender', 'acme-sms', '10dlc.samples')", "0"},
		{RECORD("'2026-01-01'", "NULL"), "SELECT by_whom = session_user FROM attestation", "t"},
	};
	static const struct refusal refusals[] = {
		{"SELECT revoke_attestation('sender', 'acme', 'x')", {"22023", "sender \"acme\" is unknown", NULL}},
		{RECORD("'2026-01-01'", "'2025-12-31'"), {"22023", "is before given_on", "leave it empty"}},
	};

	(void)state;
	EFFECTS(cases);
	REFUSALS(refusals);
}

/* P-20, P-21. */
static void
an_emergency_is_on_until_it_is_ended(void **state)
{
#define ON "SELECT area, declared_from AT TIME ZONE 'UTC', declared_until AT TIME ZONE 'UTC', note FROM emergency ORDER BY 1, 2"
	static const struct effect cases[] = {
		{"SELECT declare_emergency('US-CA', note => 'fire')", ON, "US-CA|2026-11-22 12:00:00||fire"},
		{"SELECT declare_emergency('US-CA', '2026-11-20Z', '2026-11-25Z')", ON, "US-CA|2026-11-20 00:00:00|2026-11-25 00:00:00|"},
		{"SELECT declare_emergency('US-CA', '2026-11-20Z'), declare_emergency('US-CA', '2026-11-20Z', '2026-11-25Z', 'longer')", ON,
			"US-CA|2026-11-20 00:00:00|2026-11-25 00:00:00|longer"},
		{"SELECT declare_emergency('US-CA', '2026-11-20Z'), declare_emergency('US', '2026-11-20Z'), end_emergency('US-CA')", ON,
			"US|2026-11-20 00:00:00||\nUS-CA|2026-11-20 00:00:00|2026-11-22 12:00:00|"},
		/* what has not begun is taken back, what is over stays */
		{"SELECT declare_emergency('US-CA', '2026-12-20Z'), declare_emergency('US-CA', '2026-10-20Z', '2026-10-25Z')",
			"SELECT end_emergency('US-CA'), end_emergency('US-CA'), (SELECT count(*) FROM emergency)", "1|0|2"},
	};
	static const struct refusal refusals[] = {
		{"SELECT declare_emergency('US-XX')", {"22023", "region \"US-XX\" is unknown", "US-CA"}},
		{"SELECT declare_emergency(NULL)", {"22023", "area is missing", NULL}},
		{"SELECT declare_emergency('US-CA', '2026-11-20Z', '2026-11-20Z')", {"22023", "is not after from", NULL}},
		{"SELECT declare_emergency('US-CA', until => '2026-11-22T12:00Z')", {"22023", "is not after from", NULL}},
	};

	(void)state;
	EFFECTS(cases);
	REFUSALS(refusals);
}

/* What was planned from something else waits for the next plan: test_claim.c shows it at the gate. */
static void
the_digest_of_a_campaign_covers_what_was_judged(void **state)
{
#define SAME "SELECT campaign_digest(c) = campaign_hash FROM campaign AS c JOIN campaign_run USING (campaign_id) WHERE name = 'spring'"
#define PLANNED \
	"UPDATE campaign_run SET campaign_hash = campaign_digest(c) FROM campaign AS c WHERE c.campaign_id = campaign_run.campaign_id;"
#define OTHER_PROVIDER "UPDATE business SET provider = 'other' WHERE name = 'acme';"
#define BEFORE RECORD("'2026-01-01'", "NULL") TEMPLATE GRANT("'compliance'", "'test'", "'2026-12-23'", "'ana'") OTHER_PROVIDER PLANNED
#define ATTEST(subject, name) "INSERT INTO attestation (subject, name, item) VALUES ('" subject "', '" name "', 'x.y')"
	static const struct effect cases[] = {
		{BEFORE, SAME, "t"},
		{BEFORE "UPDATE campaign SET tags = 'alcohol'", SAME, "f"},
		{BEFORE "UPDATE campaign SET ends_at = '2026-12-02T00:00Z'", SAME, "f"},
		{BEFORE "UPDATE campaign SET priority = 1", SAME, "t"},
		{BEFORE "UPDATE template SET body = 'Hey' WHERE language = 'pt'", SAME, "f"},
		{BEFORE "UPDATE template SET status = 'rejected' WHERE language = 'pt'", SAME, "f"},
		{BEFORE NEW_LANGUAGE, SAME, "f"},
		{BEFORE "UPDATE sender SET country = 'IN'", SAME, "f"},
		{BEFORE "UPDATE sender SET trust_level = 'high'", SAME, "f"},
		{BEFORE "UPDATE sender SET daily_limit = 5", SAME, "f"},
		{"UPDATE sender SET portfolio = 'shared';" BEFORE "UPDATE sender SET portfolio_limit = 250 WHERE name = 'acme-sms'", SAME, "f"},
		/* the gate asks for these itself */
		{BEFORE "UPDATE sender SET status = 'suspended', throughput_per_s = 1", SAME, "t"},
		{BEFORE "UPDATE sender SET daily_limit = 5 WHERE name = 'acme-sms'", SAME, "t"},
		{BEFORE "UPDATE business SET privacy_policy_version = '2' WHERE name = 'acme'", SAME, "f"},
		{BEFORE "UPDATE business SET privacy_policy_version = '2' WHERE name = 'other'", SAME, "f"},
		{BEFORE "UPDATE business SET created_by = 'bea' WHERE name = 'acme'", SAME, "f"},
		{BEFORE ATTEST("business", "acme"), SAME, "f"},
		{BEFORE ATTEST("business", "other"), SAME, "f"},
		{BEFORE ATTEST("sender", "acme-wa"), SAME, "f"},
		{BEFORE ATTEST("template", "hello"), SAME, "f"},
		{BEFORE ATTEST("campaign", "spring"), SAME, "f"},
		{BEFORE ATTEST("campaign", "summer"), SAME, "t"},
		{"UPDATE sender SET name = 'acme-s2' WHERE name = 'acme-sms'; UPDATE sender SET name = 'acme-sms' WHERE name = 'acme-wa';" BEFORE
				REVOKE,
			SAME, "f"},
		{BEFORE SENDER, SAME, "f"},
		{BEFORE TEMPLATE, SAME, "t"}, /* approved once more, by the same person */
		{BEFORE "SELECT revoke_waiver('us.cap', 'acme')", SAME, "f"},
		{BEFORE "SELECT grant_waiver('us.cap', 'other', 'compliance', 'x', '2026-12-23', 'ana')", SAME, "t"},
		/* the planner ends slots at midnight, the digest does not change then, nor with the session's settings */
		{BEFORE "SET LOCAL daypart.now = '2027-12-23T00:00Z'; SET DateStyle = 'German, DMY'; SET TimeZone = 'Asia/Kolkata'", SAME, "t"},
	};

	(void)state;
	EFFECTS(cases);
}

static void
every_category_but_one_can_be_planned(void **state)
{
#define PROBLEM "SELECT coalesce(campaign_problem(c), 'none') FROM campaign AS c WHERE name = 'spring'"
	static const struct effect cases[] = {
		{"", PROBLEM, "none"},
		{"UPDATE template SET category = 'transactional'; UPDATE campaign SET category = 'transactional'", PROBLEM, "none"},
		{"UPDATE template SET category = 'opt_out_confirmation'; UPDATE campaign SET category = 'opt_out_confirmation'", PROBLEM,
			"no campaign sends opt_out_confirmation: an opt-out is confirmed by itself"},
		{"UPDATE campaign SET category = 'transactional'", PROBLEM, "template \"hello\" is not of category transactional"},
		{"UPDATE template SET status = 'draft'", PROBLEM, "template \"hello\" is not approved"},
		{"UPDATE template SET status = 'draft', free_form = true", PROBLEM, "none"},
		{"UPDATE sender SET daily_limit = 500", PROBLEM, "none"},
	};

	(void)state;
	EFFECTS(cases);
}

/* Plans ------------------------------------------------------------------------------------------------------------------------------------- */

static void
a_refusal_names_its_rule(void **state)
{
	static const struct effect cases[] = {
		{"SELECT plan_stage(); UPDATE campaign_run SET campaign_hash = campaign_digest(c) FROM campaign AS c WHERE c.campaign_id = "
		 "campaign_run.campaign_id;"
		 "INSERT INTO pg_temp.plan_refusal (recipient_id, run_id, bucket, reason, part, rule)"
		 "	SELECT recipient_id, 1, bucket, 28, 0, 'us-carriers.number' FROM slot WHERE run_id = 1 AND recipient_id = "
		 "person_id(14155550102)"
		 "	UNION ALL SELECT recipient_id, 2, bucket, 31, NULL, 'us.content' FROM recipient WHERE phone = 14155550103"
		 "	UNION ALL SELECT recipient_id, 2, bucket, 5, NULL, NULL FROM recipient WHERE phone = 14155550104;"
		 "SELECT publish_plan(1, 1, pg_current_snapshot(), 0::smallint, '{1,2}', '{1,2}')",
			"SELECT run_id, r.name, rule FROM suppressed JOIN reason AS r USING (reason) WHERE r.name <> 'beyond_horizon' ORDER BY 1, 2",
			"1|not_registered|us-carriers.number\n2|content|us.content\n2|no_window|"},
	};

	(void)state;
	EFFECTS(cases);
}

/* The law was asked about the text in one language, so no other is given out. */
static void
a_person_gets_the_language_that_was_planned(void **state)
{
#define HAND_OVER(language) \
	"SET LOCAL daypart.now = '2026-11-23 16:00Z'; UPDATE recipient SET language = 'en', variables = '{\"first_name\": \"Eve\"}';" \
	"UPDATE class SET language = '" language "';" \
	"INSERT INTO release SELECT recipient_id, due_at, due_at, NULL, run_id, class_id, plan_run, bucket, NULL, 'handed_over' FROM slot " \
	"WHERE run_id " \
	"= 1;" \
	"INSERT INTO outbox SELECT recipient_id, due_at, not_after, run_id, bucket FROM slot WHERE run_id = 1;"
#define TAKEN "SELECT language, count(*) FROM take_outbox(10) GROUP BY 1"
	static const struct effect cases[] = {
		{HAND_OVER("pt"), TAKEN, "pt|5"},
		{HAND_OVER("en"), TAKEN, "en|5"},
		{HAND_OVER(""), TAKEN, "en|5"},
		{HAND_OVER("de"), TAKEN, ""},
		{HAND_OVER("de") "SELECT take_outbox(10)", "SELECT r.name, count(*) FROM outbox_dropped JOIN reason AS r USING (reason) GROUP BY 1",
			"sender_not_ready|5"},
	};

	(void)state;
	EFFECTS(cases);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, roll_back)
	const struct CMUnitTest tests[] = {
		TEST(an_approval_says_who_when_and_of_what),
		TEST(the_submitter_does_not_approve),
		TEST(an_approval_is_of_what_was_there),
		TEST(a_waiver_takes_two_people_and_ends),
		TEST(a_record_ends_when_it_is_revoked),
		TEST(an_emergency_is_on_until_it_is_ended),
		TEST(the_digest_of_a_campaign_covers_what_was_judged),
		TEST(every_category_but_one_can_be_planned),
		TEST(a_refusal_names_its_rule),
		TEST(a_person_gets_the_language_that_was_planned),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
