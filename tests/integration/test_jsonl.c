/*
 * daypartd with a sink outside the database: lines of JSON into files and pipes that take them, take them slowly, not at all, or no more. Whatever
 * the reader does, nobody gets two lines, and everybody is somewhere: in the queue, in flight, or in the ledger.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/daypart.h"
#include "tests/support/fixture_slots.h"
#include "tests/support/pg_cluster.h"
#include "tests/support/process.h"
#include "tests/support/sql_expect.h"
#include "tests/support/temp.h"

enum { PATIENCE_MS = 30 * 1000, PATH_LENGTH = 512 };

struct world {
	struct pg_cluster *cluster;
	int databases;
	char *conninfo, *config, *path;
	PGconn *connection;
};

static struct world world;

static const char daypartd[] = DAYPART_BUILD_DIR "/daypartd";

/* World ------------------------------------------------------------------------------------------------------------------------------------- */

static int
open_world(void **state)
{
	(void)state;
	world.cluster = pg_cluster_start(NULL);
	free(fixture_slots_database(world.cluster, "template_jsonl", false));
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
	(void)snprintf(name, sizeof(name), "jsonl_%d", ++world.databases);
	world.conninfo = pg_cluster_new_database(world.cluster, name, "template_jsonl");
	world.connection = sql_connect(world.conninfo, NULL);
	(void)snprintf(name, sizeof(name), "lines_%d", world.databases);
	world.path = temp_path(name);
	return 0;
}

static int
close_database(void **state)
{
	(void)state;
	PQfinish(world.connection);
	free(world.conninfo);
	free(world.path);
	free(world.config);
	world.config = NULL;
	return 0;
}

/* Shorthands -------------------------------------------------------------------------------------------------------------------------------- */

