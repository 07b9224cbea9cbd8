/* README.md tells the truth: its commands run, one after the other, and its table of settings is that of the program. So do the examples for cron
 * and systemd. */
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

#include "conf/settings.h"
#include "tests/support/pg_cluster.h"
#include "tests/support/process.h"
#include "tests/support/sql_expect.h"
#include "tests/support/temp.h"

enum { COMMAND_MAX = 1024, READY_MS = 20000 };

static struct pg_cluster *cluster;
static char *conninfo;
static char *readme;
static char host[256], config[COMMAND_MAX], path[COMMAND_MAX];
static const char *const env[] = {host, "PGUSER=postgres", "PGDATABASE=readme", "PAGER=cat", config, path, NULL};
static const struct process_options options = {.env = env, .cwd = DAYPART_SOURCE_DIR};

static int
start(void **state)
{
	(void)state;
	cluster = pg_cluster_start(&(struct pg_cluster_options){.own = true});
	conninfo = pg_cluster_new_database(cluster, "readme", NULL);
	snprintf(host, sizeof(host), "PGHOST=%s", pg_cluster_host(cluster));
	snprintf(config, sizeof(config), "DAYPART_CONFIG=%s/tour.cfg", temp_dir());
	snprintf(path, sizeof(path), "PATH=%s:%s", DAYPART_BUILD_DIR, getenv("PATH"));
	readme = file_read(DAYPART_SOURCE_DIR "/README.md", NULL);
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	free(readme);
	free(conninfo);
	pg_cluster_stop(&cluster);
	return 0;
}

static void
test_settings_are_those_of_the_program(void **state)
{
	char *table = NULL;
	size_t size;
	FILE *out = open_memstream(&table, &size);

	(void)state;
	assert_non_null(out);
	settings_describe(out);
	fclose(out);
	if (strstr(readme, table) == NULL)
		fprintf(stderr, "README.md should hold this table:\n%s", table);
	assert_non_null(strstr(readme, table));
	free(table);
}

/* What the blocks write into build/ goes into the test's own folder; the programs are those under test. */
static void
test_blocks_run_in_order(void **state)
{
	char command[COMMAND_MAX];
	const char *argv[] = {"bash", "-c", command, NULL};
	struct process_result result;
	PGconn *connection;

	(void)state;
	snprintf(command, sizeof(command),
		"set -e; awk -f tests/support/readme_blocks.awk README.md | sed -e 's,\\$PWD/build:,%s:,' -e 's,\\$PWD/build,%s,g' -e "
		"'s,\\bbuild/,%s/,g' "
		">%s/readme.sh; bash -euo pipefail %s/readme.sh",
		DAYPART_BUILD_DIR, temp_dir(), temp_dir(), temp_dir(), temp_dir());
	result = process_run(argv, &options);
	if (result.exit_code != 0)
		fail_msg("a block of README.md failed with exit code %d\n%s\n%s", result.exit_code, result.out, result.err);
	process_result_free(&result);
	connection = sql_connect(conninfo, NULL);
	sql_expect(connection,
		"SELECT name, handed_over, suppressed, held FROM campaign_summary AS s JOIN campaign AS c ON c.name = s.campaign ORDER BY 1",
		"friday|2|1|0\nweekend|2|1|0");
	PQfinish(connection);
}

/* The line of `file` that begins with `start`, without it; the caller frees it. */
static char *
line_of(const char *file, const char *beginning)
{
	char *text = file_read(file, NULL);
	char *line = strstr(text, beginning);
	char *rest;

	if (line == NULL)
		support_fail("%s has no line \"%s...\"", file, beginning);
	line += strlen(beginning);
	line[strcspn(line, "\n")] = '\0';
	rest = strdup(line);
	free(text);
	return rest;
}

/* cron mails whatever is said. */
static void
expect_silence(const char *command)
{
	const char *argv[] = {"sh", "-c", command, NULL};
	struct process_result result = process_run(argv, &options);

	if (result.exit_code != 0 || result.out[0] != '\0' || result.err[0] != '\0')
		fail_msg("%s: exit code %d\n%s%s", command, result.exit_code, result.out, result.err);
	process_result_free(&result);
}

static void
test_crontab_line_is_silent(void **state)
{
	char *command = line_of(DAYPART_SOURCE_DIR "/conf/crontab.example", "\n*/5 * * * *  daypart  ");

	(void)state;
	expect_silence(command);
	free(command);
}

#define PROGRAM "\nExecStart=/usr/local/bin/"

static void
test_plan_service_runs(void **state)
{
	char *command = line_of(DAYPART_SOURCE_DIR "/conf/daypart-plan.service", PROGRAM);

	(void)state;
	expect_silence(command);
	free(command);
}

static void
test_daemon_service_runs_until_terminated(void **state)
{
	char *program = line_of(DAYPART_SOURCE_DIR "/conf/daypartd.service", PROGRAM);
	char command[COMMAND_MAX];
	const char *argv[] = {"sh", "-c", command, NULL};
	snprintf(command, sizeof(command), "exec %s", program);
	struct process *process = process_start(argv, &options);
	struct process_result result;

	(void)state;
	assert_true(process_await_output(process, "ready", READY_MS));
	process_signal(process, SIGTERM);
	result = process_wait(&process);
	assert_int_equal(result.exit_code, 0);
	process_result_free(&result);
	free(program);
}

/* Where there is no systemd, nobody can say. */
static void
test_services_are_understood_and_confined(void **state)
{
	(void)state;
	expect_silence("command -v systemd-analyze >/dev/null || exit 0; folder=$(mktemp -d); for unit in conf/*.service conf/*.timer; do"
				   " sed 's|/usr/local/bin|" DAYPART_BUILD_DIR "|' $unit >$folder/${unit#conf/}; done;"
				   " systemd-analyze verify --man=no $folder/* &&"
				   " systemd-analyze security --offline=true --threshold=25 --no-pager $folder/*.service >/dev/null;"
				   " code=$?; rm -rf $folder; exit $code");
}

static void
test_console_commands_exist(void **state)
{
	static const char *const names[] = {"run", "test", "setup", "build", "check", "bench", "format", "lint", "layers", "pg"};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char file[COMMAND_MAX], mention[64];

		snprintf(file, sizeof(file), "%s/scripts/%s", DAYPART_SOURCE_DIR, names[i]);
		snprintf(mention, sizeof(mention), "scripts/%s", names[i]);
		if (strstr(readme, mention) != NULL && access(file, X_OK) != 0)
			fail_msg("README.md speaks of %s, which is not there", mention);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_settings_are_those_of_the_program),
		cmocka_unit_test(test_console_commands_exist),
		cmocka_unit_test(test_blocks_run_in_order),
		cmocka_unit_test(test_crontab_line_is_silent),
		cmocka_unit_test(test_plan_service_runs),
		cmocka_unit_test(test_daemon_service_runs_until_terminated),
		cmocka_unit_test(test_services_are_understood_and_confined),
	};

	return cmocka_run_group_tests_name("readme", tests, start, stop);
}
