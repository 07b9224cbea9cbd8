/*
 * daypartd while somebody sets the clock of its host, days forward and days back: what is due leaves, nothing is judged by a day that is not, and
 * while the clocks of host and database are apart for longer than a look, nothing leaves at all.
 *
 * The clock is set for daypartd alone, by tests/support/preload/clock_step.c: setting that of the machine would disturb everybody on it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/support/fixture_slots.h"
#include "tests/support/pg_cluster.h"
#include "tests/support/process.h"
#include "tests/support/sql_expect.h"
#include "tests/support/temp.h"

enum { SLOTS = 60, PATIENCE_MS = 30 * 1000 };

#define DAY_US (INT64_C(86400) * 1000000)

struct stepped {
	struct pg_cluster *cluster;
	char *conninfo, *config, *step_file;
	PGconn *connection;
	_Atomic int64_t *step_us;
	struct process *daemon;
};

/* Lawful today; from the day after tomorrow on, UTC, closed for good: who believes in another day holds everything. */
static void
close_the_future(PGconn *connection)
{
	char *from = sql_text(connection, "SELECT (now() AT TIME ZONE 'UTC')::date + 2");
	char text[1024];

	(void)snprintf(text, sizeof(text),
		"id = \"house\"; title = \"House\"; status = \"enforced\"; regions = \"everywhere\"; review_by = \"2099-12-31\"; "
		"windows = ( { id = \"house.window\"; source = \"house\"; strength = \"must\"; categories = [\"marketing\"]; "
		"from = \"%s\"; until = \"2098-01-01\"; days = { every_day = \"closed\"; }; } );",
		from);
	fixture_slots_rulebook(connection, text);
	free(from);
}

static int
start(void **state)
{
	struct stepped *stepped = calloc(1, sizeof(*stepped));
	const int64_t none = 0;
	char env[2][1024], text[1024];
	int fd;

	stepped->cluster = pg_cluster_start(NULL);
	stepped->conninfo = fixture_slots_database(stepped->cluster, "clock_steps", false);
	stepped->connection = sql_connect(stepped->conninfo, NULL);
	close_the_future(stepped->connection);
	stepped->step_file = temp_write("step", "12345678");
	fd = open(stepped->step_file, O_RDWR | O_CLOEXEC);
	assert_int_equal(pwrite(fd, &none, sizeof(none), 0), sizeof(none));
	stepped->step_us = mmap(NULL, sizeof(none), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	assert_true(stepped->step_us != MAP_FAILED);
	close(fd);
	(void)snprintf(text, sizeof(text), "database = \"%s\";\nrelease = { poll = \"1s\"; };\n", stepped->conninfo);
	stepped->config = temp_write("daypart.cfg", text);
	(void)snprintf(env[0], sizeof(env[0]), "LD_PRELOAD=%s", DAYPART_BUILD_DIR "/tests/libclock_step.so");
	(void)snprintf(env[1], sizeof(env[1]), "DAYPART_TEST_CLOCK_STEP=%s", stepped->step_file);
	stepped->daemon = process_start((const char *[]){DAYPART_BUILD_DIR "/daypartd", "--config", stepped->config, NULL},
		&(struct process_options){.env = (const char *[]){env[0], env[1], "ASAN_OPTIONS=verify_asan_link_order=0", NULL}});
	assert_true(process_await_output(stepped->daemon, "ready", PATIENCE_MS));
	*state = stepped;
	return 0;
}

static int
stop(void **state)
{
	struct stepped *stepped = *state;

	process_signal(stepped->daemon, SIGTERM);
	struct process_result result = process_wait(&stepped->daemon);
	assert_int_equal(result.exit_code, 0);
	process_result_free(&result);
	PQfinish(stepped->connection);
	pg_cluster_stop(&stepped->cluster);
	munmap((void *)stepped->step_us, sizeof(*stepped->step_us));
	free(stepped->conninfo);
	free(stepped->config);
	free(stepped->step_file);
	free(stepped);
	return 0;
}

static int
campaign(const struct stepped *stepped, const char *name)
{
	fixture_execute(stepped->connection, "DELETE FROM release");
	return fixture_slots_campaign(stepped->connection, &(struct fixture_campaign){.name = name, .sender = "north"});
}

/* A third leaves before the step; a third with the clock set wrong, or the daemon says that it is; the rest when it is right again. */
static void
step(const struct stepped *stepped, const char *name, int64_t by_us)
{
	fixture_slots_add(stepped->connection,
		&(struct fixture_slots){.run = campaign(stepped, name), .count = SLOTS, .due = "100ms", .spacing = "50ms", .not_after = "1h"});
	sql_run(stepped->connection, "NOTIFY daypart");
	assert_true(fixture_await(stepped->connection, 1, PATIENCE_MS, "SELECT (count(*) >= 20)::int FROM release"));
	*stepped->step_us = by_us;
	while (fixture_number(stepped->connection, "SELECT count(*) FROM release") < 40 &&
		!process_await_output(stepped->daemon, "nothing is released until they agree", 100))
		;
	*stepped->step_us = 0;
	assert_true(fixture_await(stepped->connection, 0, PATIENCE_MS, "SELECT count(*) FROM slot"));
	sql_expect(stepped->connection, "SELECT outcome, count(*) FROM release GROUP BY outcome", "handed_over|60");
	sql_expect(stepped->connection, "SELECT count(*) FROM suppressed", "0");
	sql_expect(stepped->connection, "SELECT count(*) FROM release WHERE released_at < due_at", "0");
}

static void
a_clock_that_is_set_forward_changes_nothing(void **state)
{
	step(*state, "spring", 4 * DAY_US);
}

static void
a_clock_that_is_set_back_changes_nothing(void **state)
{
	step(*state, "summer", -4 * DAY_US);
}

/* Longer than a measure: nothing leaves, whatever is due, until the clocks agree. */
static void
clocks_that_stay_apart_release_nothing(void **state)
{
	const struct stepped *stepped = *state;

	*stepped->step_us = 4 * DAY_US;
	assert_true(process_await_output(stepped->daemon, "nothing is released until they agree", PATIENCE_MS));
	fixture_slots_add(
		stepped->connection, &(struct fixture_slots){.run = campaign(stepped, "autumn"), .count = 5, .due = "-1s", .not_after = "1h"});
	sql_run(stepped->connection, "NOTIFY daypart; SELECT pg_sleep(1.5)"); /* a look passes */
	sql_expect(stepped->connection, "SELECT count(*) FROM slot", "5");
	*stepped->step_us = 0;
	assert_true(fixture_await(stepped->connection, 5, PATIENCE_MS, "SELECT count(*) FROM release"));
	sql_expect(stepped->connection, "SELECT count(*) FROM suppressed", "0");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_clock_that_is_set_forward_changes_nothing),
		cmocka_unit_test(a_clock_that_is_set_back_changes_nothing),
		cmocka_unit_test(clocks_that_stay_apart_release_nothing),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
