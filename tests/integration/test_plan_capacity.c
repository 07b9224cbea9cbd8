/* daypart plan and the sender's throughput: no second is overfilled, nobody who fits is left out, and whose turn comes first is fair. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/plan_world.h"
#include "tests/support/sql_expect.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* New York is open from 13:00Z to 02:00Z. */
#define MORNING "--now 2026-11-23T12:00:00Z plan"

static void
two_campaigns_of_one_sender_share_its_seconds(void **state)
{
	const struct plan_world *world = *state;

	sql_run(world->connection,
		"UPDATE sender SET throughput_per_s = 5; SELECT people(40), campaign('one', '2026-11-23T13:00Z', '2026-11-24T00:00Z'),"
		"	campaign('two', '2026-11-23T13:00Z', '2026-11-24T00:00Z'), campaign('other', '2026-11-23T13:00Z', '2026-11-24T00:00Z', "
		"'acme-two')");
	plan_world_make(world, MORNING);
	sql_expect(world->connection,
		"SELECT lane, count(*), count(DISTINCT date_trunc('second', due_at)), max(due_at) FROM slot GROUP BY 1 ORDER BY 1",
		"1|80|16|2026-11-23 13:00:15.8+00\n2|40|8|2026-11-23 13:00:07.8+00");
	sql_expect(
		world->connection, "SELECT max(n) FROM (SELECT count(*) AS n FROM slot GROUP BY lane, date_trunc('second', due_at)) AS s", "5");
}

/* Planned on different days: the second finds the first's ticks taken, and so does who comes later to the first. */
static void
seconds_that_are_taken_stay_taken(void **state)
{
	const struct plan_world *world = *state;

	sql_run(world->connection,
		"UPDATE sender SET throughput_per_s = 2; SELECT people(10), campaign('one', '2026-11-23T13:00Z', '2026-11-24T00:00Z')");
	plan_world_make(world, MORNING);
	sql_run(world->connection, "SELECT campaign('two', '2026-11-23T13:00Z', '2026-11-24T00:00Z', priority => 1)");
	plan_world_make(world, MORNING);
	sql_run(world->connection, "SELECT person('late', '+12125559999', 'US-NY'), approve_again()");
	plan_world_make(world, MORNING);
	sql_expect(world->connection, "SELECT count(*), count(DISTINCT due_at), max(due_at) FROM slot", "22|22|2026-11-23 13:00:10.5+00");
	sql_expect(world->connection, "SELECT campaign, left(outcome, 14) FROM outcome WHERE person = 'late' ORDER BY 1 DESC",
		"two|11-23 13:00:10\none|11-23 13:00:10");
}

/* A slower sender keeps what its seconds can still hold; a faster one moves nobody. */
static void
a_changed_throughput_holds_for_what_is_planned(void **state)
{
	static const char *densest = "SELECT count(*), count(DISTINCT date_trunc('second', due_at)) FROM slot";
	const struct plan_world *world = *state;

	sql_run(world->connection,
		"UPDATE sender SET throughput_per_s = 10; SELECT people(20), campaign('sale', '2026-11-23T13:00Z', '2026-11-24T00:00Z')");
	plan_world_make(world, MORNING);
	sql_expect(world->connection, densest, "20|2");
	sql_run(world->connection, "UPDATE sender SET throughput_per_s = 1");
	plan_world_make(world, MORNING);
	sql_expect(world->connection, densest, "20|20");
	sql_run(world->connection, "CREATE TABLE before AS SELECT * FROM slot; UPDATE sender SET throughput_per_s = 5");
	plan_world_make(world, MORNING);
	sql_expect(world->connection, "SELECT count(*) FROM slot JOIN before USING (recipient_id, due_at)", "20");
}

static void
a_throughput_may_be_any_fraction(void **state)
{
	static const struct {
		const char *per_s, *gaps; /* least and greatest, in seconds */
	} cases[] = {
		{"0.5", "2.000000|2.000000"},
		{"0.3", "3.333333|3.333334"},
		{"1.5", "0.666666|0.666667"},
		{"0.001", "1000.000000|1000.000000"},
	};
	const struct plan_world *world = *state;

	sql_run(world->connection, "SELECT people(10), campaign('sale', '2026-11-23T13:00Z', '2026-11-24T00:00Z')");
	for (size_t i = 0; i < COUNT(cases); i++) {
		char statement[128];

		snprintf(statement, sizeof(statement), "DELETE FROM slot; UPDATE sender SET throughput_per_s = %s", cases[i].per_s);
		sql_run(world->connection, statement);
		plan_world_make(world, MORNING);
		sql_expect(world->connection,
			"SELECT min(gap), max(gap) FROM (SELECT extract(epoch FROM due_at - lag(due_at) OVER (ORDER BY due_at)) AS gap FROM slot) AS g",
			cases[i].gaps);
	}
}

