/* daypart plan: when people get their message, what is printed and what is written. */
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

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Monday, 02:30 UTC: evening in California, night in New York, morning in Asia. */
#define NIGHT "--now 2026-11-23T02:30:00Z plan"

static void
everybody_is_reached_within_the_hours_of_their_region(void **state)
{
	const struct plan_world *world = *state;

	sql_run(world->connection,
		"SELECT person('berlin', '+491713900001', 'DE'), person('california', '+14155550101', 'US-CA'), person('delhi', '+911000000001', "
		"'IN'),"
		"	person('kathmandu', '+9779800000001', 'NP'), person('manaus', '+5592900000001', 'BR-AM'),"
		"	person('new_york', '+12125550101', 'US-NY'), person('sao_paulo', '+5511900000001', 'BR-SP')");
	sql_run(world->connection, "SELECT campaign('sale', '2026-11-23T03:00Z', '2026-11-25T00:00Z')");
	plan_world_make(world, NIGHT);
	plan_world_expect(world, "sale",
		"berlin|11-23 07:00:00 - 11-23 20:00:00\n"
		"california|11-23 03:00:00 - 11-23 05:00:00\n"
		"delhi|11-23 03:30:00 - 11-23 15:30:00\n"
		"kathmandu|11-23 03:00:00 - 11-23 15:15:00\n"
		"manaus|11-23 13:00:00 - 11-24 00:00:00\n"
		"new_york|11-23 13:00:00 - 11-24 02:00:00\n"
		"sao_paulo|11-23 12:00:00 - 11-23 23:00:00");
}

/* 20 November 2026 is a Friday and a holiday; 1 January 2027 is a Friday, too. */
static void
brazil_has_weekends_and_holidays_off(void **state)
{
	static const struct {
		const char *name, *starts_at, *slot;
	} cases[] = {
		{"thursday", "2026-11-19T22:00Z", "sao_paulo|11-19 22:00:00 - 11-19 23:00:00"},
		{"holiday", "2026-11-19T23:00Z", "sao_paulo|11-23 12:00:00 - 11-23 23:00:00"},
		{"new_year", "2026-12-31T23:00Z", "sao_paulo|01-04 12:00:00 - 01-04 23:00:00"},
	};
	const struct plan_world *world = *state;

	sql_run(world->connection, "SELECT person('sao_paulo', '+5511900000001', 'BR-SP')");
	for (size_t i = 0; i < COUNT(cases); i++) {
		char statement[256];

		snprintf(statement, sizeof(statement), "SELECT campaign('%s', '%s', '2027-01-06T00:00Z')", cases[i].name, cases[i].starts_at);
		sql_run(world->connection, statement);
	}
	plan_world_make(world, "--now 2026-11-19T20:00Z plan --horizon 60d");
	for (size_t i = 0; i < COUNT(cases); i++)
		plan_world_expect(world, cases[i].name, cases[i].slot);
}

/* Clocks go forwards in New York on 14 March 2027 at 07:00Z, back on 7 November at 06:00Z. */
static void
hours_follow_the_clocks(void **state)
{
	static const struct {
		const char *name, *starts_at, *slot;
	} cases[] = {
		{"saturday", "2027-03-13T06:00Z", "ana|03-13 13:00:00 - 03-14 02:00:00"},
		{"sunday", "2027-03-14T06:00Z", "ana|03-14 12:00:00 - 03-15 01:00:00"},
		{"local", "2027-03-14 02:30 local", "ana|03-14 12:00:00 - 03-15 01:00:00"},
	};
	const struct plan_world *world = *state;
	char statement[256];

	sql_run(world->connection, "SELECT person('ana', '+12125550101', 'US-NY')");
	for (size_t i = 0; i < COUNT(cases); i++) {
		snprintf(statement, sizeof(statement), "SELECT campaign('%s', '%s', '2027-03-17T00:00Z')", cases[i].name, cases[i].starts_at);
		sql_run(world->connection, statement);
	}
	sql_run(world->connection, "SELECT campaign('autumn', '2027-11-07T04:00Z', '2027-11-09T00:00Z')");
	plan_world_make(world, "--now 2027-03-13T00:00:00Z plan");
	for (size_t i = 0; i < COUNT(cases); i++)
		plan_world_expect(world, cases[i].name, cases[i].slot);
	plan_world_expect(world, "autumn", "ana|beyond_horizon");
	plan_world_make(world, "--now 2027-11-06T00:00:00Z plan");
	plan_world_expect(world, "autumn", "ana|11-07 13:00:00 - 11-08 02:00:00");
}

