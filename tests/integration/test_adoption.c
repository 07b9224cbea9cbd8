/*
 * From which copy of a database a host releases: the first start asks nobody, a restored copy refuses until it is adopted and holds what is due
 * first, a backup in place of the database refuses as well, a standby that takes over does not, and a second host joins.
 *
 * A copy is a database made from another as a template: everything in it, under another name. An older backup in its place is the same database
 * with the beat set back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <glob.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/fixture_slots.h"
#include "tests/support/process.h"
#include "tests/support/sql_expect.h"
#include "tests/support/temp.h"

enum { PATIENCE_MS = 40 * 1000, EXIT_CONFIGURATION = 78 };

static struct {
	struct pg_cluster *cluster;
	int databases, run;
	char name[32], *conninfo;
	PGconn *connection; /* NULL while the database is copied */
} world;

static int
open_world(void **state)
{
	(void)state;
	world.cluster = pg_cluster_start(&(struct pg_cluster_options){.own = true});
	free(fixture_slots_database(world.cluster, "template_adoption", false));
	return 0;
}

static int
close_world(void **state)
{
	(void)state;
	pg_cluster_stop(&world.cluster);
	return 0;
}

static void
open_copy_of(const char *template)
{
	(void)snprintf(world.name, sizeof(world.name), "adoption_%d", ++world.databases);
	world.conninfo = pg_cluster_new_database(world.cluster, world.name, template);
	world.connection = sql_connect(world.conninfo, NULL);
}

