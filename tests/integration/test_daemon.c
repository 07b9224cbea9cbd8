/*
 * daypartd as a child process on a private cluster: what it releases, what it refuses, holds and leaves alone, and how it ends.
 *
 * Waiting is for a state of the database or a line of its log, with a generous limit that only a failure reaches. Nothing is asserted about
 * how long anything takes.
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

#include "tests/support/fixture_slots.h"
#include "tests/support/pg_cluster.h"
#include "tests/support/process.h"
#include "tests/support/sql_expect.h"
#include "tests/support/temp.h"

enum { PATIENCE_MS = 20 * 1000 };

struct world {
	struct pg_cluster *cluster;
	int databases;
	char *conninfo, *config;
	PGconn *connection;
};

static struct world world;

static const char daypartd[] = DAYPART_BUILD_DIR "/daypartd";

/* World ------------------------------------------------------------------------------------------------------------------------------------- */

static char *
write_config(const char *conninfo, const char *rest)
{
	char text[2048];

	(void)snprintf(text, sizeof(text), "database = \"%s\";\nrelease = { poll = \"1s\"; };\n%s\n", conninfo, rest);
	return temp_write("daypart.cfg", text);
}

static int
open_world(void **state)
{
	(void)state;
	world.cluster = pg_cluster_start(NULL);
	free(fixture_slots_database(world.cluster, "template_release", false));
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
	(void)snprintf(name, sizeof(name), "release_%d", ++world.databases);
	world.conninfo = pg_cluster_new_database(world.cluster, name, "template_release");
	world.connection = sql_connect(world.conninfo, NULL);
	world.config = write_config(world.conninfo, "");
	return 0;
}

static int
close_database(void **state)
{
	(void)state;
	PQfinish(world.connection);
	free(world.conninfo);
	free(world.config);
	return 0;
}

/* Shorthands -------------------------------------------------------------------------------------------------------------------------------- */

static struct process *
start_daemon(const char *option)
{
	const char *argv[] = {daypartd, "--config", world.config, option, NULL};

	return process_start(argv, NULL);
}

/* Started and looking at the queue. */
static struct process *
start_ready(void)
{
	struct process *daemon = start_daemon(NULL);

	assert_true(process_await_output(daemon, "ready", PATIENCE_MS));
	return daemon;
}

static void
expect_exit(struct process **daemon, int code)
{
	struct process_result result = process_wait(daemon);

	if (result.exit_code != code)
		print_error("%s", result.err);
	assert_int_equal(result.exit_code, code);
	process_result_free(&result);
}

static void
stop(struct process **daemon)
{
	process_signal(*daemon, SIGTERM);
	expect_exit(daemon, 0);
}

static void
run_until_idle(void)
{
	struct process *daemon = start_daemon("--until-idle");

	expect_exit(&daemon, 0);
}

static int
campaign(const char *name, const char *sender)
{
	return fixture_slots_campaign(world.connection, &(struct fixture_campaign){.name = name, .sender = sender});
}

static void
add_due(int run, int count)
{
	fixture_slots_add(world.connection, &(struct fixture_slots){.run = run, .count = count, .due = "-1s", .not_after = "1h"});
}

static void
expect_outcome(int run, const char *outcomes)
{
	char query[512];

	(void)snprintf(query, sizeof(query),
		"SELECT what, count(*) FROM (SELECT outcome::text || coalesce(' ' || name, '') AS what FROM release LEFT JOIN reason USING "
		"(reason) "
		"WHERE run_id = %d UNION ALL SELECT s.kind || ' ' || name FROM suppressed s JOIN reason USING (reason) WHERE run_id = %d "
		"UNION ALL SELECT 'queued' FROM slot WHERE run_id = %d) AS everybody GROUP BY what ORDER BY what",
		run, run, run);
	sql_expect(world.connection, query, outcomes);
}