/* Twenty seconds less the last ten, which are left to the daemon. */
static void
who_does_not_fit_into_the_campaign_is_told_so(void **state)
{
	const struct plan_world *world = *state;

	sql_run(world->connection,
		"UPDATE sender SET throughput_per_s = 1; SELECT people(13), campaign('sale', '2026-11-23T13:00Z', '2026-11-23T13:00:20Z')");
	plan_world_make(world, MORNING);
	sql_expect(
		world->connection, "SELECT count(*), min(due_at), max(due_at) FROM slot", "10|2026-11-23 13:00:00+00|2026-11-23 13:00:09+00");
	sql_expect(world->connection, "SELECT outcome, count(*) FROM outcome WHERE outcome NOT LIKE '11-%' GROUP BY 1", "no_capacity|3");
	sql_run(world->connection, "UPDATE campaign SET ends_at = '2026-11-23T13:01:00Z'; SELECT approve_again()");
	plan_world_make(world, MORNING);
	sql_expect(world->connection, "SELECT count(*), max(due_at) FROM slot", "13|2026-11-23 13:00:12+00");
	sql_expect(world->connection, "SELECT count(*) FROM suppressed", "0");
}

static void
who_does_not_fit_before_the_horizon_waits_for_a_later_plan(void **state)
{
	const struct plan_world *world = *state;

	sql_run(world->connection,
		"UPDATE sender SET throughput_per_s = 0.001; SELECT people(13), campaign('sale', '2026-11-23T13:00Z', '2026-11-25T00:00Z')");
	plan_world_make(world, MORNING " --horizon 3h");
	sql_expect(world->connection, "SELECT outcome, count(*) FROM outcome WHERE outcome NOT LIKE '11-%' GROUP BY 1", "beyond_horizon|6");
	plan_world_make(world, MORNING);
	sql_expect(world->connection, "SELECT count(*), count(DISTINCT due_at) FROM slot", "13|13");
	sql_expect(world->connection, "SELECT count(*) FROM suppressed", "0");
}

/* Somebody whose window closes first is served first: Berlin has an hour left, New York the whole day. */
static void
who_has_little_time_goes_first(void **state)
{
	const struct plan_world *world = *state;

	sql_run(world->connection,
		"UPDATE sender SET throughput_per_s = 0.01; SELECT people(20) UNION ALL SELECT person('b' || n, '+49171390000' || n, 'DE')"
		"	FROM generate_series(1, 9) AS n; SELECT campaign('sale', '2026-11-23T19:40Z', '2026-11-24T00:00Z')");
	plan_world_make(world, MORNING);
	sql_expect(world->connection,
		"SELECT count(*), max(outcome) < '11-23 20:00' FROM outcome WHERE person LIKE 'b%' AND outcome LIKE '11-%'", "9|t");
	sql_expect(world->connection, "SELECT count(*) FROM outcome WHERE outcome LIKE '11-%'", "29");
}

/* Three in any 24 hours, six from the 25th on. */
static void
a_warm_up_holds_from_step_to_step(void **state)
{
	const struct plan_world *world = *state;

	sql_run(world->connection,
		"INSERT INTO sender_limit VALUES ('acme', '2026-11-01', 3), ('acme', '2026-11-25', 6);"
		"SELECT people(15), campaign('sale', '2026-11-23T13:00Z', '2026-11-28T00:00Z')");
	plan_world_make(world, MORNING);
	sql_expect(world->connection, "SELECT count(*), count(*) FILTER (WHERE due_at < '2026-11-24') FROM slot", "15|3");
	sql_expect(world->connection,
		"SELECT max(n) FILTER (WHERE due_at < '2026-11-25'), max(n) FROM (SELECT due_at, count(*) OVER (ORDER BY due_at"
		"	RANGE BETWEEN CURRENT ROW AND '23:59:59.999999' FOLLOWING) AS n FROM slot) AS day",
		"3|6");
}

/* Pacing -------------------------------------------------------------------------------------------------------------------------------------- */

