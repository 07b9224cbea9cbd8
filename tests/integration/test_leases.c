/*
 * Several daypartd on one queue: they share the senders, one takes over from another that dies or ends, and one that was paused releases
 * nothing under a lease that has run out meanwhile.
 *
 * Leases are short, or very long where nothing may depend on their end. Waiting is for a state of the database or a line of a log.
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

#include "tests/support/daypart.h"
#include "tests/support/fixture_slots.h"
#include "tests/support/sql_expect.h"
#include "tests/support/temp.h"

enum { PATIENCE_MS = 40 * 1000, SLOTS = 20 };

static struct {
	struct pg_cluster *cluster;
	int databases;
	char *conninfo;
	PGconn *connection;
} world;

static int
open_world(void **state)
{
	(void)state;
	world.cluster = pg_cluster_start(NULL);
	free(fixture_slots_database(world.cluster, "template_leases", false));
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
open_database(void **state)
{
	char name[32];

	(void)state;
	(void)snprintf(name, sizeof(name), "leases_%d", ++world.databases);
	world.conninfo = pg_cluster_new_database(world.cluster, name, "template_leases");
	world.connection = sql_connect(world.conninfo, NULL);
	return 0;
}

static int
close_database(void **state)
{
	(void)state;
	PQfinish(world.connection);
	free(world.conninfo);
	return 0;
}

static struct process *
start(const char *lease)
{
	static const char program[] = DAYPART_BUILD_DIR "/daypartd";
	char text[1024], name[64];
	char *config;
	struct process *daemon;

	(void)snprintf(text, sizeof(text), "database = \"%s\";\nrelease = { poll = \"1s\"; lease = \"%s\"; };\n", world.conninfo, lease);
	(void)snprintf(name, sizeof(name), "lease-%s.cfg", lease);
	config = temp_write(name, text);
	daemon = process_start((const char *[]){program, "--config", config, NULL}, NULL);
	free(config);
	return daemon;
}

static void
stop(struct process **daemon)
{
	struct process_result result;

	process_signal(*daemon, SIGTERM);
	result = process_wait(daemon);
	if (result.exit_code != 0)
		fail_msg("%s", result.err);
	process_result_free(&result);
}

static void
kill_at_once(struct process **daemon)
{
	struct process_result result;

	process_signal(*daemon, SIGKILL);
	result = process_wait(daemon);
	process_result_free(&result);
}

static void
await_log(struct process *daemon, const char *text)
{
	struct process_result result;

	if (process_await_output(daemon, text, PATIENCE_MS))
		return;
	process_signal(daemon, SIGKILL);
	result = process_wait(&daemon);
	fail_msg("\"%s\" is not said:\n%s", text, result.err);
}

static int
campaign(const char *name, const char *sender)
{
	return fixture_slots_campaign(world.connection, &(struct fixture_campaign){.name = name, .sender = sender});
}

static void
add(int run, const char *due)
{
	fixture_slots_add(world.connection, &(struct fixture_slots){.run = run, .count = SLOTS, .due = due, .not_after = "1h"});
}

static void
await(int64_t expected, const char *query)
{
	if (!fixture_await(world.connection, expected, PATIENCE_MS, query))
		fail_msg("not %lld: %s", (long long)expected, query);
}

#define HELD "SELECT count(*) FROM lane_lease WHERE until > clock_timestamp()"
#define RELEASED "SELECT count(*) FROM release WHERE outcome = 'handed_over'"

static void
another_one_takes_over_from_one_that_is_killed(void **state)
{
	const int run = campaign("spring", "north");
	struct process *first = start("1s"), *second;

	(void)state;
	await(1, "SELECT epoch FROM lane_lease");
	second = start("1s");
	await(2, "SELECT count(*) FROM release_daemon");
	kill_at_once(&first);
	add(run, "-1s");
	await(SLOTS, RELEASED);
	sql_expect(world.connection, "SELECT epoch FROM lane_lease", "2");
	stop(&second);
}

static void
who_ends_gives_back_at_once(void **state)
{
	const int run = campaign("spring", "north");
	struct process *first = start("5m"), *second;

	(void)state;
	await(1, HELD);
	second = start("5m");
	await(2, "SELECT count(*) FROM release_daemon");
	stop(&first);
	add(run, "-1s");
	await(SLOTS, RELEASED);
	stop(&second);
	sql_expect(world.connection, "SELECT holder, until, (SELECT count(*) FROM release_daemon) FROM lane_lease", "|-infinity|0");
}

/* It is armed for slots that come due while it is stopped, and finds them overdue when it goes on; somebody else has the lane by then. */
static void
one_that_was_paused_releases_nothing(void **state)
{
	const int run = campaign("spring", "north");
	struct process *daemon = start("1s");

	(void)state;
	await(1, HELD);
	add(run, "2s");
	sql_run(world.connection, "NOTIFY daypart");
	await_log(daemon, "serves 1 of 1 senders");
	process_signal(daemon, SIGSTOP);
	await(0, HELD);
	sql_run(world.connection, "UPDATE lane_lease SET epoch = epoch + 1, holder = gen_random_uuid(), until = 'infinity'");
	await(SLOTS, "SELECT count(*) FROM slot WHERE due_at < clock_timestamp() - interval '100 ms'");
	process_signal(daemon, SIGCONT);
	await_log(daemon, "sender north: another daypartd serves it now");
	sql_expect(world.connection, "SELECT count(*) FROM slot", "20");
	sql_run(world.connection, "UPDATE lane_lease SET until = '-infinity'");
	await(SLOTS, RELEASED);
	stop(&daemon);
}

