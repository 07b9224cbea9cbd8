/* The helpers that other tests stand on: temp, process, pg_cluster. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/pg_cluster.h"
#include "tests/support/process.h"
#include "tests/support/temp.h"

static struct process_result
run(const char *command, const struct process_options *options)
{
	return process_run((const char *[]){"sh", "-c", command, NULL}, options);
}

static void
temp_files_hold_what_was_written(void **state)
{
	(void)state;
	size_t size;
	char *path = temp_write_bytes("bytes", "a\0b", 3);
	char *bytes = file_read(path, &size);

	assert_int_equal(size, 3);
	assert_memory_equal(bytes, "a\0b", 3);
	file_remove_tree(path);
	assert_int_not_equal(access(path, F_OK), 0);
	free(bytes);
	free(path);
}

static void
process_reports_exit_code_and_output(void **state)
{
	(void)state;
	struct process_result result = run("echo out; echo err >&2; exit 3", NULL);

	assert_int_equal(result.exit_code, 3);
	assert_int_equal(result.signal, 0);
	assert_string_equal(result.out, "out\n");
	assert_string_equal(result.err, "err\n");
	process_result_free(&result);
}

static void
process_takes_environment_input_and_folder(void **state)
{
	(void)state;
	char *input = temp_write("input", "hello");
	const char *env[] = {"WORD=world", "PGUSER=mine", NULL};

	setenv("PGHOST", "nowhere", 1);
	struct process_result result =
		run("cat; echo \" $WORD $PGUSER $PGHOST$(pwd)\"", &(struct process_options){.env = env, .stdin_file = input, .cwd = "/"});
	unsetenv("PGHOST");
	assert_string_equal(result.out, "hello world mine /\n");
	process_result_free(&result);
	free(input);
}

static void
process_that_cannot_start_says_why(void **state)
{
	(void)state;
	struct process_result result = process_run((const char *[]){"/nowhere/x", NULL}, NULL);

	assert_int_equal(result.exit_code, 127);
	assert_non_null(strstr(result.err, "/nowhere/x: No such file"));
	process_result_free(&result);
}

static void
process_is_watched_and_signalled(void **state)
{
	(void)state;
	struct process *process = process_start((const char *[]){"sh", "-c", "echo ready; exec cat /dev/zero >/dev/null", NULL}, NULL);

	assert_true(process_await_output(process, "ready", 10000));
	assert_false(process_await_output(process, "never", 20));
	process_signal(process, SIGKILL);
	assert_false(process_await_output(process, "never", 10000)); /* returns at its end, not at the limit */
	struct process_result result = process_wait(&process);
	assert_null(process);
	assert_int_equal(result.exit_code, -1);
	assert_int_equal(result.signal, SIGKILL);
	process_result_free(&result);
}

/* The one value of the one row, to be freed; NULL when it fails. */
static char *
value(const char *conninfo, const char *statement)
{
	PGconn *connection = PQconnectdb(conninfo);
	PGresult *result = PQexec(connection, statement);
	char *copy = PQntuples(result) == 1 ? strdup(PQgetvalue(result, 0, 0)) : NULL;

	PQclear(result);
	PQfinish(connection);
	return copy;
}

static void
assert_runs(const char *conninfo, const char *statement)
{
	PGconn *connection = PQconnectdb(conninfo);
	PGresult *result = PQexec(connection, statement);

	assert_int_equal(PQresultStatus(result), PGRES_COMMAND_OK);
	PQclear(result);
	PQfinish(connection);
}

static void
assert_value(const char *conninfo, const char *statement, const char *expected)
{
	char *found = value(conninfo, statement);

	assert_non_null(found);
	assert_string_equal(found, expected);
	free(found);
}

static void
cluster_makes_and_clones_databases(void **state)
{
	struct pg_cluster *cluster = *state;
	char *one = pg_cluster_new_database(cluster, "one", NULL);

	assert_runs(one, "CREATE TABLE t AS SELECT 7 AS x");
	char *two = pg_cluster_new_database(cluster, "two", "one");
	assert_value(two, "SELECT x FROM t", "7");
	free(one);
	free(two);
}

