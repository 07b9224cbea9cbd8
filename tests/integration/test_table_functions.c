/* What small tables refuse, and the functions for campaigns, the ledger and the outbox. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "tests/support/call_world.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define FIRST "'+1 415 555 0101'"
#define SLOTS "SELECT run_id, count(*) FROM slot GROUP BY 1 ORDER BY 1"

#define CAMPAIGN(columns, values) \
	"INSERT INTO campaign (name, sender, template, audience, starts_at, ends_at" columns \
	") VALUES ('x', 'acme-wa', 'hello', 'everyone', " values ")"
#define SPAN "'2026-11-23T09:00Z', '2026-11-24T09:00Z'"
#define TEMPLATE(body, variables) \
	"INSERT INTO template (name, language, business, channel, category, body, variables) VALUES ('x', 'en', 'acme', 'sms', " \
	"'marketing', " body ", " variables ")"
#define ATTESTATION(days) "INSERT INTO attestation (subject, name, item, given_on, valid_until) VALUES ('business', 'acme', 'x', " days ")"
static const struct call_refusal table_refusals[] = {
	{"INSERT INTO business (name) VALUES (' acme')", {"22023", "name \" acme\" is no name", "blanks"}},
	{"INSERT INTO business (name) VALUES ('')", {"22023", "is no name", NULL}},
	{"INSERT INTO business (name, country) VALUES ('x', 'usa')", {"22023", "country \"usa\"", "ISO 3166-1"}},
	{"UPDATE sender SET address = '@home'", {"22023", "address \"@home\"", "+14155550123"}},
	{"UPDATE sender SET throughput_per_s = 0", {"22023", "throughput_per_s \"0.000\" is out of range", "from 0.001"}},
	{"UPDATE sender SET daily_limit = 0", {"22023", "daily_limit \"0\" is out of range", "leave it empty"}},
	{"UPDATE sender SET identifier = 'AB'", {"22023", "identifier \"AB\" is no sender identifier", "ABCORG"}},
	{"UPDATE template SET tags = 'Alcohol'", {"22023", "tags \"Alcohol\" is no list of tags", "alcohol dating"}},
	{"UPDATE business SET privacy_policy_url = 'example.com'",
		{"22023", "privacy_policy_url \"example.com\" is no web address", "https://"}},
	{"UPDATE sender SET granted_daily_limit = 5000", {"22023", "granted_daily_limit is given without granted_on", "the day"}},
	{"UPDATE sender SET granted_on = '2026-11-01'", {"22023", "granted_on is given without granted_daily_limit", "how many"}},
	{"UPDATE sender SET granted_daily_limit = 0, granted_on = '2026-11-01'",
		{"22023", "granted_daily_limit \"0\" is out of range", "leave it empty"}},
	{"UPDATE sender SET portfolio_limit = -1", {"22023", "portfolio_limit \"-1\" is out of range", "leave it empty"}},
	{ATTESTATION("'2026-11-02', '2026-11-01'"),
		{"22023", "valid_until \"2026-11-01\" is before given_on \"2026-11-02\"", "no longer counts"}},
	{"UPDATE template SET language = 'pt_BR'", {"22023", "language \"pt_BR\"", "pt-BR"}},
	{TEMPLATE("' '", "''"), {"22023", "body", "1 to 4096"}},
	{TEMPLATE("'x'", "'Name text(10)'"), {"22023", "variables \"Name text(10)\" is no declaration", "first_name text(40)"}},
	{TEMPLATE("'x'", "'a text(10), b text(2000)'"), {"22023", "variables \"b text(2000)\"", NULL}},
	{TEMPLATE("'x'", "'a text(10), a date'"), {"22023", "variables \"a\" is declared twice", NULL}},
	{TEMPLATE("'x {{b}}'", "'a text(10)'"), {"22023", "body \"{{b}}\" names no declared variable", "declare it"}},
	{CAMPAIGN("", "'2026-11-23 09:00', '2026-11-24 09:00 local'"),
		{"22023", "starts_at \"2026-11-23 09:00\" says neither an offset nor \"local\"", "2026-11-23 09:00 local"}},
	{CAMPAIGN("", "'2026-02-30T09:00Z', '2026-11-24T09:00Z'"), {"22023", "starts_at \"2026-02-30T09:00Z\" is no time", NULL}},
	{CAMPAIGN("", "'tomorrow', '2026-11-24T09:00Z'"), {"22023", "starts_at \"tomorrow\" is no time", "2026-11-23T09:00:00-05:00"}},
	{CAMPAIGN("", "'2026-11-24T09:00Z', '2026-11-24T10:00+01:00'"), {"22023", "ends_at", "end after it starts"}},
	{CAMPAIGN("", "'2026-11-24 09:00 local', '2026-11-24 09:00 local'"), {"22023", "is not after starts_at", NULL}},
	{CAMPAIGN("", "'2026-11-24T09:00Z', '2026-11-23 18:59 local'"), {"22023", "is not after starts_at", NULL}},
	{CAMPAIGN(", local_from", SPAN ", '09:00'"), {"22023", "local_from is given without local_to", "give both"}},
	{CAMPAIGN(", local_from, local_to", SPAN ", '09:00', '09:00'"), {"22023", "leave no time", "differ"}},
	{CAMPAIGN(", local_from, local_to", SPAN ", '09:00:30', '10:00'"), {"22023", "local_from \"09:00:30\" is no whole minute", "09:30"}},
	{CAMPAIGN(", rrule", SPAN ", 'FREQ=HOURLY'"),
		{"22023", "rrule \"FREQ=HOURLY\" holds \"FREQ=HOURLY\", which cannot be read", "FREQ=WEEKLY"}},
	{CAMPAIGN(", priority", SPAN ", 0"), {"22023", "priority \"0\"", "1 (planned first)"}},
	{CAMPAIGN(", holdout_percent", SPAN ", 101"), {"22023", "holdout_percent \"101\"", "0 to 100"}},
	/* days that the planner could not read */
	{"UPDATE sender SET registered_on = '9999-12-31'", {"22023", "registered_on \"9999-12-31\" is out of range", "or leave it empty"}},
	{"UPDATE sender SET granted_daily_limit = 5, granted_on = '0001-01-01'", {"22023", "granted_on \"0001-01-01\"", "1900 to 2200"}},
	{"INSERT INTO sender_limit SELECT name, '2201-01-01', 5 FROM sender", {"22023", "valid_from \"2201-01-01\"", "1900 to 2200"}},
	{"UPDATE template SET approved_on = 'infinity'", {"22023", "approved_on \"infinity\" is out of range", "leave it empty"}},
	{"UPDATE template SET submitted_on = '-infinity'", {"22023", "submitted_on \"-infinity\" is out of range", "leave it empty"}},
	{"UPDATE template SET verified_on = '9999-12-31'", {"22023", "verified_on \"9999-12-31\" is out of range", "leave it empty"}},
	{CAMPAIGN(", offer_expires_on", SPAN ", '9999-12-31'"), {"22023", "offer_expires_on \"9999-12-31\"", "leave it empty"}},
	{ATTESTATION("'2026-11-02', 'infinity'"), {"22023", "valid_until \"infinity\" is out of range", "leave it empty"}},
	{ATTESTATION("'1899-12-31', NULL"), {"22023", "given_on \"1899-12-31\" is out of range", "1900 to 2200"}},
	{"SELECT grant_waiver('us.cap', 'acme', 'legal', 'x', '9999-12-31', 'ana')", {"22023", "expires_on \"9999-12-31\"", "1900 to 2200"}},
};
static const struct call_effect table_accepted[] = {
	{CAMPAIGN("", "'2026-11-23 09:00 local', '2026-11-24T09:00-05:00'"), "SELECT status FROM campaign WHERE name = 'x'", "draft"},
	{CAMPAIGN(", local_from, local_to", SPAN ", '20:00', '02:00'"), "SELECT local_to FROM campaign WHERE name = 'x'", "02:00:00"},
	{CAMPAIGN("", "'2026-11-24T09:00Z', '2026-11-23 21:00 local'"), "SELECT count(*) FROM campaign WHERE name = 'x'", "1"},
	{TEMPLATE("'x {{a}} {{since}}'", "' a url(1000) ,since date'"),
		"SELECT name, type, max_length FROM variable WHERE template = 'x' ORDER BY 1", "a|url|1000\nsince|date|10"},
};