/* 21:00 in New York is 02:00Z. The last ten seconds are left to the daemon. */
static void
a_window_is_half_open_and_ends_with_room_to_leave(void **state)
{
	const struct plan_world *world = *state;

	sql_run(world->connection,
		"SELECT person('ana', '+12125550101', 'US-NY'), campaign('fits', '2026-11-24T01:59:49Z', '2026-11-24T06:00Z'),"
		"	campaign('late', '2026-11-24T01:59:50Z', '2026-11-24T06:00Z'), campaign('closed', '2026-11-24T02:00Z', '2026-11-24T06:00Z'),"
		"	campaign('before', '2026-11-23T06:00Z', '2026-11-23T13:00:10Z'), campaign('opens', '2026-11-23T06:00Z', "
		"'2026-11-23T13:00:11Z')");
	plan_world_make(world, NIGHT);
	plan_world_expect(world, "fits", "ana|11-24 01:59:49 - 11-24 02:00:00");
	plan_world_expect(world, "late", "ana|no_window");
	plan_world_expect(world, "closed", "ana|no_window");
	plan_world_expect(world, "before", "ana|no_window");
	plan_world_expect(world, "opens", "ana|11-23 13:00:00 - 11-23 13:00:11");
}

static void
nothing_leaves_before_the_plan_could_be_made(void **state)
{
	const struct plan_world *world = *state;

	sql_run(world->connection, "SELECT person('ana', '+12125550101', 'US-NY'), campaign('sale', '2026-11-20T00:00Z', '2026-11-25T00:00Z')");
	plan_world_make(world, "--now 2026-11-23T15:00:00Z plan");
	plan_world_expect(world, "sale", "ana|11-23 15:01:00 - 11-24 02:00:00");
}

static void
a_campaign_has_hours_of_its_own_where_the_recipient_is(void **state)
{
	const struct plan_world *world = *state;

	sql_run(world->connection,
		"SELECT person('berlin', '+491713900001', 'DE'), person('new_york', '+12125550101', 'US-NY'),"
		"	campaign('lunch', '2026-11-23T00:00Z', '2026-11-25T00:00Z'), campaign('night', '2026-11-23T00:00Z', '2026-11-25T00:00Z'),"
		"	campaign('dawn', '2026-11-23T00:00Z', '2026-11-25T00:00Z')");
	sql_run(world->connection,
		"UPDATE campaign SET (local_from, local_to) = ('12:00', '14:00') WHERE name = 'lunch';"
		"UPDATE campaign SET (local_from, local_to) = ('20:30', '08:10') WHERE name = 'night';"
		"UPDATE campaign SET (local_from, local_to) = ('05:00', '07:30') WHERE name = 'dawn'; SELECT approve_again()");
	plan_world_make(world, NIGHT);
	plan_world_expect(world, "lunch", "berlin|11-23 11:00:00 - 11-23 13:00:00\nnew_york|11-23 17:00:00 - 11-23 19:00:00");
	plan_world_expect(world, "night", "berlin|11-23 07:00:00 - 11-23 07:10:00\nnew_york|11-23 13:00:00 - 11-23 13:10:00");
	plan_world_expect(world, "dawn", "berlin|no_window\nnew_york|no_window");
}

static void
a_local_time_is_that_of_each_recipient_and_an_instant_is_one_for_all(void **state)
{
	const struct plan_world *world = *state;

	sql_run(world->connection,
		"SELECT person('berlin', '+491713900001', 'DE'), person('new_york', '+12125550101', 'US-NY'),"
		"	campaign('local', '2026-11-24 10:00 local', '2026-11-24 15:30 local'),"
		"	campaign('instant', '2026-11-24T10:00:00-05:00', '2026-11-24T18:30:00+01:00'),"
		"	campaign('mixed', '2026-11-24 10:00 local', '2026-11-24T16:00Z')");
	plan_world_make(world, NIGHT);
	plan_world_expect(world, "local", "berlin|11-24 09:00:00 - 11-24 14:30:00\nnew_york|11-24 15:00:00 - 11-24 20:30:00");
	plan_world_expect(world, "instant", "berlin|11-24 15:00:00 - 11-24 17:30:00\nnew_york|11-24 15:00:00 - 11-24 17:30:00");
	plan_world_expect(world, "mixed", "berlin|11-24 09:00:00 - 11-24 16:00:00\nnew_york|11-24 15:00:00 - 11-24 16:00:00");
}