static void
cluster_is_fast_unless_durable(void **state)
{
	struct pg_cluster *durable = pg_cluster_start(&(struct pg_cluster_options){.durable = true, .settings = "max_connections = 17"});

	assert_value(pg_cluster_conninfo(*state), "SHOW fsync", "off");
	assert_value(pg_cluster_conninfo(durable), "SHOW fsync", "on");
	assert_value(pg_cluster_conninfo(durable), "SHOW max_connections", "17");
	pg_cluster_stop(&durable);
}

static void
cluster_keeps_its_data_over_a_restart(void **state)
{
	struct pg_cluster *cluster = *state;
	char *kept = pg_cluster_new_database(cluster, "kept", NULL);

	assert_runs(kept, "CREATE TABLE t AS SELECT 8 AS x");
	pg_cluster_restart(cluster, PG_CLUSTER_FAST);
	assert_value(kept, "SELECT x FROM t", "8");
	pg_cluster_halt(cluster, PG_CLUSTER_IMMEDIATE);
	assert_int_equal(PQping(kept), PQPING_NO_RESPONSE);
	pg_cluster_resume(cluster);
	assert_value(kept, "SELECT x FROM t", "8");
	free(kept);
}

static void
stopped_cluster_leaves_nothing(void **state)
{
	(void)state;
	struct pg_cluster *cluster = pg_cluster_start(&(struct pg_cluster_options){.own = true});
	char *dir = strdup(pg_cluster_host(cluster));

	assert_int_equal(access(dir, F_OK), 0);
	pg_cluster_stop(&cluster);
	assert_int_not_equal(access(dir, F_OK), 0);
	free(dir);
}

/* Run as `program --orphan`: prints the folder of a new cluster and waits to be killed. */
static int
orphan_main(void)
{
	struct pg_cluster *cluster = pg_cluster_start(&(struct pg_cluster_options){.own = true});

	printf("%s ready\n", pg_cluster_host(cluster));
	fflush(stdout);
	return pause();
}

static void
killed_program_leaves_no_cluster(void **state)
{
	(void)state;
	char tmpdir[128], dir[128];
	snprintf(tmpdir, sizeof tmpdir, "TMPDIR=%s", temp_dir()); /* what it leaves in its own temp folder goes with ours */
	struct process *process = process_start(
		(const char *[]){"/proc/self/exe", "--orphan", NULL}, &(struct process_options){.env = (const char *[]){tmpdir, NULL}});

	assert_true(process_await_output(process, "ready", 30000));
	process_signal(process, SIGKILL);
	struct process_result result = process_wait(&process);
	assert_int_equal(sscanf(result.out, "%127s ready", dir), 1);
	struct process_result gone =
		process_run((const char *[]){"sh", "-c",
						"i=0; while [ -e \"$0\" ] && [ $i -lt 300 ]; do i=$((i+1)); sleep 0.1; done; test ! -e \"$0\"", dir, NULL},
			NULL);
	assert_int_equal(gone.exit_code, 0);
	process_result_free(&gone);
	process_result_free(&result);
}

static int
start_cluster(void **state)
{
	*state = pg_cluster_start(&(struct pg_cluster_options){.own = true});
	return 0;
}

static int
stop_cluster(void **state)
{
	pg_cluster_stop((struct pg_cluster **)state);
	return 0;
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(temp_files_hold_what_was_written),
		cmocka_unit_test(process_reports_exit_code_and_output),
		cmocka_unit_test(process_takes_environment_input_and_folder),
		cmocka_unit_test(process_that_cannot_start_says_why),
		cmocka_unit_test(process_is_watched_and_signalled),
		cmocka_unit_test(cluster_makes_and_clones_databases),
		cmocka_unit_test(cluster_is_fast_unless_durable),
		cmocka_unit_test(cluster_keeps_its_data_over_a_restart),
		cmocka_unit_test(stopped_cluster_leaves_nothing),
		cmocka_unit_test(killed_program_leaves_no_cluster),
	};

	if (argc > 1 && strcmp(argv[1], "--orphan") == 0)
		return orphan_main();
	return cmocka_run_group_tests(tests, start_cluster, stop_cluster) != 0;
}
