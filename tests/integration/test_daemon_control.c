/* daypartd as a child process on a private cluster: the law it reads, how it is controlled and how it ends, its simulated clock, and its errors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/daemon_world.h"
#include "tests/support/fixture_slots.h"
#include "tests/support/pg_cluster.h"
#include "tests/support/sql_expect.h"

static const char daypartd[] = DAYPART_BUILD_DIR "/daypartd";

/* The law ----------------------------------------------------------------------------------------------------------------------------------- */

static void
a_closed_window_holds(void **state)
{
	static const char closed[] =
		"id = \"house\"; title = \"House\"; status = \"enforced\"; regions = \"everywhere\"; review_by = \"2099-12-31\"; "
		"windows = ( { id = \"house.window\"; source = \"house\"; strength = \"must\"; categories = [\"marketing\"]; "
		"until = \"2098-01-01\"; days = { every_day = \"closed\"; }; } );";
	const int run = daemon_world_campaign("spring", "north");

	(void)state;
	fixture_slots_rulebook(daemon_world.connection, closed);
	daemon_world_add_due(run, 3);
	daemon_world_run_until_idle();
	daemon_world_expect_outcome(run, "held window_closed|3");
}

static void
until_idle_does_not_wait_for_a_cure(void **state)
{
	const int run = daemon_world_campaign("spring", "north");
	struct process *daemon;

	(void)state;
	fixture_slots_rulebook(daemon_world.connection, "nonsense = 1;");
	daemon_world_add_due(run, 1);
	daemon = daemon_world_spawn("--until-idle");
	daemon_world_expect_exit(&daemon, 75);
	daemon_world_expect_outcome(run, "queued|1");
}

static void
another_rulebook_takes_effect(void **state)
{
	static const char lenient[] =
		"id = \"house\"; title = \"House\"; status = \"enforced\"; regions = \"everywhere\"; review_by = \"2099-12-31\"; ";
	const int run = daemon_world_campaign("spring", "north");
	struct process *daemon = daemon_world_spawn_ready();

	(void)state;
	daemon_world_add_due(run, 1);
	assert_true(daemon_world_await(1, "SELECT count(*) FROM outbox"));
	fixture_slots_rulebook(daemon_world.connection, lenient);
	sql_run(daemon_world.connection, "DELETE FROM consent");
	fixture_slots_add(daemon_world.connection, &(struct fixture_slots){.run = run, .count = 1, .due = "-1s", .not_after = "1h"});
	sql_run(daemon_world.connection, "DELETE FROM consent");
	assert_true(daemon_world_await(2, "SELECT count(*) FROM release"));
	daemon_world_end(&daemon);
}

static void
under_an_unreadable_rulebook_nothing_leaves(void **state)
{
	const int run = daemon_world_campaign("spring", "north");
	struct process *daemon = daemon_world_spawn_ready();

	(void)state;
	daemon_world_add_due(run, 1);
	assert_true(daemon_world_await(1, "SELECT count(*) FROM outbox"));
	fixture_slots_rulebook(daemon_world.connection, "nonsense = 1;");
	daemon_world_add_due(run, 1);
	process_signal(daemon, SIGHUP);
	assert_true(process_await_output(daemon, "read before are kept", DAEMON_PATIENCE_MS));
	process_signal(daemon, SIGTERM);
	daemon_world_expect_exit(&daemon, 0);
	daemon_world_expect_outcome(run, "handed_over|1\nqueued|1");
}

/* Control ----------------------------------------------------------------------------------------------------------------------------------- */

static void
stop_all_stops_and_start_goes_on(void **state)
{
	const int run = daemon_world_campaign("spring", "north");
	struct process *daemon;

	(void)state;
	sql_run(daemon_world.connection, "SELECT stop_all()");
	daemon_world_add_due(run, 10);
	daemon = daemon_world_spawn_ready();
	assert_true(process_await_output(daemon, "everything is stopped", DAEMON_PATIENCE_MS));
	daemon_world_expect_outcome(run, "queued|10");
	sql_run(daemon_world.connection, "SELECT start_all()");
	assert_true(daemon_world_await(10, "SELECT count(*) FROM outbox"));
	sql_run(daemon_world.connection, "SELECT stop_all()"); /* no claim that begins after this commit takes anything */
	daemon_world_add_due(run, 10);
	assert_true(process_await_output(daemon, "started again", DAEMON_PATIENCE_MS));
	daemon_world_end(&daemon);
	daemon_world_expect_outcome(run, "handed_over|10\nqueued|10");
}

