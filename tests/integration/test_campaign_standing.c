/*
 * A session that has found a campaign as it was planned does not compute the digest again, and yet sees every change that the digest would show.
 *
 * Each case happens in one transaction: the session remembers, something changes, and both are asked. A change within the transaction that made a row
 * is the hardest to tell, because xmin stays.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "tests/support/fixture_slots.h"
#include "tests/support/pg_cluster.h"
#include "tests/support/sql_expect.h"

#define STANDING \
	"SELECT bar.as_planned, campaign_digest(c) = campaign_hash, coalesce(bar.reason, '') FROM campaign AS c JOIN campaign_run AS r USING " \
	"(campaign_id) JOIN sender AS s USING (sender_id), campaign_standing(c, s, campaign_hash, now()) AS bar WHERE c.name = 'spring'"

static struct pg_cluster *cluster;
static char *conninfo;
static PGconn *connection;

static int
open_world(void **state)
{
	(void)state;
	cluster = pg_cluster_start(NULL);
	conninfo = fixture_slots_database(cluster, "standing", false);
	connection = sql_connect(conninfo, NULL);
	fixture_slots_campaign(connection, &(struct fixture_campaign){.name = "spring", .sender = "north"});
	fixture_slots_campaign(connection, &(struct fixture_campaign){.name = "autumn", .sender = "south"});
	return 0;
}

static int
close_world(void **state)
{
	(void)state;
	PQfinish(connection);
	free(conninfo);
	pg_cluster_stop(&cluster);
	return 0;
}

/* What there is besides the fixture's, so that there is something of each kind to change. */
#define WORLD \
	"INSERT INTO business (name, created_by) VALUES ('agency', 'ana'); UPDATE business SET provider = 'agency' WHERE name = 'acme';" \
	"UPDATE sender SET portfolio = 'shared';" \
	"INSERT INTO sender_limit (sender, valid_from, daily_limit) VALUES ('north', '2026-01-01', 5), ('south', '2026-01-01', 5);" \
	"INSERT INTO attestation (subject, name, item) VALUES ('business', 'acme', 'x.y'), ('campaign', 'spring', 'x.y'), ('campaign', " \
	"'autumn', " \
	"'x.y');" \
	"INSERT INTO template (name, language, business, channel, category, body, status, created_by) " \
	"VALUES ('other', 'en', 'acme', 'sms', 'marketing', 'Hello', 'approved', 'ana');" \
	"UPDATE campaign SET template_b = 'other', split_percent = 50 WHERE name = 'spring';"
#define PLANNED \
	"UPDATE campaign_run SET campaign_hash = campaign_digest(c) FROM campaign AS c WHERE c.campaign_id = campaign_run.campaign_id"
#define ATTEST(subject, name) "INSERT INTO attestation (subject, name, item) VALUES ('" subject "', '" name "', 'z')"
#define APPROVE(subject, name) \
	"INSERT INTO approval (subject, name, approved_at, approved_by, digest) VALUES ('" subject "', '" name "', now(), 'bea', '\\x00')"
#define WAIVE(business) \
	"INSERT INTO waiver (rule, business, granted_at, role, reason, expires_on, asked_by, granted_by) " \
	"VALUES ('x.y', '" business "', now(), 'compliance', 'test', '2099-01-01', 'ana', 'bea')"
#define TRIP(scope, subject, template) \
	"INSERT INTO breaker (scope, subject_id, template, rule, needs, tripped_at, tripped_by, note, contents) " \
	"SELECT '" scope "', " subject ", '" template "', 'x.y', (enum_range(NULL::breaker_needs))[1], now(), 'ana', '', '{}'"
#define SEGMENT(audience) \
	"INSERT INTO segment_definition (audience_id, query, digest) SELECT audience_id, 'x', '\\x00' FROM audience WHERE name = '" audience "'"

static const char stays[] = "t|t|", differs[] = "f|f|", barred[] = "f|f|sender_barred", tripped[] = "f|f|breaker";

