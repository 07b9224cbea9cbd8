/* What daypart plan prints: what changes, for whom and why, and what a dry run shows besides. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/daypart.h"
#include "tests/support/plan_world.h"
#include "tests/support/sql_expect.h"

#define MORNING "2026-11-23T12:00:00Z"
#define TWO_DAYS "'2026-11-23T13:00Z', '2026-11-25T00:00Z'"

/* Plans and compares what a query gives of the printed document: doc of table d. */
static void
expect_doc(const struct plan_world *world, const char *options, const char *query, const char *expected)
{
	char line[256], *literal, *whole;
	struct process_result result;

	snprintf(line, sizeof(line), "--format json --now " MORNING " plan %s", options);
	result = daypart_run(world->conninfo, line);
	if (result.exit_code != 0)
		fail_msg("daypart %s: exit code %d\n%s%s", line, result.exit_code, result.out, result.err);
	literal = PQescapeLiteral(world->connection, result.out, strlen(result.out));
	assert_true(asprintf(&whole, "CREATE TEMP TABLE IF NOT EXISTS d (doc jsonb); TRUNCATE d; INSERT INTO d VALUES (%s)", literal) > 0);
	sql_run(world->connection, whole);
	sql_expect(world->connection, query, expected);
	free(whole);
	PQfreemem(literal);
	process_result_free(&result);
}

/* n1 and n2 move, n3 leaves the audience, a new one comes: the dry run tells it, and so does the plan. */
static void
each_change_is_told_with_what_was_before(void **state)
{
	const struct plan_world *world = *state;
	static const char changes[] =
		"SELECT string_agg(s ->> 'change', ' ' ORDER BY s ->> 'change'),"
		"	bool_and((s ->> 'due')::timestamptz >= '2026-11-23T14:00Z') FILTER (WHERE s ->> 'change' <> 'cancelled'),"
		"	bool_and((s ->> 'before')::timestamptz < '2026-11-23T13:01Z') FILTER (WHERE s ->> 'change' <> 'added'),"
		"	string_agg(s ->> 'why', '') FILTER (WHERE s ->> 'change' = 'cancelled') FROM d, jsonb_array_elements(doc -> 'sample') AS s";
	static const char expected[] = "added cancelled moved moved|t|t|the person left the campaign's audience after the message was planned";

	sql_run(world->connection, "UPDATE sender SET throughput_per_s = 1; SELECT people(3), campaign('sale', " TWO_DAYS ")");
	plan_world_make(world, "--now " MORNING " plan");
	sql_run(world->connection,
		"DELETE FROM audience_member WHERE recipient_id = person_id(12125550003); SELECT person('new', '+12125559999', 'US-NY');"
		"UPDATE campaign SET local_from = '09:00', local_to = '20:00'; SELECT approve_again()");
	expect_doc(world, "--dry-run", changes, expected);
	sql_expect(world->connection, "SELECT count(*) FROM plan_moved", "0");
	expect_doc(world, "", changes, expected);
}

/* Somebody of Recife may be on Noronha, for all that the number says. */
static void
a_sample_names_every_place_that_was_looked_at(void **state)
{
	const struct plan_world *world = *state;

	sql_run(world->connection,
		"SELECT person('rui', '+5581900000001', 'BR-PE', 'America/Recife'), person('ana', '+12125550101', 'US-NY'), "
		"campaign('sale', " TWO_DAYS ")");
	expect_doc(world, "--dry-run",
		"SELECT s ->> 'region', s ->> 'zone', right(s ->> 'local', 6) FROM d, jsonb_array_elements(doc -> 'sample') AS s ORDER BY 1",
		"BR BR-PE|America/Noronha America/Recife|-02:00\nUS-NY|America/New_York|-05:00");
}

