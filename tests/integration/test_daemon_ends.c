/*
 * daypartd told to end while the server does not answer: it waits for nothing that it cannot have. The server is its postmaster, stopped by a
 * signal: who connects gets no answer, for ten minutes if it came to that.
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
#include <time.h>

#include "tests/support/fixture_slots.h"
#include "tests/support/process.h"
#include "tests/support/sql_expect.h"
#include "tests/support/temp.h"

enum { PATIENCE_MS = 40 * 1000, POLL_MS = 5 };

static struct {
	struct pg_cluster *cluster;
	char *conninfo;
	PGconn *connection;
	pid_t postmaster;
} world;

static int
open_world(void **state)
{
	(void)state;
	world.cluster = pg_cluster_start(&(struct pg_cluster_options){.own = true});
	world.conninfo = fixture_slots_database(world.cluster, "ends", false);
	world.connection = sql_connect(world.conninfo, NULL);
	(void)fixture_slots_campaign(world.connection, &(struct fixture_campaign){.name = "spring", .sender = "north"});
	world.postmaster = (pid_t)fixture_number(world.connection, "SELECT (regexp_match(pg_read_file('postmaster.pid'), '^[0-9]+'))[1]");
	return 0;
}

static int
close_world(void **state)
{
	(void)state;
	PQfinish(world.connection);
	free(world.conninfo);
	pg_cluster_stop(&world.cluster);
	return 0;
}

static int
go_on(void **state)
{
	(void)state;
	return kill(world.postmaster, SIGCONT);
}

static struct process *
start(void)
{
	static const char program[] = DAYPART_BUILD_DIR "/daypartd";
	char text[1024];
	char *config;
	struct process *daemon;

	(void)snprintf(
		text, sizeof(text), "database = \"%s connect_timeout=600\";\nrelease = { poll = \"1s\"; lease = \"1s\"; };\n", world.conninfo);
	config = temp_write("daypartd.cfg", text);
	daemon = process_start((const char *[]){program, "--config", config, NULL}, NULL);
	free(config);
	return daemon;
}

static void
expect_good_end(struct process **daemon, int signal)
{
	struct process_result result;

	process_signal(*daemon, signal);
	result = process_wait(daemon);
	if (result.exit_code != 0)
		fail_msg("exit code %d, signal %d\n%s", result.exit_code, result.signal, result.err);
	process_result_free(&result);
}

static bool
catches(const struct process *process, int signal)
{
	char path[64], line[256];
	unsigned long long caught = 0;
	FILE *status;

	(void)snprintf(path, sizeof(path), "/proc/%d/status", (int)process_pid(process));
	status = fopen(path, "re");
	assert_non_null(status);
	while (fgets(line, sizeof(line), status) != NULL)
		if (strncmp(line, "SigCgt:", strlen("SigCgt:")) == 0)
			caught = strtoull(line + strlen("SigCgt:"), NULL, 16);
	(void)fclose(status);
	return (caught >> (signal - 1) & 1) != 0;
}

static void
it_ends_at_once_before_it_has_begun(void **state)
{
	const struct timespec pause = {.tv_nsec = POLL_MS * 1000000L};
	struct process *daemon;

	(void)state;
	assert_int_equal(kill(world.postmaster, SIGSTOP), 0);
	daemon = start();
	for (int waited_ms = 0; !catches(daemon, SIGTERM); waited_ms += POLL_MS) {
		assert_true(waited_ms < PATIENCE_MS);
		nanosleep(&pause, NULL);
	}
	expect_good_end(&daemon, SIGTERM);
}

/* All its connections are gone, and workers and listener wait for new ones. */
static void
it_ends_at_once_while_it_connects(void **state)
{
	struct process *daemon = start();

	(void)state;
	assert_true(process_await_output(daemon, "serves 1 of 1 senders", PATIENCE_MS));
	assert_int_equal(kill(world.postmaster, SIGSTOP), 0);
	sql_run(world.connection, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'daypartd%'");
	assert_true(process_await_output(daemon, "terminating connection", PATIENCE_MS));
	expect_good_end(&daemon, SIGINT);
}

static void
it_ends_at_once_when_the_server_answers(void **state)
{
	struct process *daemon = start();

	(void)state;
	assert_true(process_await_output(daemon, "ready", PATIENCE_MS));
	expect_good_end(&daemon, SIGTERM);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(it_ends_at_once_before_it_has_begun, go_on),
		cmocka_unit_test_teardown(it_ends_at_once_while_it_connects, go_on),
		cmocka_unit_test(it_ends_at_once_when_the_server_answers),
	};

	return cmocka_run_group_tests_name("daemon_ends", tests, open_world, close_world);
}