static bool
await(int64_t expected, const char *query)
{
	return fixture_await(world.connection, expected, PATIENCE_MS, query);
}

/* What leaves ------------------------------------------------------------------------------------------------------------------------------- */

static void
releases_when_due_and_not_before(void **state)
{
	const int run = campaign("spring", "north");

	(void)state;
	fixture_slots_add(
		world.connection, &(struct fixture_slots){.run = run, .count = 50, .due = "500ms", .spacing = "10ms", .not_after = "1h"});
	run_until_idle();
	expect_outcome(run, "handed_over|50");
	sql_expect(world.connection, "SELECT count(*) FROM release WHERE released_at < due_at", "0");
	sql_expect(world.connection, "SELECT count(*) FROM outbox JOIN release USING (bucket, recipient_id, run_id)", "50");
	sql_expect(world.connection, "SELECT count(*) FROM release WHERE consent_given_at = '2026-01-01Z'", "50");
}

static void
hears_of_new_slots(void **state)
{
	const int run = campaign("spring", "north");
	struct process *daemon = start_ready();

	(void)state;
	add_due(run, 10);
	sql_run(world.connection, "NOTIFY daypart");
	assert_true(await(10, "SELECT count(*) FROM release"));
	add_due(run, 10);
	assert_true(await(20, "SELECT count(*) FROM release")); /* without a word, by the poll */
	stop(&daemon);
}

/* A burst of one second's worth, then the sender's rate: 150 at 100 a second take half a second at least. */
static void
an_outage_is_caught_up_at_the_senders_pace(void **state)
{
	const int run =
		fixture_slots_campaign(world.connection, &(struct fixture_campaign){.name = "spring", .sender = "slow", .throughput = "100"});
	const int other = campaign("summer", "north");

	(void)state;
	add_due(run, 150);
	add_due(other, 2000);
	run_until_idle();
	expect_outcome(run, "handed_over|150");
	expect_outcome(other, "handed_over|2000");
	fixture_execute(world.connection, "DELETE FROM release WHERE run_id <> %d", run);
	sql_expect(world.connection, "SELECT max(released_at) - min(released_at) >= interval '450 ms' FROM release", "t");
}

static void
two_daemons_release_each_slot_once(void **state)
{
	const int run = campaign("spring", "north");
	struct process *first, *second;

	(void)state;
	add_due(run, 20000);
	first = start_daemon("--until-idle");
	second = start_daemon("--until-idle");
	expect_exit(&first, 0);
	expect_exit(&second, 0);
	expect_outcome(run, "handed_over|20000");
	sql_expect(world.connection, "SELECT count(*) FROM outbox", "20000");
}

/* What does not ----------------------------------------------------------------------------------------------------------------------------- */

static void
an_opt_out_after_planning_is_honoured(void **state)
{
	const int run = campaign("spring", "north");

	(void)state;
	add_due(run, 3);
	fixture_execute(world.connection, "SELECT cancel_slots(ARRAY[%lld], 0, 'all', 'all', 'opted_out')",
		(long long)fixture_person(world.connection, run, 1));
	/* One that somebody wrote past the functions: the probe finds it. */
	fixture_execute(world.connection,
		"INSERT INTO suppression SELECT id, now(), 0, bucket_of(id), 'all', 'marketing' FROM (SELECT %lld) AS p (id)",
		(long long)fixture_person(world.connection, run, 2));
	run_until_idle();
	expect_outcome(run, "handed_over|1\nrefused opted_out|1\nsuppressed opted_out|1");
}