static void
term_drains(void **state)
{
	const int run = daemon_world_campaign("spring", "north");
	struct process *daemon;

	(void)state;
	daemon_world_add_due(run, 30000);
	daemon = daemon_world_spawn(NULL);
	assert_true(process_await_output(daemon, "ready", DAEMON_PATIENCE_MS));
	process_signal(daemon, SIGTERM);
	daemon_world_expect_exit(&daemon, 0);
	sql_expect(daemon_world.connection, "SELECT (SELECT count(*) FROM slot) + (SELECT count(*) FROM release)", "30000");
	sql_expect(daemon_world.connection, "SELECT (SELECT count(*) FROM outbox) - (SELECT count(*) FROM release)", "0");
	daemon_world_run_until_idle();
	daemon_world_expect_outcome(run, "handed_over|30000");
}

static void
hup_takes_good_settings_and_keeps_old_ones_for_bad(void **state)
{
	const int run = daemon_world_campaign("spring", "north");
	struct process *daemon = daemon_world_spawn_ready();

	(void)state;
	free(daemon_world_config(daemon_world.conninfo, "plan = { horizon = \"2d\"; };"));
	process_signal(daemon, SIGHUP);
	assert_true(process_await_output(daemon, "settings are read again", DAEMON_PATIENCE_MS));
	free(daemon_world_config(daemon_world.conninfo, "nonsense = 1;"));
	process_signal(daemon, SIGHUP);
	assert_true(process_await_output(daemon, "settings read before are kept", DAEMON_PATIENCE_MS));
	daemon_world_add_due(run, 5);
	assert_true(daemon_world_await(5, "SELECT count(*) FROM outbox"));
	daemon_world_end(&daemon);
}

/* A look that is under way reads the zones of the settings that the next HUP replaces. */
static void
hup_after_hup_leaves_a_look_its_settings(void **state)
{
	const int run = daemon_world_campaign("spring", "north");
	struct process *daemon = daemon_world_spawn_ready();

	(void)state;
	for (int hup = 0; hup < 50; hup++) {
		free(daemon_world_config(daemon_world.conninfo, ""));
		process_signal(daemon, SIGHUP);
	}
	assert_true(process_await_output(daemon, "settings are read again", DAEMON_PATIENCE_MS));
	daemon_world_add_due(run, 5);
	assert_true(daemon_world_await(5, "SELECT count(*) FROM outbox"));
	daemon_world_end(&daemon);
}

static void
a_lost_connection_is_made_again(void **state)
{
	const int run = daemon_world_campaign("spring", "north");
	struct process *daemon = daemon_world_spawn_ready();

	(void)state;
	sql_run(
		daemon_world.connection, "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name LIKE 'daypartd%'");
	daemon_world_add_due(run, 5);
	assert_true(daemon_world_await(5, "SELECT count(*) FROM outbox"));
	daemon_world_end(&daemon);
	daemon_world_expect_outcome(run, "handed_over|5");
}

/* Simulated clock --------------------------------------------------------------------------------------------------------------------------- */

static void
run_simulated(int code, const char *expected_out, const char *expected_err)
{
	const char *argv[] = {
		daypartd, "--config", daemon_world.config, "--until-idle", "--clock", "simulated:2026-11-23T00:00:00Zx100000", NULL};
	struct process_result result = process_run(argv, NULL);

	if (result.exit_code != code)
		print_error("%s", result.err);
	assert_int_equal(result.exit_code, code);
	assert_non_null(strstr(result.out, expected_out));
	assert_non_null(strstr(result.err, expected_err));
	process_result_free(&result);
}

static void
a_simulated_clock_needs_a_rehearsal(void **state)
{
	const int run = daemon_world_campaign("spring", "north");

	(void)state;
	fixture_slots_add(daemon_world.connection,
		&(struct fixture_slots){.run = run, .count = 1, .from = "'2026-11-23Z'::timestamptz", .due = "1h", .not_after = "9h"});
	run_simulated(78, "", "init --rehearsal");
	daemon_world_expect_outcome(run, "queued|1");
}

