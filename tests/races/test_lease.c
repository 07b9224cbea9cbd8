/*
 * Leases of lanes against claims, and against each other: who claims holds the lane, and who takes it over comes after.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "sql_embedded.h"
#include "tests/support/race_fixture.h"
#include "tests/support/rival.h"
#include "tests/support/sql_expect.h"

#define ANA "aaaaaaaa-0000-4000-8000-000000000001"
#define BEN "bbbbbbbb-0000-4000-8000-000000000002"

/* The lanes that the statement returns, as "north south". */
static void
expect_lanes(const struct race *race, PGresult *rows, const char *expected)
{
	char lanes[128] = "";

	if (PQresultStatus(rows) != PGRES_TUPLES_OK)
		fail_msg("%s", PQresultErrorMessage(rows));
	for (int i = 0; i < PQntuples(rows); i++) {
		const char *id[] = {PQgetvalue(rows, i, 0)};
		PGresult *name = PQexecParams(race->watcher, "SELECT name FROM sender WHERE sender_id = $1", 1, NULL, id, NULL, NULL, 0);

		if (i > 0)
			strcat(lanes, " ");
		strncat(lanes, PQgetvalue(name, 0, 0), 32);
		PQclear(name);
	}
	PQclear(rows);
	assert_string_equal(lanes, expected);
}

static void
take(const struct race *race, PGconn *session, const char *holder, const char *limit, const char *expected)
{
	const char *params[] = {holder, "1 hour", limit};

	expect_lanes(race, PQexecParams(session, sql_query_lease_take.text, 3, NULL, params, NULL, NULL, 0), expected);
}

static void
renew(const struct race *race, PGconn *session, const char *holder, const char *expected)
{
	const char *params[] = {holder, "1 hour"};

	expect_lanes(race, PQexecParams(session, sql_query_lease_renew.text, 2, NULL, params, NULL, NULL, 0), expected);
}

static void
give_back_all(PGconn *session, const char *holder)
{
	const char *params[] = {holder, NULL};
	PGresult *rows = PQexecParams(session, sql_query_lease_give_back.text, 2, NULL, params, NULL, NULL, 0);

	assert_int_equal(PQresultStatus(rows), PGRES_TUPLES_OK);
	PQclear(rows);
}

/* Both lanes, under epoch 2. */
static void
ana_holds_both(const struct race *race)
{
	sql_run(race->watcher, "UPDATE lane_lease SET until = '-infinity'");
	take(race, race->watcher, ANA, "10", "north south");
}

static void
expire(const struct race *race)
{
	sql_run(race->watcher, "UPDATE lane_lease SET until = clock_timestamp() - interval '1 ms'");
}

#define NORTH_AS_ANA (&(struct race_claim){.lane = "north", .epoch = 2})
#define NOTHING "0 0 0 0 0"
#define ALL "12 0 0 0 0"

static void
a_claim_under_an_old_epoch_does_nothing(void **state)
{
	const struct race *race = *state;

	race_plan(race);
	ana_holds_both(race);
	expire(race);
	take(race, race->second, BEN, "10", "north south");
	race_claim(race->first, NORTH_AS_ANA, NOTHING);
	sql_expect(race->watcher, "SELECT count(*) FROM slot", "24");
	race_claim(race->second, &(struct race_claim){.lane = "north", .epoch = 3}, ALL);
	race_expect_healthy(race);
}

/* Nobody has taken it; the clock alone ends it. Renewed, it is the same lease. */
static void
a_claim_under_a_lease_that_has_run_out_does_nothing(void **state)
{
	const struct race *race = *state;

	race_plan(race);
	ana_holds_both(race);
	expire(race);
	race_claim(race->first, NORTH_AS_ANA, NOTHING);
	renew(race, race->first, ANA, "north south");
	race_claim(race->first, NORTH_AS_ANA, ALL);
	race_expect_healthy(race);
}

/*
 * | Ana's claim (first)          | Ben (second)                        |
 * | BEGIN; five slots            |                                     |
 * | the lease runs out           | takes south, and leaves north alone |
 * | COMMIT                       |                                     |
 * |                              | takes north                         |
 * | nothing                      | the other seven                     |
 */
static void
a_lane_is_not_taken_while_it_is_claimed(void **state)
{
	const struct race *race = *state;

	race_plan(race);
	ana_holds_both(race);
	sql_run(race->first, "BEGIN");
	race_claim(race->first, &(struct race_claim){.lane = "north", .epoch = 2, .limit = 5}, "5 0 0 0 0");
	expire(race);
	take(race, race->second, BEN, "10", "south");
	sql_run(race->first, "COMMIT");
	take(race, race->second, BEN, "10", "north");
	race_claim(race->first, NORTH_AS_ANA, NOTHING);
	race_claim(race->second, &(struct race_claim){.lane = "north", .epoch = 3}, "7 0 0 0 0");
	race_expect_healthy(race);
}