static void
classes_that_moved_are_told_and_kept(void **state)
{
	const struct plan_world *world = *state;

	sql_run(world->connection,
		"SELECT people(5), person('ana', '+13125550101', 'US-IL', 'America/Chicago'), person('bea', '+491512345678', 'DE'),"
		"	campaign('sale', " TWO_DAYS ")");
	plan_world_make(world, "--now " MORNING " plan");
	sql_run(world->connection, "UPDATE campaign SET local_from = '10:00', local_to = '18:00'; SELECT approve_again()");
	expect_doc(world, "",
		"SELECT m ->> 'region', m ->> 'zone', m ->> 'people', left(m ->> 'before_from', 19), left(m ->> 'after_from', 19)"
		"	FROM d, jsonb_array_elements(doc -> 'moved') AS m ORDER BY 2",
		"US-IL|America/Chicago|1|2026-11-23T14:00:00|2026-11-23T16:00:00\n"
		"US-NY|America/New_York|5|2026-11-23T13:00:00|2026-11-23T15:00:00");
	sql_expect(world->connection,
		"SELECT array_to_string(regions, ' '), people, date_trunc('second', after_from) FROM plan_moved JOIN class USING (class_id) ORDER "
		"BY 1",
		"US-IL|1|2026-11-23 16:00:00+00\nUS-NY|5|2026-11-23 15:00:00+00");
}

static void
who_is_left_over_is_told_with_what_would_help(void **state)
{
	const struct plan_world *world = *state;

	sql_run(world->connection,
		"UPDATE sender SET throughput_per_s = 0.001; SELECT people(5), campaign('sale', '2026-11-23T13:00Z', '2026-11-23T14:00Z')");
	expect_doc(world, "--dry-run",
		"SELECT l ->> 'campaign', l ->> 'people', l ->> 'text' LIKE 'at 0.001/s, % of these cannot leave before 2026-11-23T%',"
		"	(l ->> 'until')::timestamptz BETWEEN '2026-11-23T14:00Z' AND '2026-11-23T15:00Z' FROM d, jsonb_array_elements(doc -> "
		"'left_over') AS l",
		"sale|1|t|t");
}

static void
a_dry_run_tells_whom_it_reaches_by_regime(void **state)
{
	const struct plan_world *world = *state;

	sql_run(world->connection,
		"SELECT people(4), person('toll', '+18005550106', 'US'), person('bia', '+5511987654321', 'BR'), campaign('sale', " TWO_DAYS ")");
	expect_doc(world, "--dry-run",
		"SELECT a ->> 'campaign', a ->> 'regime', a ->> 'people' FROM d, jsonb_array_elements(doc -> 'audience') AS a"
		"	WHERE a ->> 'regime' IN ('us', 'br') ORDER BY 2",
		"sale|br|1\nsale|us|4");
	expect_doc(world, "--dry-run",
		"SELECT h ->> 'campaign', h ->> 'reason', h ->> 'people' FROM d, jsonb_array_elements(doc -> 'held') AS h",
		"sale|non_geographic|1");
	expect_doc(world, "", "SELECT doc ? 'audience', doc ? 'plan' FROM d", "f|t");
}

/* Advice --------------------------------------------------------------------------------------------------------------------------------------- */

static const char advice[] =
	"SELECT a ->> 'campaign', a ->> 'rule', a ->> 'people', a ->> 'says' FROM d, jsonb_array_elements(doc -> 'advice') AS a ORDER BY 1, 2";

/* Three in 31 days, which only warns: of five campaigns the last two are too many, whoever planned when, and whether anybody was looked at. */
static void
caps_that_only_warn_are_told(void **state)
{
	const struct plan_world *world = *state;
	static const char expected[] =
		"c4|us.cap|4|at most 3 messages to a person within any 31 days\nc5|us.cap|4|at most 3 messages to a person within any 31 days";

	plan_world_edit_rules(world, "house.cfg", "s/should = \"block\"/should = \"warn\"/");
	sql_run(world->connection, "SELECT people(4); SELECT campaign('c' || n, " TWO_DAYS ", priority => n) FROM generate_series(1, 5) AS n");
	expect_doc(world, "--dry-run", advice, expected);
	expect_doc(world, "", advice, expected);
	sql_expect(world->connection, "SELECT count(*) FROM slot", "20");
	expect_doc(world, "", advice, expected);
	expect_doc(world, "--dry-run", advice, expected);
	sql_run(world->connection, "DELETE FROM plan_state");
	expect_doc(world, "", advice, expected);
}

