/*
 * The schema is upgraded beneath a daypartd at work: it claims nothing on what it does not know and makes room for the program that does, and the
 * upgrade never makes the queue wait for long. What is to come is played by a migration of a number that no program has.
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
#include <unistd.h>

#include "sql_embedded.h"
#include "tests/support/daypart.h"
#include "tests/support/fixture_slots.h"
#include "tests/support/pg_cluster.h"
#include "tests/support/process.h"
#include "tests/support/schema_fixture.h"
#include "tests/support/sql_expect.h"
#include "tests/support/temp.h"

enum { PATIENCE_MS = 30 * 1000, SLOTS = 1500, TEMPORARY = 75, CONFIG = 78 };

#define ALL_HERE \
	"SELECT count(*) FROM (SELECT recipient_id FROM slot UNION ALL SELECT recipient_id FROM release) AS t HAVING count(DISTINCT " \
	"recipient_id) = count(*)"
#define FUTURE "INSERT INTO migration (version, name, checksum) VALUES (9999, 'future', 'x')"
#define BACK "DELETE FROM migration WHERE version = 9999"

static struct {
	struct pg_cluster *cluster;
	char *conninfo, *config;
	PGconn *connection;
	int run;
} world;

static int
open_world(void **state)
{
	char text[1024];

	(void)state;
	world.cluster = pg_cluster_start(NULL);
	world.conninfo = fixture_slots_database(world.cluster, "schema", false);
	world.connection = sql_connect(world.conninfo, NULL);
	world.run =
		fixture_slots_campaign(world.connection, &(struct fixture_campaign){.name = "spring", .sender = "north", .throughput = "1000"});
	/* Nothing but what is tested makes it look again. */
	(void)snprintf(text, sizeof(text), "database = \"%s\";\nrelease = { poll = \"10m\"; batch = 50; };\n", world.conninfo);
	world.config = temp_write("daypartd.cfg", text);
	return 0;
}

static int
close_world(void **state)
{
	(void)state;
	PQfinish(world.connection);
	free(world.conninfo);
	free(world.config);
	pg_cluster_stop(&world.cluster);
	return 0;
}

static struct process *
start(const char *until)
{
	struct process *daemon = process_start((const char *[]){DAYPART_BUILD_DIR "/daypartd", "--config", world.config, NULL}, NULL);

	if (!process_await_output(daemon, until, PATIENCE_MS))
		fail_msg("%s", process_wait(&daemon).err);
	return daemon;
}

static void
expect_end(struct process **daemon, int code, const char *words)
{
	struct process_result result = process_wait(daemon);

	if (result.exit_code != code || strstr(result.err, words) == NULL)
		fail_msg("exit code %d, expected %d with \"%s\"\n%s", result.exit_code, code, words, result.err);
	process_result_free(&result);
}

static void
add_slots(int count)
{
	fixture_slots_add(
		world.connection, &(struct fixture_slots){.run = world.run, .count = count, .due = "0s", .spacing = "1ms", .not_after = "1h"});
	sql_run(world.connection, "NOTIFY daypart");
}

/* By the claims alone: nobody is notified. What is claimed in the moment of the upgrade is before it or not at all. */
static void
nothing_is_claimed_on_a_schema_of_the_future(void **state)
{
	struct process *daemon = start("ready");
	char *moment;

	(void)state;
	add_slots(SLOTS);
	while (fixture_number(world.connection, "SELECT count(*) FROM release") < 200)
		usleep(1000);
	sql_run(world.connection, FUTURE);
	moment = sql_text(world.connection, "SELECT clock_timestamp()");
	expect_end(&daemon, TEMPORARY, "schema daypart is newer than this program");
	assert_int_equal(fixture_number(world.connection, "SELECT count(*) FROM release WHERE released_at > '%s'", moment), 0);
	free(moment);
	sql_expect(world.connection, ALL_HERE, "1500");
	assert_true(fixture_number(world.connection, "SELECT count(*) FROM slot") > 0);
	sql_expect(world.connection, "SELECT count(*) FROM lane_lease WHERE holder IS NOT NULL", "0"); /* given back */
	daemon = process_start((const char *[]){DAYPART_BUILD_DIR "/daypartd", "--config", world.config, NULL}, NULL);
	expect_end(&daemon, CONFIG, "Install the version of daypart that upgraded it.");
	sql_run(world.connection, BACK);
	daemon = start("ready");
	if (!fixture_await(world.connection, SLOTS, PATIENCE_MS, "SELECT count(*) FROM release WHERE outcome = 'handed_over'"))
		fail_msg("it does not go on");
	process_signal(daemon, SIGTERM);
	expect_end(&daemon, 0, "ended");
	sql_expect(world.connection, ALL_HERE, "1500");
	sql_expect(world.connection, "SELECT count(*), count(DISTINCT recipient_id) FROM outbox", "1500|1500");
}