static void
asap_starts_at_once_and_even_spreads(void **state)
{
	const struct plan_world *world = *state;

	sql_run(world->connection,
		"SELECT people(10), campaign('fast', '2026-11-23T13:00Z', '2026-11-23T23:00:10Z'),"
		"	campaign('slow', '2026-11-23T13:00Z', '2026-11-23T23:00:10Z', 'acme-two', pacing => 'even')");
	plan_world_make(world, MORNING);
	sql_expect(world->connection, "SELECT max(due_at) < '2026-11-23T13:00:01Z' FROM slot WHERE lane = 1", "t");
	sql_expect(world->connection, "SELECT string_agg(to_char(due_at, 'HH24:MI'), ' ' ORDER BY due_at) FROM slot WHERE lane = 2",
		"13:30 14:30 15:30 16:30 17:30 18:30 19:30 20:30 21:30 22:30");
}

/* Fairness ------------------------------------------------------------------------------------------------------------------------------------ */

static char *
order_of(const struct plan_world *world, const char *campaign)
{
	char query[256];

	snprintf(query, sizeof(query),
		"SELECT string_agg(phone::text, ' ' ORDER BY due_at) FROM slot JOIN recipient USING (bucket, recipient_id)"
		"	JOIN campaign_run USING (run_id) JOIN campaign USING (campaign_id) WHERE name = '%s'",
		campaign);
	return sql_text(world->connection, query);
}

static void
the_order_is_the_same_at_every_plan_and_another_for_each_campaign(void **state)
{
	const struct plan_world *world = *state;
	char *one, *two;

	sql_run(world->connection,
		"SELECT people(30), campaign('one', '2026-11-23T13:00Z', '2026-11-24T00:00Z'),"
		"	campaign('two', '2026-11-23T13:00Z', '2026-11-24T00:00Z', 'acme-two')");
	plan_world_make(world, MORNING);
	one = order_of(world, "one");
	two = order_of(world, "two");
	assert_string_not_equal(one, two);
	sql_run(world->connection, "DELETE FROM slot");
	plan_world_make(world, MORNING);
	for (int i = 0; i < 2; i++) {
		char *before = i == 0 ? one : two, *after = order_of(world, i == 0 ? "one" : "two");

		assert_string_equal(after, before);
		free(after);
		free(before);
	}
}

/* Neither the row's place in a table nor the number decides. */
static char *
plan_of(void **group, const char *people)
{
	void *state = *group;
	char *slots;

	plan_world_open(&state);
	const struct plan_world *world = state;
	sql_run(world->connection, people);
	sql_run(world->connection,
		"UPDATE sender SET throughput_per_s = 3;"
		"SELECT campaign('one', '2026-11-23T13:00Z', '2026-11-24T00:00Z', pacing => 'even'), campaign('two', '2026-11-23T13:00Z', "
		"'2026-11-24T00:00Z')");
	plan_world_make(world, MORNING);
	slots = sql_text(world->connection,
		"SELECT count(*), md5(string_agg(concat_ws(' ', recipient_id, run_id, due_at, not_after), '|' ORDER BY run_id, bucket, "
		"recipient_id)) FROM slot");
	plan_world_close(&state);
	return slots;
}

static void
the_order_of_work_does_not_matter(void **state)
{
	char *forwards = plan_of(state, "SELECT person('n' || n, '+1212' || 5550000 + n, 'US-NY') FROM generate_series(1, 50) AS n");
	char *backwards = plan_of(state, "SELECT person('n' || n, '+1212' || 5550000 + n, 'US-NY') FROM generate_series(50, 1, -1) AS n");

	assert_memory_equal(forwards, "100|", 4);
	assert_string_equal(forwards, backwards);
	free(forwards);
	free(backwards);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		PLAN_WORLD_TEST(two_campaigns_of_one_sender_share_its_seconds),
		PLAN_WORLD_TEST(seconds_that_are_taken_stay_taken),
		PLAN_WORLD_TEST(a_changed_throughput_holds_for_what_is_planned),
		PLAN_WORLD_TEST(a_throughput_may_be_any_fraction),
		PLAN_WORLD_TEST(who_does_not_fit_into_the_campaign_is_told_so),
		PLAN_WORLD_TEST(who_does_not_fit_before_the_horizon_waits_for_a_later_plan),
		PLAN_WORLD_TEST(who_has_little_time_goes_first),
		PLAN_WORLD_TEST(a_warm_up_holds_from_step_to_step),
		PLAN_WORLD_TEST(asap_starts_at_once_and_even_spreads),
		PLAN_WORLD_TEST(the_order_is_the_same_at_every_plan_and_another_for_each_campaign),
		cmocka_unit_test(the_order_of_work_does_not_matter),
	};

	return cmocka_run_group_tests(tests, plan_world_start, plan_world_stop) != 0;
}