/* 850 lies in two zones, and who declares another one may be in either. */
static void
who_may_be_in_several_zones_gets_what_is_lawful_in_all(void **state)
{
	const struct plan_world *world = *state;

	sql_run(world->connection,
		"SELECT person('pensacola', '+18505550101', 'US-FL'), person('traveller', '+12125550101', 'US-NY', 'Europe/Berlin'),"
		"	campaign('sale', '2026-11-23T03:00Z', '2026-11-25T00:00Z')");
	plan_world_make(world, NIGHT);
	plan_world_expect(world, "sale", "pensacola|11-23 14:00:00 - 11-24 02:00:00\ntraveller|11-23 13:00:00 - 11-23 20:00:00");
}

/* What is printed, what is written ------------------------------------------------------------------------------------------------------------ */

static void
a_dry_run_prints_the_same_and_writes_nothing(void **state)
{
	const struct plan_world *world = *state;
	struct process_result dry, real;
	char *before;

	sql_run(world->connection,
		"SELECT people(20), person('bob', '+18005550106', 'US'), campaign('sale', '2026-11-23T03:00Z', '2026-11-25T00:00Z'),"
		"	campaign('ended', '2026-11-01T03:00Z', '2026-11-02T00:00Z')");
	before = sql_text(world->connection, "SELECT everything()");
	dry = daypart_run(world->conninfo, NIGHT " --dry-run");
	sql_expect(world->connection, "SELECT everything()", before);
	real = daypart_run(world->conninfo, NIGHT);
	assert_int_equal(dry.exit_code, 0);
	assert_true(strlen(dry.out) > strlen(real.out)); /* the audiences come first */
	assert_string_equal(dry.out + strlen(dry.out) - strlen(real.out), real.out);
	assert_non_null(strstr(real.out, "a number without a place"));
	sql_expect(world->connection, "SELECT plan_run > 0 FROM plan_head", "t");
	process_result_free(&dry);
	process_result_free(&real);
	free(before);
}

static void
the_tables_come_as_json(void **state)
{
	const struct plan_world *world = *state;
	struct process_result result;
	char *literal, *query;

	sql_run(world->connection,
		"SELECT people(20), person('bob', '+18005550106', 'US'), campaign('the \"best\" sale', '2026-11-23T03:00Z', '2026-11-25T00:00Z')");
	result = daypart_run(world->conninfo, "--format json " NIGHT);
	assert_int_equal(result.exit_code, 0);
	literal = PQescapeLiteral(world->connection, result.out, strlen(result.out));
	assert_true(
		asprintf(&query,
			"SELECT doc #>> '{plan,0,campaign}', doc #>> '{plan,0,audience}', doc #>> '{plan,0,added}', doc #>> '{plan,0,without_slot}',"
			"	doc #>> '{reasons,0,kind}', doc #>> '{reasons,0,people}', json_array_length(doc -> 'sample'),"
			"	doc #>> '{sample,0,phone}' LIKE '+121*%%', doc #>> '{sample,0,zone}' FROM (SELECT %s::json) AS d (doc)",
			literal) > 0);
	sql_expect(world->connection, query, "the \"best\" sale|21|20|1|held|1|10|t|America/New_York");
	free(query);
	PQfreemem(literal);
	process_result_free(&result);
}

static void
one_named_campaign_is_planned_alone(void **state)
{
	const struct plan_world *world = *state;

	sql_run(world->connection,
		"SELECT person('ana', '+12125550101', 'US-NY'), campaign('one', '2026-11-23T03:00Z', '2026-11-25T00:00Z'),"
		"	campaign('two', '2026-11-23T03:00Z', '2026-11-25T00:00Z')");
	plan_world_make(world, NIGHT " --campaign two");
	plan_world_expect(world, "one", "");
	plan_world_expect(world, "two", "ana|11-23 13:00:00 - 11-24 02:00:00");
}

