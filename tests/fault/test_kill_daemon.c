/*
 * daypartd is killed again and again, alone and beside another one, and loses its server: every slot is released, and none twice.
 *
 * Slots are due in the past and over the next half second; batches are small, so that there are many claims to be killed in.
 *
 * DAYPART_TORTURE_ROUNDS: how often a daemon is killed at random, instead of 20.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sql_embedded.h"
#include "tests/support/fixture_slots.h"
#include "tests/support/random.h"
#include "tests/support/sql_expect.h"
#include "tests/support/strike.h"
#include "tests/support/temp.h"

enum {
	RANDOM_KILLS = 20,
	SLOTS_PER_ROUND = 1000,   /* half of them overdue */
	RESTARTS = 3,             /* of the server */
	SLOTS_PER_RESTART = 1500, /* more than a daemon at PACE hands over until the server is back */
	PATIENCE_MS = 60 * 1000
};
#define PACE "1000"

static struct {
	struct pg_cluster *cluster;
	struct random_source random;
	int databases, run;
	int64_t slots; /* ever added */
	char *conninfo, *config;
	PGconn *connection;
} world;

/* World ------------------------------------------------------------------------------------------------------------------------------------- */

static int
open_world(void **state)
{
	(void)state;
	world.random = random_start("kill_daemon");
	world.cluster = pg_cluster_start(&(struct pg_cluster_options){.durable = true, .own = true});
	return 0;
}

static int
close_world(void **state)
{
	(void)state;
	pg_cluster_stop(&world.cluster);
	return 0;
}

static int
open_queue(const char *throughput)
{
	char name[32], settings[1024];

	snprintf(name, sizeof(name), "queue_%d", ++world.databases);
	world.conninfo = fixture_slots_database(world.cluster, name, false);
	world.connection = sql_connect(world.conninfo, NULL);
	snprintf(settings, sizeof(settings), "database = \"%s\";\nrelease = { workers = 2; batch = 50; poll = \"1s\"; lease = \"1s\"; };\n",
		world.conninfo);
	world.config = temp_write("daypart.cfg", settings);
	world.run =
		fixture_slots_campaign(world.connection, &(struct fixture_campaign){.name = "spring", .sender = "north", .throughput = throughput});
	world.slots = 0;
	return 0;
}

static int
open_fast_queue(void **state)
{
	(void)state;
	return open_queue("100000");
}

static int
open_paced_queue(void **state)
{
	(void)state;
	return open_queue(PACE);
}

static int
close_queue(void **state)
{
	(void)state;
	PQfinish(world.connection);
	free(world.conninfo);
	free(world.config);
	return 0;
}

static void
add_slots(int count, const char *due, const char *spacing)
{
	fixture_slots_add(
		world.connection, &(struct fixture_slots){.run = world.run, .count = count, .due = due, .spacing = spacing, .not_after = "1h"});
	world.slots += count;
}

static struct process *
start_daemon(const char *option)
{
	static const char program[] = DAYPART_BUILD_DIR "/daypartd";
	const char *argv[] = {program, "--config", world.config, option, NULL};

	return process_start(argv, NULL);
}

static void
expect_good_end(struct process **daemon)
{
	struct process_result result = process_wait(daemon);

	if (result.exit_code != 0)
		print_error("%s", result.err);
	assert_int_equal(result.exit_code, 0);
	process_result_free(&result);
}

/* What holds afterwards --------------------------------------------------------------------------------------------------------------------- */

static void
expect_healthy(const char *name)
{
	for (size_t i = 0; i < sql_check_count; i++) {
		if (strcmp(sql_checks[i].name, name) == 0) {
			sql_expect(world.connection, sql_checks[i].text, "");
			return;
		}
	}
	fail_msg("there is no check %s", name);
}

/* At any time when no statement is under way. */
static void
expect_nothing_lost_or_doubled(void)
{
	static const char *const checks[] = {"accounted_once", "slot_unique", "slot_in_ledger", "outbox_in_ledger", "released_too_early"};

	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++)
		expect_healthy(checks[i]);
	assert_int_equal(fixture_number(world.connection, "SELECT (SELECT count(*) FROM slot) + (SELECT count(*) FROM release)"), world.slots);
	sql_expect(world.connection,
		"SELECT (SELECT count(*) FROM release WHERE outcome = 'handed_over') - (SELECT count(*) FROM outbox),"
		"	(SELECT count(*) FROM release WHERE outcome <> 'handed_over')",
		"0|0");
}

static void
expect_all_released_once(void)
{
	expect_nothing_lost_or_doubled();
	assert_int_equal(fixture_number(world.connection, "SELECT count(*) FROM release"), world.slots);
	sql_expect(world.connection, "SELECT (SELECT count(*) FROM slot), (SELECT count(*) FROM suppressed)", "0|0");
}

/* Kill -------------------------------------------------------------------------------------------------------------------------------------- */