static int
open_database(void **state)
{
	(void)state;
	open_copy_of("template_adoption");
	world.run = fixture_slots_campaign(world.connection, &(struct fixture_campaign){.name = "spring", .sender = "north"});
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

/* From now on the world is a copy of what it was. */
static void
restore_a_copy(void)
{
	char original[sizeof(world.name)];

	memcpy(original, world.name, sizeof(original));
	close_database(NULL);
	open_copy_of(original);
}

/* `settings`: more of group release, or "". */
static struct process *
start_with(const char *settings, const char *option)
{
	static const char program[] = DAYPART_BUILD_DIR "/daypartd";
	char text[2048];
	char *config;
	struct process *daemon;

	(void)snprintf(text, sizeof(text), "database = \"%s\";\nrelease = { poll = \"1s\"; lease = \"1s\"; %s};\n", world.conninfo, settings);
	config = temp_write("daypartd.cfg", text);
	daemon = process_start((const char *[]){program, "--config", config, option, NULL}, NULL);
	free(config);
	return daemon;
}

static void
expect_end(struct process **daemon, int code, const char *says)
{
	struct process_result result = process_wait(daemon);

	if (result.exit_code != code || strstr(result.err, says) == NULL)
		fail_msg("exit code %d, expected %d and \"%s\":\n%s", result.exit_code, code, says, result.err);
	process_result_free(&result);
}

static void
run(const char *settings, const char *option, int code, const char *says)
{
	struct process *daemon = start_with(settings, option);

	expect_end(&daemon, code, says);
}

static void
stop(struct process **daemon)
{
	process_signal(*daemon, SIGTERM);
	expect_end(daemon, 0, "ended");
}

static void
add(int count, const char *due)
{
	fixture_slots_add(world.connection, &(struct fixture_slots){.run = world.run, .count = count, .due = due, .not_after = "1h"});
}

static void
expect(const char *query, const char *expected)
{
	sql_expect(world.connection, query, expected);
}

#define NOT_HERE "this host has not released from this copy of the database before"
#define WENT_BACK "the database has gone back in time"
#define RELEASED "SELECT count(*) FROM release"

/* What the first start wrote is for its user alone. */
static void
the_first_start_asks_nobody_and_the_next_finds_its_token(void **state)
{
	char pattern[256];
	glob_t found;
	struct stat file;

	(void)state;
	add(5, "-1s");
	run("", "--until-idle", 0, "5 handed over");
	(void)snprintf(pattern, sizeof(pattern), "%s/*-%lld.token", temp_dir(),
		(long long)fixture_number(world.connection, "SELECT oid FROM pg_database WHERE datname = current_database()"));
	assert_int_equal(glob(pattern, 0, NULL, &found), 0);
	assert_int_equal(found.gl_pathc, 1);
	assert_int_equal(stat(found.gl_pathv[0], &file), 0);
	assert_int_equal(file.st_mode & 0777, 0600);
	globfree(&found);
	add(5, "-1s");
	run("", "--until-idle", 0, "5 handed over");
	expect(RELEASED, "10");
}

static void
two_first_starts_at_once_agree(void **state)
{
	struct process *daemons[2];

	(void)state;
	add(5, "-1s");
	for (int i = 0; i < 2; i++)
		daemons[i] = start_with("", "--until-idle");
	for (int i = 0; i < 2; i++)
		expect_end(&daemons[i], 0, "ended");
	expect(RELEASED, "5");
}

/* Ten are due in the copy, five of them in its outbox; two are not due yet. */
static void
a_restored_copy_holds_what_is_due_when_it_is_adopted(void **state)
{
	(void)state;
	add(5, "-1s");
	run("", "--until-idle", 0, "5 handed over");
	add(5, "-1s");
	add(2, "30m");
	restore_a_copy();
	run("", "--until-idle", EXIT_CONFIGURATION, NOT_HERE);
	run("", "--join", EXIT_CONFIGURATION, "no daypartd is at work on this database");
	expect("SELECT count(*) FROM slot", "7");
	run("", "--adopt", 0, "adopted: 5 messages that were due are held, 5 of the outbox are dropped");
	expect("SELECT kind, name, count(*) FROM suppressed JOIN reason USING (reason, kind) GROUP BY kind, name", "held|adopted|5");
	expect("SELECT (SELECT count(*) FROM slot), (SELECT count(*) FROM outbox), count(*) FROM outbox_dropped", "2|0|5");
	sql_run(world.connection, "UPDATE slot SET due_at = now()");
	run("", "--until-idle", 0, "2 handed over");
	expect("SELECT plan_adopted('spring', '+14155550199')", "0");
	expect("SELECT plan_adopted('spring')", "5");
	expect("SELECT DISTINCT kind, name FROM suppressed JOIN reason USING (reason, kind)", "held|facts_changed");
}

/* Who has adopted the copy under the file that the original used may not come back to the original with it. */
static void
one_file_serves_one_copy(void **state)
{
	char original[sizeof(world.name)], other[512];

	(void)state;
	(void)snprintf(other, sizeof(other), "token_file = \"%s/shared.token\"; ", temp_dir());
	run(other, "--until-idle", 0, "ended");
	memcpy(original, world.name, sizeof(original));
	restore_a_copy();
	run(other, "--adopt", 0, "adopted: 0");
	run(other, "--until-idle", 0, "ended");
	PQfinish(world.connection);
	free(world.conninfo);
	open_copy_of(original);
	run(other, "--until-idle", EXIT_CONFIGURATION, "this copy of the database was adopted somewhere else");
}

static void
an_older_backup_in_place_refuses(void **state)
{
	(void)state;
	run("", "--until-idle", 0, "ended");
	add(5, "-1s");
	sql_run(world.connection, "UPDATE adoption SET beat_at = beat_at - interval '1 day'");
	run("", "--until-idle", EXIT_CONFIGURATION, WENT_BACK);
	sql_run(world.connection, "UPDATE adoption SET token = NULL, beat_at = '-infinity'");
	run("", "--until-idle", EXIT_CONFIGURATION, WENT_BACK);
	run("", "--adopt", 0, "adopted: 5");
	run("", "--until-idle", 0, " 0 handed over");
}

/* Restored under a daemon that is at work: it ends by itself, before it has taken a lease of the older database. */
static void
a_daemon_whose_database_goes_back_ends(void **state)
{
	struct process *daemon = start_with("", NULL);

	(void)state;
	assert_true(process_await_output(daemon, "serves 1 of 1", PATIENCE_MS));
	sql_run(world.connection,
		"BEGIN; UPDATE adoption SET beat_at = beat_at - interval '1 day'; UPDATE lane_lease SET epoch = epoch - 1, until = '-infinity'; "
		"COMMIT");
	add(5, "-1s");
	expect_end(&daemon, EXIT_CONFIGURATION, WENT_BACK);
	expect(RELEASED, "0");
}

static void
a_standby_that_lost_some_seconds_goes_on(void **state)
{
	(void)state;
	run("", "--until-idle", 0, "ended");
	add(5, "-1s");
	sql_run(world.connection, "UPDATE adoption SET beat_at = beat_at - interval '30 seconds'");
	run("", "--until-idle", 0, "as a standby may that takes over");
	expect(RELEASED, "5");
}

static void
a_second_host_joins_one_that_is_at_work(void **state)
{
	struct process *daemon = start_with("", NULL);
	char other[512];

	(void)state;
	(void)snprintf(other, sizeof(other), "token_file = \"%s/other-host.token\"; ", temp_dir());
	assert_true(process_await_output(daemon, "serves 1 of 1", PATIENCE_MS));
	run(other, "--until-idle", EXIT_CONFIGURATION, NOT_HERE);
	run(other, "--join", 0, "joined");
	run(other, "--until-idle", 0, "ended");
	stop(&daemon);
}

static void
a_rehearsal_needs_no_token(void **state)
{
	(void)state;
	sql_run(world.connection, "UPDATE installation SET rehearsal = true");
	run("token_file = \"/nowhere/at/all\"; ", "--until-idle", 0, "ended");
	run("", "--adopt", EXIT_CONFIGURATION, "for rehearsals");
	expect("SELECT token FROM adoption", "");
}

static void
a_token_that_cannot_be_kept_is_told_at_the_start(void **state)
{
	(void)state;
	run("token_file = \"/nowhere/at/all\"; ", "--until-idle", EXIT_CONFIGURATION, "/nowhere/at/all: No such file or directory");
	expect("SELECT token FROM adoption", "");
	run("token_file = \"token\"; ", "--until-idle", EXIT_CONFIGURATION, "release.token_file is no path that begins with");
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_database, close_database)
	const struct CMUnitTest tests[] = {
		TEST(the_first_start_asks_nobody_and_the_next_finds_its_token),
		TEST(two_first_starts_at_once_agree),
		TEST(a_restored_copy_holds_what_is_due_when_it_is_adopted),
		TEST(one_file_serves_one_copy),
		TEST(an_older_backup_in_place_refuses),
		TEST(a_daemon_whose_database_goes_back_ends),
		TEST(a_standby_that_lost_some_seconds_goes_on),
		TEST(a_second_host_joins_one_that_is_at_work),
		TEST(a_rehearsal_needs_no_token),
		TEST(a_token_that_cannot_be_kept_is_told_at_the_start),
	};

	return cmocka_run_group_tests_name("adoption", tests, open_world, close_world);
}