static void
suppressions_bind_within_their_scope(void **state)
{
	static const struct {
		const char *values; /* business, channel, category */
		const char *outcome;
	} rows[] = {
		{"0, 'all', 'all'", "refused opted_out|1"},
		{"0, 'sms', 'marketing'", "refused opted_out|1"},
		{"1, 'all', 'marketing'", "refused opted_out|1"},
		{"1, 'sms', 'all'", "refused opted_out|1"},
		{"2, 'all', 'all'", "handed_over|1"},
		{"1, 'whatsapp', 'all'", "handed_over|1"},
		{"1, 'sms', 'transactional'", "handed_over|1"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char name[16];
		int run;

		(void)snprintf(name, sizeof(name), "scope-%zu", i);
		run = campaign(name, "north");
		add_due(run, 1);
		fixture_execute(world.connection,
			"INSERT INTO suppression (recipient_id, at, business_id, channel, category, bucket) "
			"SELECT id, now(), v.*, bucket_of(id) FROM (VALUES (%s)) AS v, (SELECT %lld) AS p (id)",
			rows[i].values, (long long)fixture_person(world.connection, run, 1));
		run_until_idle();
		expect_outcome(run, rows[i].outcome);
	}
}

static void
consent_and_evidence_are_asked_again(void **state)
{
	static const char *const changes[] = {
		"DELETE FROM consent",
		"UPDATE consent SET state = 'withdrawn'",
		"UPDATE consent SET evidence = 1",
		"UPDATE consent SET evidence = 3",
	};
	const int run = campaign("spring", "north");

	(void)state;
	add_due(run, 4);
	for (int i = 0; i < 4; i++)
		fixture_execute(
			world.connection, "%s WHERE recipient_id = %lld", changes[i], (long long)fixture_person(world.connection, run, i + 1));
	run_until_idle();
	expect_outcome(run, "handed_over|1\nrefused evidence_incomplete|1\nrefused no_consent|2");
}

/* A row of each: what was changed after planning, and what then becomes of the slot. */
static void
what_changed_after_planning_holds(void **state)
{
	static const struct {
		const char *name, *change, *outcome;
	} rows[] = {
		{"paused", "UPDATE campaign SET status = 'paused' WHERE name = 'paused'", "held campaign_paused|2"},
		{"cancelled", "UPDATE campaign SET status = 'cancelled' WHERE name = 'cancelled'", "refused campaign_cancelled|2"},
		{"draft", "UPDATE campaign SET status = 'draft' WHERE name = 'draft'", "held campaign_changed|2"},
		{"edited", "UPDATE campaign SET ends_at = '2027-11-30T00:00:00Z' WHERE name = 'edited'", "held campaign_changed|2"},
		{"no-class", "UPDATE slot SET class_id = 4711", "held window_closed|2"},
		{"no-run", "UPDATE slot SET run_id = 200", "held campaign_changed|2"},
		{"ledger",
			"INSERT INTO release SELECT recipient_id, due_at, now(), NULL, run_id, class_id, 1, bucket, NULL, 'handed_over' FROM slot",
			"handed_over|2"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const int run = campaign(rows[i].name, "north");

		add_due(run, 2);
		sql_run(world.connection, rows[i].change);
		run_until_idle();
		expect_outcome(strcmp(rows[i].name, "no-run") == 0 ? 200 : run, rows[i].outcome);
	}
	sql_expect(world.connection, "SELECT count(*) FROM outbox", "0");
}

static void
a_suspended_sender_delays_nobody(void **state)
{
	const int north = campaign("spring", "north"), south = campaign("summer", "south");

	(void)state;
	add_due(north, 5000);
	add_due(south, 10);
	sql_run(world.connection, "UPDATE sender SET status = 'suspended' WHERE name = 'north'");
	run_until_idle();
	expect_outcome(south, "handed_over|10");
	expect_outcome(north, "held sender_not_ready|5000");
}

static void
too_late_goes_by_catch_up(void **state)
{
	static const struct fixture_campaign drop = {.name = "drop", .sender = "north"};
	static const struct fixture_campaign next = {.name = "next", .sender = "north", .catch_up = "next_window"};
	const struct fixture_campaign *const campaigns[] = {&drop, &next};

	(void)state;
	for (int i = 0; i < 2; i++) {
		const int run = fixture_slots_campaign(world.connection, campaigns[i]);

		/* Past, and within the margin in which nothing is claimed any more. */
		fixture_slots_add(world.connection, &(struct fixture_slots){.run = run, .count = 2, .due = "-1h", .not_after = "-1s"});
		fixture_slots_add(world.connection, &(struct fixture_slots){.run = run, .count = 2, .due = "-1h", .not_after = "500ms"});
		add_due(run, 1);
		run_until_idle();
		expect_outcome(run, i == 0 ? "expired expired|4\nhanded_over|1" : "handed_over|1\nheld missed|4");
	}
}

/* F10: who gets what is no first message must have had one. */
static void
a_later_message_leaves_after_another_one_only(void **state)
{
	const int run = campaign("spring", "north");

	(void)state;
	add_due(run, 5);
	sql_run(world.connection,
		"UPDATE class SET message_order = 'later';"
		"INSERT INTO outside_send (recipient_id, sent_at, business_id, channel, category, bucket)"
		"	SELECT recipient_id, '2020-01-01Z', business_id, run.channel, run.category, bucket"
		"	FROM slot JOIN campaign_run AS run USING (run_id) ORDER BY due_at LIMIT 3");
	run_until_idle();
	expect_outcome(run, "handed_over|3\nheld first_not_sent|2");
}

static void
other_zone_data_hold(void **state)
{
	const int run =
		fixture_slots_campaign(world.connection, &(struct fixture_campaign){.name = "spring", .sender = "north", .other_zone_data = true});
	struct process *daemon;
	struct process_result result;

	(void)state;
	add_due(run, 3);
	daemon = start_daemon("--until-idle");
	result = process_wait(&daemon);
	assert_non_null(strstr(result.err, "America/New_York differ from the plan's"));
	process_result_free(&result);
	expect_outcome(run, "held window_closed|3");
}

static void
a_poison_slot_stops_no_neighbour(void **state)
{
	const int run = campaign("spring", "north");

	(void)state;
	add_due(run, 1000);
	/* A run without a part in the ledger, and without a run: too late, so that its row of release cannot be written. */
	fixture_execute(world.connection,
		"UPDATE slot SET run_id = 100000, due_at = due_at - interval '1 s', not_after = due_at WHERE recipient_id = %lld",
		(long long)fixture_person(world.connection, run, 500));
	run_until_idle();
	expect_outcome(run, "handed_over|999");
	expect_outcome(100000, "held not_releasable|1");
}

/* The law ----------------------------------------------------------------------------------------------------------------------------------- */

static void
a_closed_window_holds(void **state)
{
	static const char closed[] =
		"id = \"house\"; title = \"House\"; status = \"enforced\"; regions = \"everywhere\"; review_by = \"2099-12-31\"; "
		"windows = ( { id = \"house.window\"; source = \"house\"; strength = \"must\"; categories = [\"marketing\"]; "
		"until = \"2098-01-01\"; days = { every_day = \"closed\"; }; } );";
	const int run = campaign("spring", "north");

	(void)state;
	fixture_slots_rulebook(world.connection, closed);
	add_due(run, 3);
	run_until_idle();
	expect_outcome(run, "held window_closed|3");
}

static void
until_idle_does_not_wait_for_a_cure(void **state)
{
	const int run = campaign("spring", "north");
	struct process *daemon;

	(void)state;
	fixture_slots_rulebook(world.connection, "nonsense = 1;");
	add_due(run, 1);
	daemon = start_daemon("--until-idle");
	expect_exit(&daemon, 75);
	expect_outcome(run, "queued|1");
}

static void
another_rulebook_takes_effect(void **state)
{
	static const char lenient[] =
		"id = \"house\"; title = \"House\"; status = \"enforced\"; regions = \"everywhere\"; review_by = \"2099-12-31\"; ";
	const int run = campaign("spring", "north");
	struct process *daemon = start_ready();

	(void)state;
	add_due(run, 1);
	assert_true(await(1, "SELECT count(*) FROM outbox"));
	fixture_slots_rulebook(world.connection, lenient);
	sql_run(world.connection, "DELETE FROM consent");
	fixture_slots_add(world.connection, &(struct fixture_slots){.run = run, .count = 1, .due = "-1s", .not_after = "1h"});
	sql_run(world.connection, "DELETE FROM consent");
	assert_true(await(2, "SELECT count(*) FROM release"));
	stop(&daemon);
}

static void
under_an_unreadable_rulebook_nothing_leaves(void **state)
{
	const int run = campaign("spring", "north");
	struct process *daemon = start_ready();

	(void)state;
	add_due(run, 1);
	assert_true(await(1, "SELECT count(*) FROM outbox"));
	fixture_slots_rulebook(world.connection, "nonsense = 1;");
	add_due(run, 1);
	process_signal(daemon, SIGHUP);
	assert_true(process_await_output(daemon, "read before are kept", PATIENCE_MS));
	process_signal(daemon, SIGTERM);
	expect_exit(&daemon, 0);
	expect_outcome(run, "handed_over|1\nqueued|1");
}

/* Control ----------------------------------------------------------------------------------------------------------------------------------- */

static void
stop_all_stops_and_start_goes_on(void **state)
{
	const int run = campaign("spring", "north");
	struct process *daemon;

	(void)state;
	sql_run(world.connection, "SELECT stop_all()");
	add_due(run, 10);
	daemon = start_ready();
	assert_true(process_await_output(daemon, "everything is stopped", PATIENCE_MS));
	expect_outcome(run, "queued|10");
	sql_run(world.connection, "SELECT start_all()");
	assert_true(await(10, "SELECT count(*) FROM outbox"));
	sql_run(world.connection, "SELECT stop_all()"); /* no claim that begins after this commit takes anything */
	add_due(run, 10);
	assert_true(process_await_output(daemon, "started again", PATIENCE_MS));
	stop(&daemon);
	expect_outcome(run, "handed_over|10\nqueued|10");
}

static void
term_drains(void **state)
{
	const int run = campaign("spring", "north");
	struct process *daemon;

	(void)state;
	add_due(run, 30000);
	daemon = start_daemon(NULL);
	assert_true(process_await_output(daemon, "ready", PATIENCE_MS));
	process_signal(daemon, SIGTERM);
	expect_exit(&daemon, 0);
	sql_expect(world.connection, "SELECT (SELECT count(*) FROM slot) + (SELECT count(*) FROM release)", "30000");
	sql_expect(world.connection, "SELECT (SELECT count(*) FROM outbox) - (SELECT count(*) FROM release)", "0");
	run_until_idle();
	expect_outcome(run, "handed_over|30000");
}

static void
hup_takes_good_settings_and_keeps_old_ones_for_bad(void **state)
{
	const int run = campaign("spring", "north");
	struct process *daemon = start_ready();

	(void)state;
	free(write_config(world.conninfo, "plan = { horizon = \"2d\"; };"));
	process_signal(daemon, SIGHUP);
	assert_true(process_await_output(daemon, "settings are read again", PATIENCE_MS));
	free(write_config(world.conninfo, "nonsense = 1;"));
	process_signal(daemon, SIGHUP);
	assert_true(process_await_output(daemon, "settings read before are kept", PATIENCE_MS));
	add_due(run, 5);
	assert_true(await(5, "SELECT count(*) FROM outbox"));
	stop(&daemon);
}

/* A look that is under way reads the zones of the settings that the next HUP replaces. */
static void
hup_after_hup_leaves_a_look_its_settings(void **state)
{
	const int run = campaign("spring", "north");
	struct process *daemon = start_ready();

	(void)state;
	for (int hup = 0; hup < 50; hup++) {
		free(write_config(world.conninfo, ""));
		process_signal(daemon, SIGHUP);
	}
	assert_true(process_await_output(daemon, "settings are read again", PATIENCE_MS));
	add_due(run, 5);
	assert_true(await(5, "SELECT count(*) FROM outbox"));
	stop(&daemon);
}

static void
a_lost_connection_is_made_again(void **state)
{
	const int run = campaign("spring", "north");
	struct process *daemon = start_ready();

	(void)state;
	sql_run(world.connection, "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name LIKE 'daypartd%'");
	add_due(run, 5);
	assert_true(await(5, "SELECT count(*) FROM outbox"));
	stop(&daemon);
	expect_outcome(run, "handed_over|5");
}

/* Simulated clock --------------------------------------------------------------------------------------------------------------------------- */

static void
run_simulated(int code, const char *expected_out, const char *expected_err)
{
	const char *argv[] = {daypartd, "--config", world.config, "--until-idle", "--clock", "simulated:2026-11-23T00:00:00Zx100000", NULL};
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
	const int run = campaign("spring", "north");

	(void)state;
	fixture_slots_add(world.connection,
		&(struct fixture_slots){.run = run, .count = 1, .from = "'2026-11-23Z'::timestamptz", .due = "1h", .not_after = "9h"});
	run_simulated(78, "", "init --rehearsal");
	expect_outcome(run, "queued|1");
}

static void
a_day_is_rehearsed_in_simulated_time(void **state)
{
	const int run = campaign("spring", "north");

	(void)state;
	sql_run(world.connection, "UPDATE installation SET rehearsal = true");
	fixture_slots_add(world.connection,
		&(struct fixture_slots){
			.run = run, .count = 200, .from = "'2026-11-23Z'::timestamptz", .due = "1h", .spacing = "5min", .not_after = "40h"});
	run_simulated(0, "spring", "ended");
	expect_outcome(run, "handed_over|200");
	sql_expect(world.connection, "SELECT count(*) FROM release WHERE released_at < due_at OR released_at >= '2026-11-24 16:00Z'", "0");
	sql_expect(world.connection, "SELECT count(*) FROM outbox", "0");
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
		const char *argv[] = {daypartd, "--config", world.config, rows[i].arguments[0], rows[i].arguments[1], NULL};
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
	char *empty = pg_cluster_new_database(world.cluster, "no_schema", NULL);

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		char text[1024];
		struct process *daemon;

		if (i < 2)
			(void)snprintf(text, sizeof(text), "host=%s user=postgres %s", pg_cluster_host(world.cluster), rows[i].database);
		free(world.config);
		world.config = write_config(i < 2 ? text : empty, "");
		daemon = start_daemon(NULL);
		expect_exit(&daemon, i < 2 ? rows[i].code : 78);
	}
	free(empty);
}

#define DAEMON_TEST(name) cmocka_unit_test_setup_teardown(name, open_database, close_database)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		DAEMON_TEST(releases_when_due_and_not_before),
		DAEMON_TEST(hears_of_new_slots),
		DAEMON_TEST(an_outage_is_caught_up_at_the_senders_pace),
		DAEMON_TEST(two_daemons_release_each_slot_once),
		DAEMON_TEST(an_opt_out_after_planning_is_honoured),
		DAEMON_TEST(suppressions_bind_within_their_scope),
		DAEMON_TEST(consent_and_evidence_are_asked_again),
		DAEMON_TEST(what_changed_after_planning_holds),
		DAEMON_TEST(a_suspended_sender_delays_nobody),
		DAEMON_TEST(too_late_goes_by_catch_up),
		DAEMON_TEST(a_later_message_leaves_after_another_one_only),
		DAEMON_TEST(other_zone_data_hold),
		DAEMON_TEST(a_poison_slot_stops_no_neighbour),
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

	return cmocka_run_group_tests(tests, open_world, close_world) != 0;
}
