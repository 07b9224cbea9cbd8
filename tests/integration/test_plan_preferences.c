/* daypart plan and what is preferred: hours of people, the local time of a campaign, mid-day by the rulebook; soft all of them. And spacing. */
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

/* New York is open from 13:00Z (08:00) to 02:00Z (21:00). */
#define MORNING "--now 2026-11-23T12:00:00Z plan"
#define THREE_DAYS "'2026-11-23T13:00Z', '2026-11-26T00:00Z'"

static void
prefers(const struct plan_world *world, const char *person, const char *hour)
{
	char statement[256];

	snprintf(statement, sizeof(statement), "SELECT add_recipient(phone_of('%s'), preferred_hour => %s)", person, hour);
	sql_run(world->connection, statement);
}

/* When everybody's message is due, by the clock of a zone: "ana 23 10:00". */
static void
expect_due(const struct plan_world *world, const char *zone, const char *expected)
{
	char statement[512];

	snprintf(statement, sizeof(statement),
		"SELECT p.source || ' ' || to_char(s.due_at AT TIME ZONE '%s', 'DD HH24:MI') FROM slot AS s JOIN recipient AS p USING (bucket, "
		"recipient_id) ORDER BY p.source",
		zone);
	sql_expect(world->connection, statement, expected);
}

/* The number in a column of the plan's first line. */
static void
expect_told(const struct plan_world *world, const char *plan, const char *column, const char *expected)
{
	char command[256];
	struct process_result result;
	char *literal, *query;

	snprintf(command, sizeof(command), "--format json %s", plan);
	result = daypart_run(world->conninfo, command);
	assert_int_equal(result.exit_code, 0);
	literal = PQescapeLiteral(world->connection, result.out, strlen(result.out));
	assert_true(asprintf(&query, "SELECT %s::json #>> '{plan,0,%s}'", literal, column) > 0);
	sql_expect(world->connection, query, expected);
	free(query);
	PQfreemem(literal);
	process_result_free(&result);
}

/* Hours of people ------------------------------------------------------------------------------------------------------------------------------ */

static void
people(const struct plan_world *world)
{
	sql_run(world->connection,
		"SELECT person('ana', '+12125550101', 'US-NY'), person('bob', '+12125550102', 'US-NY'), person('cid', '+12125550103', 'US-NY'),"
		"	person('dan', '+12125550104', 'US-NY')");
	prefers(world, "ana", "10");
	prefers(world, "bob", "22");
	prefers(world, "cid", "6");
}

/* 22:00 is too late and 06:00 too early. A minute before 20:00 begins the hour that ends when the last message is planned. */
static void
an_hour_is_honoured_or_the_nearest_lawful_one(void **state)
{
	const struct plan_world *world = *state;

	people(world);
	sql_run(world->connection, "SELECT campaign('sale', " THREE_DAYS ")");
	plan_world_make(world, MORNING);
	expect_due(world, "America/New_York", "ana 23 10:00\nbob 23 19:59\ncid 23 08:00\ndan 23 08:00");
}

static void
another_hour_moves_nobody(void **state)
{
	const struct plan_world *world = *state;

	people(world);
	sql_run(world->connection, "SELECT campaign('sale', " THREE_DAYS ")");
	plan_world_make(world, MORNING);
	prefers(world, "ana", "17");
	prefers(world, "dan", "12");
	plan_world_make(world, MORNING);
	expect_due(world, "America/New_York", "ana 23 10:00\nbob 23 19:59\ncid 23 08:00\ndan 23 08:00");
}

/* Planned at 15:00, when 10:00 is over: on the next day. dan has no wish, bob's hour is still to come. */
static void
an_hour_that_is_over_waits_for_the_next_day(void **state)
{
	const struct plan_world *world = *state;

	people(world);
	sql_run(world->connection, "SELECT campaign('sale', " THREE_DAYS ")");
	plan_world_make(world, "--now 2026-11-23T20:00:00Z plan");
	expect_due(world, "America/New_York", "ana 24 10:00\nbob 23 19:59\ncid 24 08:00\ndan 23 15:01");
}

/* One message in 50 seconds: 72 in the hour that all prefer, and none goes without because of the others. */
static void
a_preference_costs_nobody_their_slot(void **state)
{
	const struct plan_world *world = *state;

	sql_run(world->connection,
		"UPDATE sender SET throughput_per_s = 0.02; SELECT people(300), campaign('sale', '2026-11-23T13:00Z', '2026-11-24T02:00Z')");
	sql_run(world->connection, "SELECT add_recipient(phone_of('n' || n), preferred_hour => 14) FROM generate_series(1, 300) AS n");
	expect_told(world, MORNING, "preferred", "72");
	sql_expect(world->connection,
		"SELECT count(*), count(*) FILTER (WHERE extract(hour FROM due_at AT TIME ZONE 'America/New_York') = 14) FROM slot", "300|72");
	expect_told(world, MORNING, "kept", "300");
}

/* Campaigns ------------------------------------------------------------------------------------------------------------------------------------ */

/* Sends the campaign `sale` at a local time. */
static void
send_at(const struct plan_world *world, const char *time)
{
	char statement[256];

	snprintf(statement, sizeof(statement), "UPDATE campaign SET pacing = 'at', send_at = '%s' WHERE name = 'sale'; SELECT approve_again()",
		time);
	sql_run(world->connection, statement);
}