static const struct {
	const char *change, *then;
} cases[] = {
	{"SELECT 1", stays},
	{"UPDATE campaign SET tags = 'alcohol' WHERE name = 'spring'", differs},
	{"UPDATE campaign SET tags = 'alcohol' WHERE name = 'autumn'", stays},
	{"UPDATE campaign SET priority = 1 WHERE name = 'spring'", stays},
	{"UPDATE campaign SET sender = 'south' WHERE name = 'spring'", differs},
	{"UPDATE campaign SET subject = 'shoes' WHERE name = 'spring'", differs},
	{"UPDATE campaign SET subject = 'shoes' WHERE name = 'spring'; UPDATE campaign SET subject = NULL WHERE name = 'spring'", stays},
	{"UPDATE sender SET country = 'IN' WHERE name = 'north'", differs},
	{"UPDATE sender SET portfolio_limit = 9 WHERE name = 'south'", differs},
	{"UPDATE sender SET status = 'suspended' WHERE name = 'north'", stays},
	{"UPDATE sender_limit SET daily_limit = 6 WHERE sender = 'north'", differs},
	{"DELETE FROM sender_limit WHERE sender = 'north'", differs},
	{"DELETE FROM sender_limit WHERE sender = 'south'", stays},
	{"UPDATE business SET website = 'https://acme.example' WHERE name = 'acme'", differs},
	{"UPDATE business SET website = 'https://agency.example' WHERE name = 'agency'", differs},
	{"UPDATE business SET provider = NULL WHERE name = 'acme'", differs},
	{"UPDATE template SET body = 'Hey' WHERE name = 'hello'", differs},
	{"UPDATE template SET body = 'Hey' WHERE name = 'other'", differs},
	{"INSERT INTO template (name, language, business, channel, category, body, created_by) VALUES ('hello', 'de', 'acme', 'sms', "
	 "'marketing', "
	 "'Hallo', 'ana')",
		differs},
	{"DELETE FROM attestation WHERE name = 'spring'", differs},
	{"DELETE FROM attestation WHERE name = 'acme'", differs},
	{"DELETE FROM attestation WHERE name = 'autumn'", stays},
	{ATTEST("business", "agency"), differs},
	{ATTEST("sender", "north"), differs},
	{ATTEST("template", "hello"), differs},
	{ATTEST("template", "other"), differs},
	{APPROVE("campaign", "spring"), differs},
	{APPROVE("business", "agency"), differs},
	{APPROVE("template", "other"), differs},
	{APPROVE("sender", "north"), differs},
	{APPROVE("sender", "south"), stays},
	{WAIVE("acme"), differs},
	{WAIVE("agency"), stays},
	{SEGMENT("everybody"), differs},
	{"INSERT INTO sender_state (sender, state, since, blacklisted_until, reason) VALUES ('north', 'blacklisted', '2026-01-01', "
	 "'2099-01-01', '')",
		barred},
	{"INSERT INTO sender_state (sender, state, since, blacklisted_until, reason) VALUES ('north', 'blacklisted', '2026-01-01', "
	 "'2026-01-02', '')",
		differs},
	{"INSERT INTO sender_state (sender, state, since, reason) VALUES ('south', 'terminated', '2026-01-01', '')", barred},
	{"INSERT INTO sender_state (sender, state, since, blacklisted_until, reason) VALUES ('south', 'blacklisted', '2026-01-01', "
	 "'2099-01-01', '')",
		stays},
	{TRIP("sender", "sender_id", "") " FROM sender WHERE name = 'north'", tripped},
	{TRIP("campaign", "campaign_id", "") " FROM campaign WHERE name = 'spring'", tripped},
	{TRIP("business", "business_id", "") " FROM business WHERE name = 'acme'", tripped},
	{TRIP("template", "0", "hello"), tripped},
	{TRIP("template", "0", "other"), tripped},
	{TRIP("sender", "sender_id", "") " FROM sender WHERE name = 'south'", stays},
};

static void
a_session_that_remembers_sees_every_change(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		sql_run(connection, "BEGIN");
		sql_run(connection, WORLD);
		sql_run(connection, PLANNED);
		sql_expect(connection, STANDING, stays);
		sql_run(connection, cases[i].change);
		print_message("%s\n", cases[i].change);
		sql_expect(connection, STANDING, cases[i].then);
		sql_run(connection, "ROLLBACK");
		sql_expect(connection, STANDING, stays);
	}
}

/* Else the cases above would show nothing. */
static void
it_is_not_computed_twice(void **state)
{
	(void)state;
	sql_expect(connection, STANDING, stays);
	sql_run(connection, "BEGIN; ALTER FUNCTION campaign_digest RENAME TO campaign_digest_before");
	sql_expect(connection,
		"SELECT bar.as_planned FROM campaign AS c JOIN campaign_run AS r USING (campaign_id) JOIN sender AS s USING (sender_id), "
		"campaign_standing(c, s, campaign_hash, now()) AS bar WHERE c.name = 'spring'",
		"t");
	sql_run(connection, "ROLLBACK");
}

/* What is remembered for one hash says nothing about another. */
static void
the_hash_of_another_campaign_is_another(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++)
		sql_expect(connection,
			"SELECT bool_and(bar.as_planned = (c.campaign_id = d.campaign_id)) FROM campaign AS c JOIN campaign_run AS r USING "
			"(campaign_id) "
			"JOIN sender AS s USING (sender_id) CROSS JOIN (SELECT campaign_id, campaign_hash FROM campaign_run) AS d, "
			"campaign_standing(c, s, d.campaign_hash, now()) AS bar",
			"t");
}

/* Every table that the digest and the obstacle read, by themselves or by what they call, is one that campaign_standing() looks at. */
static void
every_table_of_the_digest_is_watched(void **state)
{
	(void)state;
	sql_expect(connection,
		"WITH RECURSIVE called AS ("
		"	SELECT p.oid, pg_get_functiondef(p.oid) AS body FROM pg_proc AS p"
		"	WHERE p.pronamespace = 'daypart'::regnamespace AND p.proname IN ('campaign_digest', 'release_obstacle')"
		"	UNION"
		"	SELECT p.oid, pg_get_functiondef(p.oid) FROM called JOIN pg_proc AS p"
		"		ON p.pronamespace = 'daypart'::regnamespace AND p.prokind = 'f' AND called.body ~ ('\\m' || p.proname || '\\('))"
		"SELECT DISTINCT t.relname FROM called JOIN pg_class AS t ON t.relnamespace = 'daypart'::regnamespace AND t.relkind IN ('r', 'p', "
		"'v')"
		"	AND called.body ~ ('(FROM|JOIN) (ONLY )?(daypart\\.)?' || t.relname || '\\M') "
		"WHERE (SELECT p.prosrc FROM pg_proc AS p WHERE p.proname = 'campaign_standing') !~ ('(FROM|JOIN) ' || t.relname || ' ')",
		"");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_session_that_remembers_sees_every_change),
		cmocka_unit_test(it_is_not_computed_twice),
		cmocka_unit_test(the_hash_of_another_campaign_is_another),
		cmocka_unit_test(every_table_of_the_digest_is_watched),
	};

	return cmocka_run_group_tests(tests, open_world, close_world) != 0;
}
