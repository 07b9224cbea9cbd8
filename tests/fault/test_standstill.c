/*
 * daypartd stands still (SIGSTOP) between its last decision that a message may leave and the message's first byte, for so long that the decision is not
 * good any more: somebody else has its lane, or the last lawful instant is over. Woken, it sends nothing.
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

#include "tests/support/fixture_slots.h"
#include "tests/support/pg_cluster.h"
#include "tests/support/process.h"
#include "tests/support/provider.h"
#include "tests/support/sql_expect.h"
#include "tests/support/temp.h"

enum { PATIENCE_MS = 60 * 1000 };

struct world {
	struct pg_cluster *cluster;
	int databases, run;
	char *conninfo, *config;
	PGconn *connection;
};

static struct world world;

/* World ----------------------------------------------------------------------------------------------------------------------------------- */

static int
open_world(void **state)
{
	(void)state;
	world.cluster = pg_cluster_start(NULL);
	free(fixture_slots_database(world.cluster, "template_standstill", false));
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
	snprintf(name, sizeof name, "standstill_%d", ++world.databases);
	world.conninfo = pg_cluster_new_database(world.cluster, name, "template_standstill");
	world.connection = sql_connect(world.conninfo, NULL);
	world.run = fixture_slots_campaign(world.connection, &(struct fixture_campaign){.name = "spring", .sender = "north"});
	return 0;
}

static int
close_database(void **state)
{
	(void)state;
	PQfinish(world.connection);
	free(world.conninfo);
	free(world.config);
	world.config = NULL;
	return 0;
}

static void
add_due(const char *not_after)
{
	fixture_slots_add(world.connection, &(struct fixture_slots){.run = world.run, .count = 1, .due = "-1s", .not_after = not_after});
}

static struct process *
start_daemon(const char *lease, const char *sink, const char *const env[])
{
	char text[2048];

	snprintf(text, sizeof text, "database = \"%s\";\nrelease = { poll = \"1s\"; lease = \"%s\"; drain = \"1s\"; %s };\n", world.conninfo,
		lease, sink);
	world.config = temp_write("standstill.cfg", text);
	return process_start(
		(const char *[]){DAYPART_BUILD_DIR "/daypartd", "--config", world.config, NULL}, &(struct process_options){.env = env});
}

static struct process *
start_http(const struct provider *provider, const char *lease, const char *moment)
{
	char sink[512], stop_at[64], port[64];
	const char *const env[] = {"LD_PRELOAD=" DAYPART_BUILD_DIR "/tests/libstop_at.so", "ASAN_OPTIONS=verify_asan_link_order=0",
		"DAYPART_TEST_TOKEN=t0ken", "no_proxy=*", stop_at, port, NULL};

	snprintf(stop_at, sizeof stop_at, "DAYPART_TEST_STOP_AT=%s", moment);
	snprintf(port, sizeof port, "DAYPART_TEST_STOP_PORT=%s", strrchr(provider_url(provider), ':') + 1);
	snprintf(sink, sizeof sink,
		"sink = \"http\"; http = { format = \"webhook\"; url = \"%s/in\"; token = \"env:DAYPART_TEST_TOKEN\"; connect_timeout = \"1m\"; };",
		provider_url(provider));
	return start_daemon(lease, sink, env);
}

static void
await_stop(const struct process *daemon)
{
	char path[64], state = '?';

	snprintf(path, sizeof path, "/proc/%d/stat", (int)process_pid(daemon));
	for (int waited = 0; state != 'T'; waited++) {
		FILE *stat = fopen(path, "r");

		assert_true(stat != NULL && waited < PATIENCE_MS);
		assert_int_equal(fscanf(stat, "%*d (%*[^)]) %c", &state), 1);
		fclose(stat);
		usleep(1000);
	}
}

/* As another daemon does it that finds the lease run out. */
static void
take_its_lanes(void)
{
	assert_true(fixture_await(world.connection, 1, PATIENCE_MS, "SELECT (max(until) < clock_timestamp())::int FROM lane_lease"));
	sql_run(world.connection,
		"UPDATE lane_lease SET holder = gen_random_uuid(), epoch = epoch + 1, until = clock_timestamp() + interval '1 hour'");
}

static void
end(struct process **daemon)
{
	struct process_result result;

	process_signal(*daemon, SIGTERM);
	result = process_wait(daemon);
	if (result.exit_code != 0)
		print_error("%s", result.err);
	assert_int_equal(result.exit_code, 0);
	process_result_free(&result);
}

/* Tests ----------------------------------------------------------------------------------------------------------------------------------- */