/* Nobody has taken its lane: it goes on, but under a lease that it has renewed first. */
static void
one_that_was_paused_alone_goes_on(void **state)
{
	const int run = campaign("spring", "north");
	struct process *daemon = start("1s");

	(void)state;
	await(1, HELD);
	process_signal(daemon, SIGSTOP);
	await(0, HELD);
	add(run, "-1s");
	process_signal(daemon, SIGCONT);
	await(SLOTS, RELEASED);
	sql_expect(world.connection, "SELECT epoch FROM lane_lease", "1");
	stop(&daemon);
}

static void
two_share_the_senders(void **state)
{
	static const char *const senders[] = {"north", "east", "south", "west"};
	struct process *daemons[2];
	int run = 0;

	(void)state;
	for (size_t i = 0; i < 4; i++)
		run = campaign(senders[i], senders[i]);
	daemons[0] = start("1s");
	await(4, HELD);
	daemons[1] = start("1s");
	await(2,
		"SELECT min(held) FROM (SELECT count(*) AS held FROM lane_lease WHERE until > clock_timestamp() GROUP BY holder) AS one"
		" HAVING count(*) = 2");
	add(run, "-1s");
	add(campaign("more", "north"), "-1s");
	await(2 * (int64_t)SLOTS, RELEASED);
	stop(&daemons[0]);
	await(4, HELD);
	stop(&daemons[1]);
}

static void
expect_status(const char *says, bool expected)
{
	struct process_result result = daypart_run(world.conninfo, "status");

	if ((strstr(result.out, says) != NULL) != expected)
		fail_msg("\"%s\" is %s:\n%s%s", says, expected ? "missing" : "there", result.out, result.err);
	process_result_free(&result);
}

static void
status_says_who_serves_and_that_nobody_does(void **state)
{
	const int run = campaign("spring", "north");
	struct process *daemon = start("5m");

	(void)state;
	await(1, HELD);
	expect_status(", process ", true);
	stop(&daemon);
	add(run, "-10 minutes");
	expect_status("nobody releases for a sender", true);
	expect_status(", process ", false);
	daemon = start("5m");
	await(SLOTS, RELEASED);
	expect_status("nobody releases for a sender", false);
	stop(&daemon);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_database, close_database)
	const struct CMUnitTest tests[] = {
		TEST(another_one_takes_over_from_one_that_is_killed),
		TEST(who_ends_gives_back_at_once),
		TEST(one_that_was_paused_releases_nothing),
		TEST(one_that_was_paused_alone_goes_on),
		TEST(two_share_the_senders),
		TEST(status_says_who_serves_and_that_nobody_does),
	};

	return cmocka_run_group_tests_name("leases", tests, open_world, close_world);
}