static struct process *
start_daemon(const char *file, const char *option)
{
	const char *argv[] = {daypartd, "--config", NULL, option, NULL};
	char text[2048];

	(void)snprintf(text, sizeof(text),
		"database = \"%s\";\nrelease = { poll = \"1s\"; lease = \"1s\"; drain = \"1s\"; sink = \"jsonl\"; jsonl_file = \"%s\"; };\n",
		world.conninfo, file);
	free(world.config);
	world.config = temp_write("daypart.cfg", text);
	argv[2] = world.config;
	return process_start(argv, NULL);
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

static int
campaign(const char *catch_up)
{
	return fixture_slots_campaign(world.connection, &(struct fixture_campaign){.name = "spring", .sender = "north", .catch_up = catch_up});
}

static void
add_due(int run, int count, const char *not_after)
{
	fixture_slots_add(world.connection, &(struct fixture_slots){.run = run, .count = count, .due = "-1s", .not_after = not_after});
}

static void
expect_outcome(const char *outcomes)
{
	sql_expect(world.connection,
		"SELECT what, count(*) FROM (SELECT outcome::text || coalesce(' ' || name, '') AS what FROM release LEFT JOIN reason USING "
		"(reason) "
		"UNION ALL SELECT s.kind || ' ' || name FROM suppressed s JOIN reason USING (reason) UNION ALL SELECT 'queued' FROM slot "
		"UNION ALL SELECT CASE WHEN uncertain_at IS NULL THEN 'in flight' ELSE 'uncertain' END FROM inflight) AS everybody "
		"GROUP BY what ORDER BY what",
		outcomes);
}

/* Everybody who was planned is in one place, and only there. */
static void
expect_everybody(int count)
{
	char expected[32];

	(void)snprintf(expected, sizeof(expected), "%d|%d", count, count);
	sql_expect(world.connection,
		"SELECT count(*), count(DISTINCT recipient_id) FROM (SELECT recipient_id FROM slot UNION ALL SELECT recipient_id FROM inflight "
		"UNION ALL SELECT recipient_id FROM release UNION ALL SELECT recipient_id FROM suppressed) AS placed",
		expected);
}

static bool
await(int64_t expected, const char *query)
{
	return fixture_await(world.connection, expected, PATIENCE_MS, query);
}

/* The lines of a file as rows of table line (text). */
static void
load_lines(const char *path)
{
	char copy[PATH_LENGTH + 128];

	(void)snprintf(copy, sizeof(copy),
		"CREATE TABLE IF NOT EXISTS public.line (text text); TRUNCATE public.line;"
		"COPY public.line FROM '%s' (FORMAT csv, DELIMITER E'\\x01', QUOTE E'\\x02')",
		path);
	assert_int_equal(chmod(path, 0644), 0);
	sql_run(world.connection, copy);
}

static void
expect_lines(const char *lines_and_keys)
{
	sql_expect(world.connection, "SELECT count(*), count(DISTINCT text::jsonb ->> 'idempotency_key') FROM public.line", lines_and_keys);
	sql_expect(world.connection,
		"SELECT text FROM public.line WHERE NOT EXISTS (SELECT FROM release WHERE outcome = 'handed_over' "
		"AND recipient_id = (text::jsonb ->> 'recipient_id')::bigint)",
		"");
}

/* Tests ------------------------------------------------------------------------------------------------------------------------------------- */

static void
a_file_gets_one_line_a_message(void **state)
{
	const int run = campaign("drop");
	struct process *daemon;

	(void)state;
	add_due(run, 1500, "1h");
	daemon = start_daemon(world.path, "--until-idle");
	expect_exit(&daemon, 0);
	expect_outcome("handed_over|1500");
	load_lines(world.path);
	expect_lines("1500|1500");
	sql_expect(world.connection,
		"SELECT DISTINCT l ->> 'campaign', l ->> 'sender', l ->> 'attempt', l ->> 'body' <> '', l ->> 'phone' ~ '^\\+[0-9]+$', "
		"(l ->> 'not_after')::timestamptz > now(), jsonb_typeof(l -> 'variables'), l ->> 'idempotency_key' = (SELECT installation_id FROM "
		"installation) || ':' || (l ->> 'run_id') || ':' || (l ->> 'recipient_id') FROM (SELECT text::jsonb AS l FROM public.line) AS l",
		"spring|north|1|t|t|t|object|t");
	sql_expect(world.connection, "SELECT count(*) FROM release WHERE released_at < due_at OR consent_given_at IS NULL", "0");
	sql_expect(world.connection, "SELECT count(*) FROM sink_answer", "0");
}

/* What was cut off by a full disk or a crash of the host does not spoil the next line. */
static void
a_broken_line_is_ended_first(void **state)
{
	const int run = campaign("drop");
	struct process *daemon;
	FILE *file = fopen(world.path, "w");

	(void)state;
	fputs("{\"idempotency_key\":\"half", file);
	fclose(file);
	add_due(run, 2, "1h");
	daemon = start_daemon(world.path, "--until-idle");
	expect_exit(&daemon, 0);
	load_lines(world.path);
	sql_run(world.connection, "DELETE FROM public.line WHERE text NOT LIKE '%}'");
	expect_lines("2|2");
}

/* Of lines that a reader took into a pipe and closed, nobody hears; everybody else is in the queue again, to be tried again. */
static void
a_reader_that_closes_ends_it(void **state)
{
	const int run = campaign("drop");
	char command[2048];
	const char *argv[] = {"/bin/sh", "-c", command, NULL};
	struct process *daemon;
	struct process_result result;

	(void)state;
	add_due(run, 3000, "1h");
	daemon = start_daemon("-", "--version"); /* writes the settings */
	expect_exit(&daemon, 0);
	(void)snprintf(command, sizeof(command), "{ %s --config %s --until-idle; echo exit code $? >&2; } | head -n 5", daypartd, world.config);
	result = process_run(argv, NULL);
	assert_non_null(strstr(result.err, "exit code 75"));
	assert_non_null(strstr(result.err, "Broken pipe"));
	process_result_free(&result);
	expect_everybody(3000);
	sql_expect(world.connection, "SELECT count(*) >= 5, count(*) < 3000 FROM release WHERE outcome = 'handed_over'", "t|t");
	sql_expect(world.connection, "SELECT count(*) FROM inflight", "0");
	sql_expect(world.connection, "SELECT DISTINCT action, text FROM sink_answer", "retry|Broken pipe");
}

/* The pipe is full for a second, and then drained: nothing is lost, and nothing twice. */
static void
a_slow_reader_gets_everything_once(void **state)
{
	const int run = campaign("drop");
	char command[2048], *copy = temp_path("slow");
	const char *argv[] = {"/bin/sh", "-c", command, NULL};
	struct process *daemon;
	struct process_result result;

	(void)state;
	add_due(run, 800, "1h");
	daemon = start_daemon("-", "--version"); /* writes the settings */
	expect_exit(&daemon, 0);
	(void)snprintf(command, sizeof(command), "{ %s --config %s --until-idle; echo exit code $? >&2; } | { sleep 1; cat >%s; }", daypartd,
		world.config, copy);
	result = process_run(argv, NULL);
	assert_non_null(strstr(result.err, "exit code 0"));
	process_result_free(&result);
	expect_outcome("handed_over|800");
	load_lines(copy);
	expect_lines("800|800");
	free(copy);
}

/* A named pipe that the test holds open. */
static int
open_pipe(void)
{
	int fd;

	assert_int_equal(mkfifo(world.path, 0600), 0);
	fd = open(world.path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	assert_true(fd >= 0);
	return fd;
}

/* Appends what is there to a file; false when there is nothing. */
static bool
read_some(int fd, FILE *file)
{
	char bytes[4096];
	const ssize_t count = read(fd, bytes, sizeof(bytes));

	if (count > 0)
		fwrite(bytes, 1, (size_t)count, file);
	return count > 0;
}

static void
read_until(int fd, const char *path, int64_t left)
{
	FILE *file = fopen(path, "a");
	int patience = PATIENCE_MS;

	assert_non_null(file);
	while (
		patience > 0 && fixture_number(world.connection, "SELECT (SELECT count(*) FROM slot) + (SELECT count(*) FROM inflight)") > left) {
		while (read_some(fd, file))
			continue;
		usleep(20 * 1000);
		patience -= 20;
	}
	while (read_some(fd, file))
		continue;
	fclose(file);
	assert_true(patience > 0);
}

/* What a pipe holds is written, one line more is begun, and everybody else waits in the queue, where an opt-out and the clock reach them. */
static void
a_reader_that_does_not_read_stops_the_claims(void **state)
{
	const int run = campaign("drop");
	char *copy = temp_path("copy");
	const int fd = open_pipe();
	struct process *daemon;
	int64_t last;

	(void)state;
	add_due(run, 2000, "1h");
	daemon = start_daemon(world.path, NULL);
	assert_true(await(1, "SELECT 1 FROM release HAVING count(*) > 10"));
	assert_true(await(1, "SELECT 1 WHERE (SELECT count(*) FROM inflight) <= 1 AND (SELECT count(*) FROM slot) > 1000"));
	expect_everybody(2000);
	last = fixture_number(world.connection, "SELECT recipient_id FROM slot ORDER BY due_at DESC LIMIT 1");
	fixture_execute(world.connection, "SELECT cancel_slots(ARRAY[%lld], 0, 'all', 'all', 'opted_out')", (long long)last);
	fixture_execute(world.connection,
		"UPDATE slot SET due_at = now() - interval '2 hours', not_after = now() + interval '1 second' WHERE recipient_id IN "
		"(SELECT recipient_id FROM slot ORDER BY due_at DESC, recipient_id LIMIT 100)");
	sleep(1); /* 100 people will have to go without */
	read_until(fd, copy, 0);
	stop(&daemon);
	expect_everybody(2000);
	expect_outcome("expired expired|100\nhanded_over|1899\nsuppressed opted_out|1");
	load_lines(copy);
	expect_lines("1899|1899");
	close(fd);
	free(copy);
}

/* The pipe is full and the daemon told to end: what has not begun to leave goes back, of the line that has nobody can say. */
static void
ends_in_front_of_a_full_pipe(void **state)
{
	const int run = campaign("drop");
	const int fd = open_pipe();
	struct process *daemon;

	(void)state;
	add_due(run, 1000, "1h");
	daemon = start_daemon(world.path, NULL);
	assert_true(await(1, "SELECT 1 FROM release HAVING count(*) > 10"));
	stop(&daemon);
	expect_everybody(1000);
	sql_expect(world.connection, "SELECT count(*) FROM inflight WHERE uncertain_at IS NULL", "0");
	sql_expect(world.connection, "SELECT count(*) > 500 FROM slot", "t");
	close(fd);
}

/* Whatever the kill hit, the next daemon hears of it: nobody knows whether these were sent, and a person decides. */
static void
what_a_killed_daemon_had_in_flight_is_uncertain(void **state)
{
	const int run = campaign("next_window");
	const int fd = open_pipe();
	struct process *daemon;
	struct process_result result;
	int64_t in_flight;

	(void)state;
	add_due(run, 1000, "1h");
	daemon = start_daemon(world.path, NULL);
	assert_true(await(1, "SELECT 1 WHERE (SELECT count(*) FROM inflight) > 0 AND (SELECT count(*) FROM release) > 0"));
	process_signal(daemon, SIGKILL);
	result = process_wait(&daemon);
	process_result_free(&result);
	in_flight = fixture_number(world.connection, "SELECT count(*) FROM inflight");
	assert_true(in_flight > 0);
	sql_run(world.connection, "UPDATE control SET stopped = true");
	daemon = start_daemon(world.path, NULL);
	assert_true(await(0, "SELECT count(*) FROM inflight WHERE uncertain_at IS NULL"));
	sql_run(world.connection, "UPDATE control SET stopped = false");
	expect_everybody(1000);
	sql_expect(world.connection, "SELECT uncertain > 0 AND in_flight <= 500 FROM campaign_summary", "t");
	/* One was sent, the rest was not. */
	fixture_execute(world.connection,
		"SELECT settle_uncertain((SELECT idempotency_key FROM uncertain_message LIMIT 1), NULL, NULL, true, 'seen on the phone')");
	fixture_execute(world.connection, "SELECT settle_uncertain(NULL, 'spring', NULL, false, 'the reader has no line of it')");
	sql_expect(world.connection, "SELECT count(*) FROM inflight WHERE uncertain_at IS NOT NULL", "0");
	sql_expect(world.connection, "SELECT sent, count(*) > 0, min(why) FROM settlement GROUP BY sent ORDER BY sent",
		in_flight > 1 ? "f|t|the reader has no line of it\nt|t|seen on the phone" : "t|t|seen on the phone");
	sql_expect(world.connection,
		"SELECT count(*) = (SELECT count(*) FROM settlement WHERE NOT sent) FROM suppressed JOIN reason USING (reason) WHERE name = "
		"'not_sent'",
		"t");
	expect_everybody(1000);
	process_signal(daemon, SIGTERM);
	result = process_wait(&daemon);
	process_result_free(&result);
	close(fd);
}

/* A full disk: an answer like any other. What was refused goes through the whole gate before it is tried again. */
static void
a_full_disk_is_an_answer(void **state)
{
	const int run = campaign("drop");
	struct process *daemon;

	(void)state;
	add_due(run, 3, "1h");
	daemon = start_daemon("/dev/full", NULL);
	assert_true(await(1, "SELECT 1 FROM sink_answer WHERE attempts = 2 HAVING count(*) > 0"));
	sql_run(world.connection, "SELECT campaign_set_status('spring', 'paused')");
	assert_true(await(3, "SELECT count(*) FROM suppressed"));
	stop(&daemon);
	expect_outcome("held campaign_paused|3");
	sql_expect(world.connection, "SELECT DISTINCT action, text FROM sink_answer", "retry|No space left on device");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_file_gets_one_line_a_message, open_database, close_database),
		cmocka_unit_test_setup_teardown(a_broken_line_is_ended_first, open_database, close_database),
		cmocka_unit_test_setup_teardown(a_slow_reader_gets_everything_once, open_database, close_database),
		cmocka_unit_test_setup_teardown(a_reader_that_closes_ends_it, open_database, close_database),
		cmocka_unit_test_setup_teardown(a_reader_that_does_not_read_stops_the_claims, open_database, close_database),
		cmocka_unit_test_setup_teardown(ends_in_front_of_a_full_pipe, open_database, close_database),
		cmocka_unit_test_setup_teardown(what_a_killed_daemon_had_in_flight_is_uncertain, open_database, close_database),
		cmocka_unit_test_setup_teardown(a_full_disk_is_an_answer, open_database, close_database),
	};

	return cmocka_run_group_tests(tests, open_world, close_world);
}