static void
sends_nothing_for_a_lane_that_was_lost(const char *moment)
{
	struct provider *provider = provider_open(&(struct provider_options){.forgets = true});
	struct process *daemon;

	add_due("1h");
	daemon = start_http(provider, "1s", moment);
	await_stop(daemon);
	sql_expect(world.connection, "SELECT count(*) FROM inflight", "1");
	take_its_lanes();
	process_signal(daemon, SIGCONT);
	assert_true(fixture_await(world.connection, 1, PATIENCE_MS, "SELECT count(*) FROM slot"));
	end(&daemon);
	for (size_t i = 0; i < provider_request_count(provider); i++) /* of one whose head had left */
		assert_false(provider_record(provider, i).taken);
	sql_expect(world.connection, "SELECT (SELECT count(*) FROM inflight) + (SELECT count(*) FROM release)", "0");
	provider_close(&provider);
}

static void
before_the_connection_is_made(void **state)
{
	(void)state;
	sends_nothing_for_a_lane_that_was_lost("connect");
}

static void
between_head_and_body(void **state)
{
	(void)state;
	sends_nothing_for_a_lane_that_was_lost("head");
}

static void
until_it_is_too_late(void **state)
{
	struct provider *provider = provider_open(&(struct provider_options){.forgets = true});
	struct process *daemon;

	(void)state;
	add_due("5s");
	daemon = start_http(provider, "1m", "connect");
	await_stop(daemon);
	assert_true(fixture_await(
		world.connection, 1, PATIENCE_MS, "SELECT count(*) FROM inflight WHERE not_after < clock_timestamp() + interval '1500 ms'"));
	process_signal(daemon, SIGCONT);
	assert_true(fixture_await(world.connection, 1, PATIENCE_MS, "SELECT count(*) FROM release WHERE outcome = 'expired'"));
	end(&daemon);
	assert_int_equal(provider_request_count(provider), 0);
	provider_close(&provider);
}

/* A named pipe that is full; its other end. */
static int
fill_pipe(const char *path)
{
	static const char blanks[4096] = "\n";
	int fd;

	assert_int_equal(mkfifo(path, 0600), 0);
	fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	assert_true(fd >= 0);
	while (write(fd, blanks, sizeof blanks) > 0)
		continue;
	return fd;
}

static bool
empty_pipe(int fd)
{
	char bytes[8192];
	bool found = false;
	ssize_t count;

	while ((count = read(fd, bytes, sizeof bytes - 1)) > 0) {
		bytes[count] = '\0';
		found = found || memchr(bytes, '{', (size_t)count) != NULL;
	}
	return found;
}

/* The line waits for the pipe; when there is room in it, the lane is another one's. */
static void
in_front_of_a_full_pipe(void **state)
{
	char *path = temp_path("pipe"), sink[512];
	const int fd = fill_pipe(path);
	struct process *daemon;

	(void)state;
	add_due("1h");
	snprintf(sink, sizeof sink, "sink = \"jsonl\"; jsonl_file = \"%s\";", path);
	daemon = start_daemon("1s", sink, NULL);
	assert_true(fixture_await(world.connection, 1, PATIENCE_MS, "SELECT count(*) FROM inflight"));
	usleep(300 * 1000); /* until it has been read and handed to the sink, or the test shows less */
	process_signal(daemon, SIGSTOP);
	await_stop(daemon);
	take_its_lanes();
	empty_pipe(fd);
	process_signal(daemon, SIGCONT);
	assert_true(fixture_await(world.connection, 1, PATIENCE_MS, "SELECT count(*) FROM slot"));
	end(&daemon);
	assert_false(empty_pipe(fd));
	close(fd);
	free(path);
}

/* Nobody stands still but the reader, until after the last lawful instant. */
static void
a_line_does_not_wait_past_its_time(void **state)
{
	char *path = temp_path("late"), sink[512];
	const int fd = fill_pipe(path);
	struct process *daemon;

	(void)state;
	add_due("5s");
	snprintf(sink, sizeof sink, "sink = \"jsonl\"; jsonl_file = \"%s\";", path);
	daemon = start_daemon("1m", sink, NULL);
	assert_true(fixture_await(world.connection, 1, PATIENCE_MS, "SELECT count(*) FROM release WHERE outcome = 'expired'"));
	empty_pipe(fd);
	end(&daemon);
	assert_false(empty_pipe(fd));
	close(fd);
	free(path);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_database, close_database)
	const struct CMUnitTest tests[] = {
		TEST(before_the_connection_is_made),
		TEST(between_head_and_body),
		TEST(until_it_is_too_late),
		TEST(in_front_of_a_full_pipe),
		TEST(a_line_does_not_wait_past_its_time),
	};
	return cmocka_run_group_tests_name("standstill", tests, open_world, close_world);
}