/* A claim is one statement: killed while it runs, the server ends it and hands over. In the ledger it waits for a row that is rolled back. */
static const struct strike points[] = {
	{"the queue is read", .lock = "LOCK TABLE slot IN ACCESS EXCLUSIVE MODE"},
	{"the ledger is written",
		.lock = "INSERT INTO release (recipient_id, due_at, released_at, run_id, class_id, plan_run, bucket, outcome) SELECT recipient_id, "
				"due_at, due_at, run_id, class_id, plan_run, bucket, 'failed' FROM slot ORDER BY due_at LIMIT 1"},
	{"slots are claimed", .statement = "%Releases due slots of one lane%"},
};
enum { POINTS = sizeof(points) / sizeof(points[0]) };

/* From a start, with its reading of zones and rules, to a little after the last slot is due. */
enum { DELAY_MAX_US = 700 * 1000 };

static void
kill_wait(struct process **daemon)
{
	struct process_result result;

	process_signal(*daemon, SIGKILL);
	result = process_wait(daemon);
	assert_int_equal(result.signal, SIGKILL);
	process_result_free(&result);
}

static void
await_server_done(void)
{
	if (!strike_await_no_client(world.connection, PATIENCE_MS))
		fail_msg("a session of daypartd goes on");
}

static void
kill_once(const struct strike *strike)
{
	struct strike_hold *hold;
	struct process *daemon;

	add_slots(SLOTS_PER_ROUND / 2, "-1s", NULL);
	add_slots(SLOTS_PER_ROUND / 2, "0s", "1ms");
	hold = strike_hold(strike, world.conninfo);
	daemon = start_daemon(NULL);
	strike_await(strike, world.connection, daemon);
	kill_wait(&daemon);
	strike_release(&hold);
	await_server_done();
	print_message("%s, %lld us: %lld of %lld released\n", strike->name, (long long)strike->delay_us,
		(long long)fixture_number(world.connection, "SELECT count(*) FROM release"), (long long)world.slots);
	expect_nothing_lost_or_doubled();
}

static void
killed_at_any_point_it_releases_each_slot_once(void **state)
{
	const int random_kills = random_rounds(RANDOM_KILLS);
	struct process *daemon;

	(void)state;
	for (int i = 0; i < POINTS + random_kills; i++) {
		const struct strike lot = {"drawn by lot", .delay_us = random_between(&world.random, 0, DELAY_MAX_US)};

		kill_once(i < POINTS ? &points[i] : &lot);
	}
	daemon = start_daemon("--until-idle");
	expect_good_end(&daemon);
	expect_all_released_once();
}

/* One of two is killed and comes back, while the other one goes on. */
static void
killed_beside_another_one_it_releases_each_slot_once(void **state)
{
	const int kills = random_rounds(RANDOM_KILLS);
	struct process *daemons[2] = {start_daemon(NULL), start_daemon(NULL)};

	(void)state;
	for (int i = 0; i < kills; i++) {
		const struct strike lot = {"drawn by lot", .delay_us = random_between(&world.random, 0, DELAY_MAX_US)};
		struct process **victim = &daemons[random_below(&world.random, 2)];

		add_slots(SLOTS_PER_ROUND / 2, "0s", "1ms");
		strike_await(&lot, world.connection, *victim);
		kill_wait(victim);
		*victim = start_daemon(NULL);
	}
	assert_true(fixture_await(world.connection, 0, PATIENCE_MS, "SELECT count(*) FROM slot"));
	for (int i = 0; i < 2; i++) {
		assert_true(process_await_output(daemons[i], "ready", PATIENCE_MS)); /* before that TERM is not caught */
		process_signal(daemons[i], SIGTERM);
		expect_good_end(&daemons[i]);
	}
	expect_all_released_once();
}

/* Server ------------------------------------------------------------------------------------------------------------------------------------ */

static void
await_progress(void)
{
	const int64_t queued = fixture_number(world.connection, "SELECT count(*) FROM slot");
	char query[128];

	snprintf(query, sizeof(query), "SELECT (count(*) < %lld)::int FROM slot", (long long)queued);
	assert_true(fixture_await(world.connection, 1, PATIENCE_MS, query));
}

static void
a_server_that_crashes_is_found_again(void **state)
{
	struct process *daemon = start_daemon(NULL);

	(void)state;
	for (int i = 0; i < RESTARTS; i++) {
		add_slots(SLOTS_PER_RESTART, "-1s", NULL);
		await_progress();
		pg_cluster_restart(world.cluster, PG_CLUSTER_IMMEDIATE);
		PQfinish(world.connection);
		world.connection = sql_connect(world.conninfo, NULL);
		expect_nothing_lost_or_doubled();
	}
	assert_true(fixture_await(world.connection, 0, PATIENCE_MS, "SELECT count(*) FROM slot"));
	process_signal(daemon, SIGTERM);
	expect_good_end(&daemon);
	expect_all_released_once();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(killed_at_any_point_it_releases_each_slot_once, open_fast_queue, close_queue),
		cmocka_unit_test_setup_teardown(killed_beside_another_one_it_releases_each_slot_once, open_fast_queue, close_queue),
		cmocka_unit_test_setup_teardown(a_server_that_crashes_is_found_again, open_paced_queue, close_queue),
	};

	return cmocka_run_group_tests(tests, open_world, close_world) != 0;
}
