#include "import_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "case_file.h"
#include "daypart.h"
#include "pg_cluster.h"
#include "schema_fixture.h"
#include "sql_expect.h"
#include "temp.h"

struct import_world import_world;

int
import_world_start(void **state)
{
	(void)state;
	import_world.cluster = pg_cluster_start(&(struct pg_cluster_options){.own = true});
	return 0;
}

int
import_world_stop(void **state)
{
	(void)state;
	pg_cluster_stop(&import_world.cluster);
	return 0;
}

int
import_world_make(void **state)
{
	static int count;
	char name[32];

	(void)state;
	snprintf(name, sizeof(name), "import_%d", ++count);
	import_world.conninfo = schema_database(import_world.cluster, name);
	import_world.connection = sql_connect(import_world.conninfo, NULL);
	schema_world(import_world.connection);
	return 0;
}

int
import_world_end(void **state)
{
	(void)state;
	PQfinish(import_world.connection);
	free(import_world.conninfo);
	return 0;
}

/* Files ------------------------------------------------------------------------------------------------------------------------------------ */

/* \n, \0 and \xHH of a case file. Returns the size. */
static size_t
unescape(const char *text, char *out)
{
	size_t size = 0;

	for (; *text != '\0'; text++) {
		if (strncmp(text, "\\n", 2) == 0 || strncmp(text, "\\0", 2) == 0)
			out[size++] = *++text == 'n' ? '\n' : '\0';
		else if (strncmp(text, "\\x", 2) == 0) {
			const char digits[] = {text[2], text[3], '\0'};

			out[size++] = (char)strtoul(digits, NULL, 16);
			text += 3;
		} else
			out[size++] = *text;
	}
	return size;
}

struct process_result
import_world_file(const char *kind, const char *path, const char *options)
{
	char command[IMPORT_COMMAND_MAX];

	snprintf(command, sizeof(command), "import %s %s %s", kind, path, options);
	return daypart_run(import_world.conninfo, command);
}

struct process_result
import_world_bytes(const char *kind, const char *bytes, size_t size)
{
	char *path = temp_write_bytes("file.csv", bytes, size);
	char *rejects = temp_path("file.rejects.csv");
	struct process_result result;

	unlink(rejects);
	result = import_world_file(kind, path, "");
	free(rejects);
	free(path);
	return result;
}

struct process_result
import_world_case(const char *kind, const char *escaped)
{
	char *bytes = malloc(strlen(escaped) + 1);
	const size_t size = unescape(escaped, bytes);
	const struct process_result result = import_world_bytes(kind, bytes, size);

	free(bytes);
	return result;
}

char *
import_world_rejects(void)
{
	char *path = temp_path("file.rejects.csv");
	char *text = access(path, F_OK) == 0 ? file_read(path, NULL) : strdup("");

	free(path);
	return text;
}

void
import_world_expect_counts(const char *kind, const char *text, const char *counts)
{
	char *path = temp_write("file.csv", text);
	char line[IMPORT_COMMAND_MAX], expected[256];
	struct process_result result;
	long rows = 0;
	char *end;

	for (const char *count = counts; *count != '\0'; count = *end == ',' ? end + 1 : end)
		rows += strtol(count, &end, 10);
	snprintf(line, sizeof(line), "--format csv import %s %s", kind, path);
	result = daypart_run(import_world.conninfo, line);
	snprintf(expected, sizeof(expected), "\n%s,%ld,%s,", kind, rows, counts);
	if (strstr(result.out, expected) == NULL)
		print_error("%s: expected \"%s\" in:\n%s%s\n", kind, expected + 1, result.out, result.err);
	assert_non_null(strstr(result.out, expected));
	process_result_free(&result);
	free(path);
}