static void
an_ended_campaign_is_finished_once_nothing_of_it_waits(void **state)
{
	const struct plan_world *world = *state;

	sql_run(world->connection,
		"SELECT person('ana', '+12125550101', 'US-NY'), campaign('sale', '2026-11-23T03:00Z', '2026-11-24T00:00Z'),"
		"	campaign('other', '2026-11-23T03:00Z', '2026-11-28T00:00Z')");
	plan_world_make(world, NIGHT);
	plan_world_make(world, "--now 2026-11-25T06:00Z plan");
	sql_expect(world->connection, "SELECT name, status FROM campaign ORDER BY 1", "other|approved\nsale|approved");
	sql_run(world->connection, "SELECT release('ana', 'sale', '2026-11-23T14:00Z')");
	plan_world_make(world, "--now 2026-11-25T06:00Z plan --dry-run");
	sql_expect(world->connection, "SELECT name, status FROM campaign ORDER BY 1", "other|approved\nsale|approved");
	plan_world_make(world, "--now 2026-11-25T06:00Z plan");
	sql_expect(world->connection, "SELECT name, status FROM campaign ORDER BY 1", "other|approved\nsale|finished");
	sql_expect(world->connection,
		"SELECT e.status, e.note FROM campaign_event AS e JOIN campaign USING (campaign_id) WHERE name = 'sale' ORDER BY at",
		"approved|\nfinished|ended");
}

/* The last campaign is dealt when the server is rid of the snapshot; those before it must be, for it to be read. */
static void
reading_ends_before_the_last_campaign_is_dealt(void **state)
{
	const struct plan_world *world = *state;

	sql_run(world->connection,
		"SELECT people(3), campaign('first', '2026-11-23T03:00Z', '2026-11-25T00:00Z', priority => 1), "
		"campaign('second', '2026-11-23T03:00Z', '2026-11-25T00:00Z'), campaign('third', '2026-11-23T03:00Z', '2026-11-25T00:00Z', "
		"'bora')");
	struct process_result result = daypart_run(world->conninfo, "-v " NIGHT);
	const char *dealt[] = {strstr(result.err, "\"first\": 1 classes"), strstr(result.err, "\"second\": 1 classes"),
		strstr(result.err, "everything is read"), strstr(result.err, "\"third\": 1 classes")};
	for (size_t i = 0; i < COUNT(dealt); i++)
		if (dealt[i] == NULL || (i > 0 && dealt[i] < dealt[i - 1]))
			fail_msg("line %zu is missing or too early: %s", i, result.err);
	process_result_free(&result);
	sql_expect(world->connection, "SELECT count(*) FROM slot", "9");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		PLAN_WORLD_TEST(everybody_is_reached_within_the_hours_of_their_region),
		PLAN_WORLD_TEST(brazil_has_weekends_and_holidays_off),
		PLAN_WORLD_TEST(hours_follow_the_clocks),
		PLAN_WORLD_TEST(a_window_is_half_open_and_ends_with_room_to_leave),
		PLAN_WORLD_TEST(nothing_leaves_before_the_plan_could_be_made),
		PLAN_WORLD_TEST(a_campaign_has_hours_of_its_own_where_the_recipient_is),
		PLAN_WORLD_TEST(a_local_time_is_that_of_each_recipient_and_an_instant_is_one_for_all),
		PLAN_WORLD_TEST(who_may_be_in_several_zones_gets_what_is_lawful_in_all),
		PLAN_WORLD_TEST(a_dry_run_prints_the_same_and_writes_nothing),
		PLAN_WORLD_TEST(the_tables_come_as_json),
		PLAN_WORLD_TEST(one_named_campaign_is_planned_alone),
		PLAN_WORLD_TEST(reading_ends_before_the_last_campaign_is_dealt),
		PLAN_WORLD_TEST(an_ended_campaign_is_finished_once_nothing_of_it_waits),
	};

	return cmocka_run_group_tests(tests, plan_world_start, plan_world_stop) != 0;
}