static void
a_day_is_rehearsed_in_simulated_time(void **state)
{
	const int run = daemon_world_campaign("spring", "north");

	(void)state;
	sql_run(daemon_world.connection, "UPDATE installation SET rehearsal = true");
	fixture_slots_add(daemon_world.connection,
		&(struct fixture_slots){
			.run = run, .count = 200, .from = "'2026-11-23Z'::timestamptz", .due = "1h", .spacing = "5min", .not_after = "40h"});
	run_simulated(0, "spring", "ended");
	daemon_world_expect_outcome(run, "handed_over|200");
	sql_expect(
		daemon_world.connection, "SELECT count(*) FROM release WHERE released_at < due_at OR released_at >= '2026-11-24 16:00Z'", "0");
	sql_expect(daemon_world.connection, "SELECT count(*) FROM outbox", "0");
}

/* Errors ------------------------------------------------------------------------------------------------------------------------------------ */

static void
refuses_what_it_cannot_work_with(void **state)
{
	static const struct {
		const char *arguments[3];
		int code;
		const char *says;
	} rows[] = {
		{{"--frobnicate"}, 64, "frobnicate"},
		{{"--clock", "sundial"}, 64, "sundial"},
		{{"--clock", "simulated:tomorrow"}, 64, "tomorrow"},
		{{"--clock", "simulated:2026-11-23T00:00:00Zx0"}, 64, "speed"},
		{{"--sink", "drain"}, 64, "drain"},
		{{"--sink", "null"}, 78, "init --rehearsal"},
		{{"--config", "/nowhere/daypart.cfg"}, 78, "/nowhere/daypart.cfg"},
		{{"operand"}, 64, "operand"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *argv[] = {daypartd, "--config", daemon_world.config, rows[i].arguments[0], rows[i].arguments[1], NULL};
		struct process_result result = process_run(argv, NULL);

		if (result.exit_code != rows[i].code || strstr(result.err, rows[i].says) == NULL)
			print_error("row %zu: exit %d: %s", i, result.exit_code, result.err);
		assert_int_equal(result.exit_code, rows[i].code);
		assert_non_null(strstr(result.err, rows[i].says));
		process_result_free(&result);
	}
}

static void
says_what_is_wrong_with_the_database(void **state)
{
	static const struct {
		const char *database;
		int code;
	} rows[] = {
		{"host=/nowhere", 69},       /* no server */
		{"dbname=no_such_thing", 78} /* a server without the database */
	};
	char *empty = pg_cluster_new_database(daemon_world.cluster, "no_schema", NULL);

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		char text[1024];
		struct process *daemon;

		if (i < 2)
			(void)snprintf(text, sizeof(text), "host=%s user=postgres %s", pg_cluster_host(daemon_world.cluster), rows[i].database);
		free(daemon_world.config);
		daemon_world.config = daemon_world_config(i < 2 ? text : empty, "");
		daemon = daemon_world_spawn(NULL);
		daemon_world_expect_exit(&daemon, i < 2 ? rows[i].code : 78);
	}
	free(empty);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		DAEMON_TEST(a_closed_window_holds),
		DAEMON_TEST(until_idle_does_not_wait_for_a_cure),
		DAEMON_TEST(another_rulebook_takes_effect),
		DAEMON_TEST(under_an_unreadable_rulebook_nothing_leaves),
		DAEMON_TEST(stop_all_stops_and_start_goes_on),
		DAEMON_TEST(term_drains),
		DAEMON_TEST(hup_takes_good_settings_and_keeps_old_ones_for_bad),
		DAEMON_TEST(hup_after_hup_leaves_a_look_its_settings),
		DAEMON_TEST(a_lost_connection_is_made_again),
		DAEMON_TEST(a_simulated_clock_needs_a_rehearsal),
		DAEMON_TEST(a_day_is_rehearsed_in_simulated_time),
		DAEMON_TEST(refuses_what_it_cannot_work_with),
		DAEMON_TEST(says_what_is_wrong_with_the_database),
	};

	return cmocka_run_group_tests(tests, daemon_world_start, daemon_world_stop) != 0;
}