static void
small_tables_refuse_with_a_cure(void **state)
{
	PGconn *connection = call_world_connection(*state);

	call_world_expect_refusals(connection, table_refusals, COUNT(table_refusals));
	call_world_expect_effects(connection, table_accepted, COUNT(table_accepted));
}

static void
campaigns_live_along_the_table(void **state)
{
#define STATUS "SELECT status FROM campaign WHERE name = 'spring'"
	static const struct call_effect cases[] = {
		{"SELECT campaign_set_status('spring', 'paused', 'lunch')", STATUS, "paused"},
		{"SELECT campaign_set_status('spring', 'paused', 'lunch')", SLOTS, "1|5\n2|1"},
		{"SELECT campaign_set_status('spring', 'paused', 'lunch')",
			"SELECT status, note, by_whom = session_user FROM campaign_event ORDER BY at DESC LIMIT 1", "paused|lunch|t"},
		{"SELECT campaign_set_status('spring', 'paused'), campaign_set_status('spring', 'approved')", STATUS, "approved"},
		{"SELECT campaign_set_status('spring', 'cancelled')", SLOTS, "2|1"},
		{"SELECT campaign_set_status('spring', 'cancelled')",
			"SELECT r.name, s.kind, count(*) FROM suppressed AS s JOIN reason AS r USING (reason) WHERE run_id = 1 GROUP BY 1, 2",
			"campaign_cancelled|suppressed|5"},
		{"SELECT stop_all()", "SELECT stopped, changed_by = session_user FROM control", "t|t"},
		{"SELECT stop_all(); SELECT start_all()", "SELECT stopped FROM control", "f"},
	};
	static const struct call_refusal refusals[] = {
		{"SELECT campaign_set_status('spring', 'draft')", {"22023", "is approved and cannot become draft", "pause (paused)"}},
		{"SELECT campaign_set_status('spring', 'flying')", {"22023", "cannot become flying", NULL}},
		{"SELECT campaign_set_status('winter', 'approved')", {"22023", "campaign \"winter\" is unknown", NULL}},
		{"BEGIN; SELECT campaign_set_status('spring', 'cancelled'), campaign_set_status('spring', 'approved')",
			{"22023", "is cancelled and cannot become approved", "submit a new campaign"}},
		{"BEGIN; INSERT INTO campaign (name, sender, template, audience, starts_at, ends_at) VALUES ('x', 'acme-sms', 'hello', "
		 "'everyone', "
		 "'2026-11-23T00:00Z', '2026-12-01T00:00Z'); SELECT campaign_set_status('x', 'approved')",
			{"22023", "campaign \"x\" cannot be approved: template \"hello\" is for another channel", "correct it"}},
		{"BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT campaign_set_status('spring', 'paused')", {"25001", NULL, NULL}},
	};
	PGconn *connection = call_world_connection(*state);

	call_world_expect_effects(connection, cases, COUNT(cases));
	call_world_expect_refusals(connection, refusals, COUNT(refusals));
}