/*
 * | Ben (second)                 | Ana's claim (first)                                    |
 * | BEGIN; takes both            |                                                        |
 * |                              | sees the old lease, which is good again; waits for Ben |
 * | COMMIT                       |                                                        |
 * |                              | finds another epoch: nothing                           |
 */
static void
a_claim_that_meets_a_takeover_does_nothing(void **state)
{
	const struct race *race = *state;

	race_plan(race);
	ana_holds_both(race);
	expire(race);
	sql_run(race->second, "BEGIN; UPDATE lane_lease SET until = clock_timestamp() + interval '1 hour'; COMMIT; BEGIN");
	sql_run(race->second, "UPDATE lane_lease SET holder = '" BEN "', epoch = epoch + 1");
	race_send_claim(race->first, NORTH_AS_ANA);
	rival_expect_blocked(race->watcher, race->first);
	sql_run(race->second, "COMMIT");
	race_finish_claim(race->first, NOTHING);
	race_claim(race->second, &(struct race_claim){.lane = "north", .epoch = 3}, ALL);
	race_expect_healthy(race);
}

/* The other way round than a takeover: what is given back is over for a claim that comes later, and waits for one that came first. */
static void
what_is_given_back_is_not_claimed(void **state)
{
	const struct race *race = *state;

	race_plan(race);
	ana_holds_both(race);
	give_back_all(race->second, ANA);
	race_claim(race->first, NORTH_AS_ANA, NOTHING);
	sql_expect(race->watcher, "SELECT count(*) FROM lane_lease WHERE holder IS NULL AND epoch = 3", "2");
	take(race, race->second, BEN, "1", "north");
	race_claim(race->second, &(struct race_claim){.lane = "north", .epoch = 4}, ALL);
	race_expect_healthy(race);
}

static void
claims_and_renewals_do_not_wait_for_each_other(void **state)
{
	const struct race *race = *state;

	race_plan(race);
	ana_holds_both(race);
	sql_run(race->first, "BEGIN");
	race_claim(race->first, &(struct race_claim){.lane = "north", .epoch = 2, .limit = 5}, "5 0 0 0 0");
	renew(race, race->second, ANA, "north south");
	sql_run(race->first, "COMMIT");
	sql_run(race->second, "BEGIN");
	renew(race, race->second, ANA, "north south");
	race_claim(race->first, NORTH_AS_ANA, "7 0 0 0 0");
	sql_run(race->second, "COMMIT");
	race_expect_healthy(race);
}

/*
 * | Ana (first)             | Ben (second)                       |
 * | BEGIN; takes one        |                                    |
 * |                         | takes the other, waits for nobody  |
 * | COMMIT                  |                                    |
 * | renews her own          | renews his own; nothing more is free |
 */
static void
two_who_take_at_once_get_different_lanes(void **state)
{
	const struct race *race = *state;

	expire(race);
	sql_run(race->first, "BEGIN");
	take(race, race->first, ANA, "1", "north");
	take(race, race->second, BEN, "10", "south");
	sql_run(race->first, "COMMIT");
	take(race, race->second, BEN, "10", "");
	renew(race, race->first, ANA, "north");
	renew(race, race->second, BEN, "south");
}

/* Who renews in time, though it looked too late to the other one, keeps it. */
static void
a_takeover_that_meets_a_renewal_takes_nothing(void **state)
{
	const struct race *race = *state;

	ana_holds_both(race);
	expire(race);
	sql_run(race->first, "BEGIN");
	renew(race, race->first, ANA, "north south");
	take(race, race->second, BEN, "10", "");
	sql_run(race->first, "COMMIT");
	take(race, race->second, BEN, "10", "");
	sql_expect(race->watcher, "SELECT count(*) FROM lane_lease WHERE holder = '" ANA "' AND epoch = 2", "2");
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, race_set_up, race_tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_claim_under_an_old_epoch_does_nothing),
		TEST(a_claim_under_a_lease_that_has_run_out_does_nothing),
		TEST(a_lane_is_not_taken_while_it_is_claimed),
		TEST(a_claim_that_meets_a_takeover_does_nothing),
		TEST(what_is_given_back_is_not_claimed),
		TEST(claims_and_renewals_do_not_wait_for_each_other),
		TEST(two_who_take_at_once_get_different_lanes),
		TEST(a_takeover_that_meets_a_renewal_takes_nothing),
	};

	return cmocka_run_group_tests_name("lease", tests, race_group_set_up, race_group_tear_down);
}