/* Its statements speak of what is not there any more, which the server says before it compares any version. */
static void
statements_that_fail_on_it_make_it_look(void **state)
{
	struct process *daemon = start("ready");

	(void)state;
	sql_run(world.connection, "BEGIN; ALTER TABLE outbox RENAME COLUMN handed_at TO taken_at; " FUTURE "; COMMIT");
	add_slots(10);
	expect_end(&daemon, TEMPORARY, "schema daypart is newer than this program");
	sql_run(world.connection, BACK "; ALTER TABLE outbox RENAME COLUMN taken_at TO handed_at");
}

/* Of the same version: what was prepared is prepared anew. */
static void
what_does_not_fit_any_more_is_prepared_again(void **state)
{
	struct process *daemon = start("ready");

	(void)state;
	sql_run(world.connection, "BEGIN; ALTER TABLE outbox RENAME COLUMN handed_at TO taken_at; COMMIT");
	add_slots(10);
	assert_true(process_await_output(daemon, "handed_at", PATIENCE_MS));
	sql_run(world.connection, "ALTER TABLE outbox RENAME COLUMN taken_at TO handed_at");
	if (!fixture_await(world.connection, 0, PATIENCE_MS, "SELECT count(*) FROM slot"))
		fail_msg("it does not go on");
	process_signal(daemon, SIGTERM);
	expect_end(&daemon, 0, "ended");
}

/* The upgrade of an older schema, while somebody reads for long: those who work on the queue hardly wait, and it is done in the end. */
static void
an_upgrade_waits_without_making_others_wait(void **state)
{
	char *conninfo = pg_cluster_new_database(world.cluster, "older", NULL);
	PGconn *reader = sql_connect(conninfo, NULL), *worker = sql_connect(conninfo, NULL);
	struct process *init;

	(void)state;
	schema_install(worker, (int)sql_migration_count - 10);
	sql_run(worker, "INSERT INTO installation (rehearsal) VALUES (false); SELECT set_secret_key(sha256('a key for tests'))");
	sql_run(
		reader, "BEGIN; SELECT count(*) FROM release, slot, consent, consent_event, suppression, inflight, lane_lease, campaign, sender");
	init = daypart_start(conninfo, "init");
	assert_true(process_await_output(init, "the upgrade waits for others", PATIENCE_MS));
	/* Locks as a claim takes them; a hundred in a row would not fit between two tries that hold theirs. */
	for (int i = 0; i < 100; i++)
		sql_run(worker,
			"SET statement_timeout = '5s'; WITH s AS (SELECT ctid FROM slot LIMIT 1 FOR UPDATE SKIP LOCKED) SELECT count(*) FROM s;"
			"UPDATE lane_lease SET until = until; DELETE FROM inflight WHERE false; INSERT INTO release SELECT * FROM release WHERE false");
	sql_run(reader, "COMMIT");
	expect_end(&init, 0, "the upgrade waits for others");
	sql_expect(worker, "SELECT max(version) = count(*) FROM migration", "t");
	PQfinish(reader);
	PQfinish(worker);
	free(conninfo);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_claimed_on_a_schema_of_the_future),
		cmocka_unit_test(statements_that_fail_on_it_make_it_look),
		cmocka_unit_test(what_does_not_fit_any_more_is_prepared_again),
		cmocka_unit_test(an_upgrade_waits_without_making_others_wait),
	};

	return cmocka_run_group_tests(tests, open_world, close_world);
}