static void
a_campaign_leaves_at_its_local_time(void **state)
{
	static const struct {
		const char *time, *due;
	} cases[] = {
		{"16:30", "ana 23 16:30\nben 23 16:30\nbob 23 10:00"},
		{"23:00", "ana 23 19:59\nben 23 19:59\nbob 23 10:00"},
		{"06:00", "ana 23 08:00\nben 23 08:00\nbob 23 10:00"},
	};
	const struct plan_world *world = *state;

	sql_run(world->connection,
		"SELECT person('ana', '+12125550101', 'US-NY'), person('ben', '+12125550105', 'US-NY'), person('bob', '+12125550102', 'US-NY'),"
		"	campaign('sale', " THREE_DAYS ")");
	prefers(world, "bob", "10");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		send_at(world, cases[i].time);
		sql_run(world->connection, "DELETE FROM slot");
		plan_world_make(world, MORNING);
		expect_due(world, "America/New_York", cases[i].due);
	}
}

/* Each by the clock of the place: 10:00 in New York and in Los Angeles are three hours apart. */
static void
a_local_time_is_that_of_the_person(void **state)
{
	const struct plan_world *world = *state;

	sql_run(world->connection,
		"SELECT person('ana', '+12125550101', 'US-NY'), person('lee', '+14155550101', 'US-CA', 'America/Los_Angeles'),"
		"	campaign('sale', " THREE_DAYS ")");
	send_at(world, "10:00");
	plan_world_make(world, MORNING);
	expect_due(world, "UTC", "ana 23 15:00\nlee 23 18:00");
}

static void
a_time_without_its_pacing_is_refused(void **state)
{
	const struct plan_world *world = *state;

	sql_run(world->connection, "SELECT campaign('sale', " THREE_DAYS ")");
	sql_expect_error(
		world->connection, "UPDATE campaign SET pacing = 'at'", &(struct sql_error){"22023", "without send_at", "such as 10:00"});
	sql_expect_error(
		world->connection, "UPDATE campaign SET send_at = '10:00'", &(struct sql_error){"22023", "pacing is \"asap\"", "set pacing to at"});
	sql_expect_error(world->connection, "UPDATE campaign SET pacing = 'at', send_at = '24:00'",
		&(struct sql_error){"22023", "is the end of the day", "23:59"});
}

/* Rules ---------------------------------------------------------------------------------------------------------------------------------------- */

/* Sao Paulo is open from 09:00 to 20:00. */
static void
the_rulebook_may_prefer_hours(void **state)
{
	const struct plan_world *world = *state;

	sql_run(world->connection,
		"SELECT person('rui', '+5511987654321', 'BR-SP'), person('ana', '+12125550101', 'US-NY'), campaign('sale', " THREE_DAYS ")");
	plan_world_make(world, MORNING " --dry-run");
	plan_world_edit_rules(world, "br.cfg", "/R-060 midday/{n;s/false/true/}");
	plan_world_make(world, MORNING);
	expect_due(world, "UTC", "ana 23 13:00\nrui 23 14:00");
}

/* Two messages within a day are one too many, of whatever campaign; the night in between is longer than what is left. */
static void
a_time_between_two_messages_keeps_them_apart(void **state)
{
	const struct plan_world *world = *state;

	plan_world_edit_rules(world, "house.cfg",
		"$a rates = ( { id = \"house.spacing\"; source = \"house\"; strength = \"must\"; categories = \"all\"; n = 1; per = \"24h\"; pair "
		"= "
		"true; } );");
	sql_run(world->connection,
		"SELECT person('ana', '+12125550101', 'US-NY'), person('bob', '+12125550102', 'US-NY'), sent('bob', '{2026-11-22T20:00Z}'),"
		"	campaign('one', " THREE_DAYS ", priority => 1), campaign('two', " THREE_DAYS ", 'acme-two', priority => 2)");
	plan_world_make(world, MORNING);
	plan_world_expect(world, "one", "ana|11-23 13:00:00 - 11-24 02:00:00\nbob|11-23 20:00:00 - 11-24 02:00:00");
	plan_world_expect(world, "two", "ana|11-25 13:00:00 - 11-26 00:00:00\nbob|11-25 13:00:00 - 11-26 00:00:00");
}

/* A holiday of the shipped calendar of India takes one message, any other day three: 25 December 2026 is a Friday. */
static void
a_holiday_takes_fewer_messages(void **state)
{
	const struct plan_world *world = *state;

	sql_run(world->connection,
		"SELECT person('devi', '+911000000001', 'IN') UNION ALL"
		"	SELECT campaign('c' || n, '2026-12-25T01:00Z', '2026-12-27T00:00Z', priority => n) FROM generate_series(1, 4) AS n");
	plan_world_make(world, "--now 2026-12-24T20:00Z plan");
	sql_expect(
		world->connection, "SELECT campaign, left(outcome, 5) FROM outcome ORDER BY campaign", "c1|12-25\nc2|12-26\nc3|12-26\nc4|12-26");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		PLAN_WORLD_TEST(an_hour_is_honoured_or_the_nearest_lawful_one),
		PLAN_WORLD_TEST(another_hour_moves_nobody),
		PLAN_WORLD_TEST(an_hour_that_is_over_waits_for_the_next_day),
		PLAN_WORLD_TEST(a_preference_costs_nobody_their_slot),
		PLAN_WORLD_TEST(a_campaign_leaves_at_its_local_time),
		PLAN_WORLD_TEST(a_local_time_is_that_of_the_person),
		PLAN_WORLD_TEST(a_time_without_its_pacing_is_refused),
		PLAN_WORLD_TEST(the_rulebook_may_prefer_hours),
		PLAN_WORLD_TEST(a_time_between_two_messages_keeps_them_apart),
		PLAN_WORLD_TEST(a_holiday_takes_fewer_messages),
	};

	return cmocka_run_group_tests(tests, plan_world_start, plan_world_stop) != 0;
}