static void
the_ledger_grows_by_parts(void **state)
{
	static const struct call_effect cases[] = {
		{"SELECT ensure_release_part(1), ensure_release_part(255)",
			"SELECT count(*) FROM pg_inherits WHERE inhparent = 'release'::regclass", "1"},
		{"SELECT ensure_release_part(256), ensure_release_part(256), ensure_release_part(70000)",
			"SELECT string_agg(inhrelid::regclass::text, ' ' ORDER BY inhrelid) FROM pg_inherits WHERE inhparent = 'release'::regclass",
			"release_0 release_256 release_69888"},
		{"SELECT ensure_release_part(256); INSERT INTO release SELECT 1, '2026-11-23Z', '2026-11-23Z', NULL, 511, 1, 1, 1, NULL, "
		 "'handed_over'",
			"SELECT count(*) FROM release_256", "1"},
	};
	PGconn *connection = call_world_connection(*state);

	call_world_expect_effects(connection, cases, COUNT(cases));
}

#define HAND_OVER \
	"SET LOCAL daypart.now = '2026-11-23 16:00Z'; UPDATE recipient SET variables = '{\"first_name\": \"Eve\"}';" \
	"INSERT INTO outbox SELECT recipient_id, due_at, not_after, run_id, bucket FROM slot WHERE run_id = 1;"
