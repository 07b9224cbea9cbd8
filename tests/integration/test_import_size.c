/* daypart import: large files, killed in the middle, and the memory they take. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/daypart.h"
#include "tests/support/fixture_slots.h"
#include "tests/support/import_world.h"
#include "tests/support/temp.h"

#ifdef __has_feature
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1 /* a sanitizer keeps freed memory */
#endif
#endif

enum { AWAIT_MS = 60000 };

/* Size and interruption --------------------------------------------------------------------------------------------------------------------- */

static char *
write_people(const char *name, int count)
{
	char *path = temp_path(name);
	FILE *out = fopen(path, "w");

	assert_non_null(out);
	fputs("phone,region,timezone,source\n", out);
	for (int i = 0; i < count; i++)
		fprintf(out, "+1212%07d,US,America/Los_Angeles,somewhere in the shop\n", 2000000 + i);
	assert_int_equal(fclose(out), 0);
	return path;
}

static void
an_import_that_was_killed_is_completed_by_repeating_it(void **state)
{
	enum { PEOPLE = 30000 };
	char *path = write_people("killed.csv", PEOPLE), *command, *counts;
	struct process *process;
	struct process_result result;
	int64_t landed;

	(void)state;
	assert_true(asprintf(&command, "import recipients %s", path) > 0);
	process = daypart_start(import_world.conninfo, command);
	assert_true(fixture_await(import_world.connection, 1, AWAIT_MS, "SELECT (count(*) > 5)::int FROM recipient"));
	process_signal(process, SIGKILL);
	result = process_wait(&process);
	assert_int_equal(result.signal, SIGKILL);
	process_result_free(&result);
	assert_true(fixture_await(
		import_world.connection, 0, AWAIT_MS, "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'daypart import'"));
	landed = fixture_number(import_world.connection, "SELECT count(*) - 5 FROM recipient");
	assert_int_equal(landed % 5000, 0); /* whole batches */

	assert_true(asprintf(&counts, "%lld", (long long)(PEOPLE - landed)) > 0);
	result = daypart_run(import_world.conninfo, command);
	assert_int_equal(result.exit_code, 0);
	assert_non_null(strstr(result.out, counts));
	process_result_free(&result);
	assert_int_equal(fixture_number(import_world.connection, "SELECT count(*) - 5 FROM recipient"), PEOPLE);
	free(counts);
	free(command);
	free(path);
}

#ifndef SANITIZED
/* Peak resident memory of an import, in KiB. */
static long
peak_memory(const char *path)
{
	struct rusage usage;
	int status;
	const pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		setenv("DAYPART_CONFIG", "/dev/null", 1);
		setenv("PGOPTIONS", "", 1);
		if (freopen("/dev/null", "w", stdout) == NULL)
			_exit(70);
		char *settings;
		if (asprintf(&settings, "%s/memory.cfg", temp_dir()) < 0)
			_exit(70);
		execl(DAYPART_BUILD_DIR "/daypart", "daypart", "--config", settings, "import", "recipients", path, "--dry-run", (char *)NULL);
		_exit(70);
	}
	assert_int_equal(wait4(child, &status, 0, &usage), child);
	assert_int_equal(WEXITSTATUS(status), 0);
	return usage.ru_maxrss;
}

static void
memory_does_not_grow_with_the_file(void **state)
{
	char *settings, *file;
	char *small = write_people("small.csv", 10000), *large = write_people("large.csv", 300000);
	long of_small, of_large;

	(void)state;
	assert_true(asprintf(&settings, "database = \"%s\";\n", import_world.conninfo) > 0);
	file = temp_write("memory.cfg", settings);
	of_small = peak_memory(small);
	of_large = peak_memory(large);
	if (of_large > of_small + of_small / 4)
		print_error("%ld KiB for 10,000 rows, %ld KiB for 300,000\n", of_small, of_large);
	assert_true(of_large <= of_small + of_small / 4);
	free(file);
	free(settings);
	free(small);
	free(large);
}
#endif

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IMPORT_TEST(an_import_that_was_killed_is_completed_by_repeating_it),
#ifndef SANITIZED
		IMPORT_TEST(memory_does_not_grow_with_the_file),
#endif
	};

	return cmocka_run_group_tests(tests, import_world_start, import_world_stop) != 0;
}