/* Florida's hours end at 20:00, an hour before the house's, and nothing enforces them. */
static void
hours_that_only_advise_are_told(void **state)
{
	const struct plan_world *world = *state;
	static const char hours[] =
		"SELECT a ->> 'campaign', a ->> 'rule', a ->> 'people' FROM d, jsonb_array_elements(doc -> 'advice') AS a ORDER BY 1, 2";

	sql_run(world->connection,
		"SELECT people(3), person('ana', '+13055550101', 'US-FL', 'America/New_York'),"
		"	campaign('early', '2026-11-23T23:00Z', '2026-11-24T00:00Z'), campaign('late', '2026-11-24T01:00Z', '2026-11-24T02:00Z')");
	expect_doc(world, "--dry-run", hours, "late|us-fl.window|1");
	expect_doc(world, "", hours, "late|us-fl.window|1");
	expect_doc(world, "", hours, "late|us-fl.window|1");
}

/* A pace of ten a second for a sender of a thousand, a day between two messages to one person, and three messages a day. */
static void
rates_and_volumes_that_only_advise_are_told(void **state)
{
	const struct plan_world *world = *state;
	static const char expected[] = "c1|soft.pace|4\nc1|soft.volume|1\nc2|soft.pace|4\nc2|soft.pair|4\nc2|soft.volume|1";
	static const char told[] =
		"SELECT a ->> 'campaign', a ->> 'rule', a ->> 'people' FROM d, jsonb_array_elements(doc -> 'advice') AS a ORDER BY 1, 2";

	plan_world_edit_rules(world, "whatsapp-advice.cfg",
		"$a rates = ( { id = \"soft.pace\"; source = \"house\"; strength = \"should\"; categories = [\"marketing\"]; n = 10; per = \"1s\"; "
		"},"
		"	{ id = \"soft.pair\"; source = \"house\"; strength = \"should\"; categories = [\"marketing\"]; n = 1; per = \"24h\"; pair = "
		"true; } );"
		"volumes = ( { id = \"soft.volume\"; source = \"house\"; strength = \"should\"; categories = [\"marketing\"]; scope = \"sender\"; "
		"per = \"day\"; clock = "
		"\"UTC\"; n = 3; } );");
	sql_run(world->connection, "SELECT people(4); SELECT campaign('c' || n, " TWO_DAYS ", priority => n) FROM generate_series(1, 2) AS n");
	expect_doc(world, "--dry-run", told, expected);
	expect_doc(world, "", told, expected);
	sql_expect(world->connection, "SELECT count(*) FROM slot", "8");
	expect_doc(world, "", told, expected);
	sql_run(world->connection, "UPDATE sender SET throughput_per_s = 10");
	expect_doc(world, "", told, "c1|soft.volume|1\nc2|soft.pair|4\nc2|soft.volume|1");
}

static void
without_advice_nothing_is_told(void **state)
{
	const struct plan_world *world = *state;

	sql_run(world->connection, "SELECT people(3), campaign('sale', " TWO_DAYS ")");
	expect_doc(world, "--dry-run", "SELECT doc ? 'advice', doc ? 'plan' FROM d", "f|t");
	expect_doc(world, "", "SELECT doc ? 'advice', doc ? 'plan' FROM d", "f|t");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		PLAN_WORLD_TEST(each_change_is_told_with_what_was_before),
		PLAN_WORLD_TEST(a_sample_names_every_place_that_was_looked_at),
		PLAN_WORLD_TEST(classes_that_moved_are_told_and_kept),
		PLAN_WORLD_TEST(who_is_left_over_is_told_with_what_would_help),
		PLAN_WORLD_TEST(a_dry_run_tells_whom_it_reaches_by_regime),
		PLAN_WORLD_TEST(caps_that_only_warn_are_told),
		PLAN_WORLD_TEST(hours_that_only_advise_are_told),
		PLAN_WORLD_TEST(rates_and_volumes_that_only_advise_are_told),
		PLAN_WORLD_TEST(without_advice_nothing_is_told),
	};

	return cmocka_run_group_tests(tests, plan_world_start, plan_world_stop) != 0;
}