#define TAKE "SELECT phone, campaign, sender, sender_address, language, body, variables FROM take_outbox(10) ORDER BY phone LIMIT 1"
#define DROPPED "SELECT r.name, count(*) FROM outbox_dropped JOIN reason AS r USING (reason) GROUP BY 1 ORDER BY 1"
static const struct call_effect outbox_cases[] = {
	{HAND_OVER, TAKE, "+14155550101|spring|acme-wa|+14155550100|en|Hi {{first_name}}|{\"first_name\": \"Eve\"}"},
	{HAND_OVER "SELECT add_recipient(" FIRST ", language => 'pt-BR', variables => '{\"first_name\": \"Ana\"}')", TAKE,
		"+14155550101|spring|acme-wa|+14155550100|pt|Oi {{first_name}}|{\"first_name\": \"Ana\"}"},
	{HAND_OVER "SELECT take_outbox(3)", "SELECT count(*) FROM outbox", "2"},
	{HAND_OVER "SELECT take_outbox(10)", "SELECT count(*) FROM take_outbox(10)", "0"},
	{HAND_OVER "SAVEPOINT s; CREATE TEMP TABLE once AS SELECT idempotency_key FROM take_outbox(10); ROLLBACK TO s;",
		"SELECT count(DISTINCT idempotency_key), bool_and(idempotency_key = format('%s:1:%s', installation_id, recipient_id))"
		" FROM take_outbox(10), installation",
		"5|t"},
	/* nothing is given out too late, nor to somebody who has changed their mind; the rest is not held up by it */
	{HAND_OVER "SET LOCAL daypart.now = '2026-11-23 23:00Z'; SELECT take_outbox(2)", DROPPED, "expired|5"},
	{HAND_OVER "SELECT opt_out(" FIRST "), withdraw_consent('+14155550102', 'acme', 'whatsapp');"
			   "DELETE FROM recipient WHERE phone = 14155550103; SELECT take_outbox(10)",
		DROPPED, "no_consent|1\nnot_a_recipient|1\nopted_out|1"},
	{HAND_OVER "SELECT opt_out('+1415555010' || n) FROM generate_series(1, 4) AS n", "SELECT phone FROM take_outbox(1)", "+14155550105"},
	/* What was judged is not what would be sent: it waits for the next plan. */
	{HAND_OVER "UPDATE campaign SET template = 'gone'; SELECT take_outbox(10)", "SELECT count(*) FROM outbox", "5"},
	{HAND_OVER "UPDATE template SET body = 'Hi there' WHERE language = 'en'; SELECT take_outbox(10)", "SELECT count(*) FROM outbox", "5"},
	/* nobody reads a name in braces */
	{HAND_OVER "UPDATE recipient SET variables = '{\"first_name\": null}' WHERE phone = 14155550101;"
			   "UPDATE recipient SET variables = NULL WHERE phone = 14155550102; SELECT take_outbox(10)",
		DROPPED, "variable_missing|2"},
	/* stop, pause and cancel reach as far as the consumer */
	{HAND_OVER "SELECT stop_all()", "SELECT count(*), (SELECT count(*) FROM outbox) FROM take_outbox(10)", "0|5"},
	{HAND_OVER "SELECT campaign_set_status('spring', 'paused')", "SELECT count(*), (SELECT count(*) FROM outbox) FROM take_outbox(10)",
		"0|5"},
	{HAND_OVER "SELECT campaign_set_status('spring', 'cancelled'); SELECT take_outbox(10)", DROPPED, "campaign_cancelled|5"},
};
static const struct call_refusal outbox_refusals[] = {
	{"SELECT take_outbox(0)", {"22023", "max \"0\"", NULL}},
};

static void
the_outbox_is_taken_once_and_in_time(void **state)
{
	PGconn *connection = call_world_connection(*state);

	call_world_expect_effects(connection, outbox_cases, COUNT(outbox_cases));
	call_world_expect_refusals(connection, outbox_refusals, COUNT(outbox_refusals));
}

static void
two_consumers_share_the_outbox(void **state)
{
	const struct call_world *world = *state;
	PGconn *other = sql_connect(world->conninfo, NULL);

	sql_run(world->connection,
		"INSERT INTO outbox SELECT recipient_id, due_at, '2226-11-23Z', run_id, bucket FROM slot WHERE run_id = 1;"
		"UPDATE recipient SET variables = '{\"first_name\": \"Eve\"}'");
	sql_run(world->connection, "BEGIN");
	sql_expect(world->connection, "SELECT count(*) FROM take_outbox(3)", "3");
	sql_run(other, "SET statement_timeout = '10s'; BEGIN");
	sql_expect(other, "SELECT count(*) FROM take_outbox(10)", "2");
	sql_expect(other, "SELECT count(*) FROM take_outbox(10)", "0");
	sql_run(world->connection, "ROLLBACK"); /* the consumer died: its rows come again */
	sql_run(other, "COMMIT; BEGIN");
	sql_expect(other, "SELECT count(*) FROM take_outbox(10)", "3");
	sql_run(other, "COMMIT");
	PQfinish(other);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CALL_TEST(small_tables_refuse_with_a_cure),
		CALL_TEST(campaigns_live_along_the_table),
		CALL_TEST(the_ledger_grows_by_parts),
		CALL_TEST(the_outbox_is_taken_once_and_in_time),
		CALL_TEST(two_consumers_share_the_outbox),
	};

	return cmocka_run_group_tests(tests, call_world_start, call_world_stop) != 0;
}
