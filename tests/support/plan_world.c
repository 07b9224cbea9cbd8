#include "plan_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daypart.h"
#include "oracle.h"
#include "sql_expect.h"
#include "temp.h"

enum { QUERY_MAX = 256 };

int
plan_world_start(void **state)
{
	struct plan_world *group = calloc(1, sizeof(*group));
	struct process_result result;
	PGconn *connection;
	char *lawful = file_read(DAYPART_SOURCE_DIR "/tests/support/lawful.sql", NULL);
	char *world = file_read(DAYPART_SOURCE_DIR "/tests/support/plan_world.sql", NULL);

	if (group == NULL)
		support_fail("out of memory");
	group->cluster = pg_cluster_start(NULL);
	group->conninfo = pg_cluster_new_database(group->cluster, "template", NULL);
	result = daypart_run(group->conninfo, "init");
	if (result.exit_code != 0)
		support_fail("daypart init: exit code %d: %s", result.exit_code, result.err);
	process_result_free(&result);
	connection = sql_connect(group->conninfo, NULL);
	sql_run(connection, lawful);
	sql_run(connection, world);
	PQfinish(connection);
	free(world);
	free(lawful);
	*state = group;
	return 0;
}

int
plan_world_stop(void **state)
{
	struct plan_world *group = *state;

	pg_cluster_stop(&group->cluster);
	free(group->conninfo);
	free(group);
	return 0;
}

int
plan_world_open(void **state)
{
	static int count;
	const struct plan_world *group = *state;
	struct plan_world *world = malloc(sizeof(*world));
	char name[32];

	if (world == NULL)
		support_fail("out of memory");
	snprintf(name, sizeof(name), "plan_%d", ++count);
	*world = (struct plan_world){.cluster = group->cluster, .conninfo = pg_cluster_new_database(group->cluster, name, "template")};
	world->connection = sql_connect(world->conninfo, NULL);
	sql_run(world->connection, "SET search_path = daypart, fixture, pg_catalog, pg_temp; SET daypart.now = '2026-11-22T12:00Z'");
	*state = world;
	return 0;
}

int
plan_world_close(void **state)
{
	struct plan_world *world = *state;

	PQfinish(world->connection);
	free(world->conninfo);
	free(world);
	return 0;
}

void
plan_world_run(const struct plan_world *world, const char *line)
{
	struct process_result result = daypart_run(world->conninfo, line);

	if (result.exit_code != 0 || *result.err != '\0')
		fail_msg("daypart %s: exit code %d\n%s%s", line, result.exit_code, result.out, result.err);
	process_result_free(&result);
}

void
plan_world_make(const struct plan_world *world, const char *line)
{
	plan_world_run(world, line);
	oracle_expect_lawful(world->connection);
}

void
plan_world_fail(const struct plan_world *world, const char *line, int exit_code, const char *part)
{
	struct process_result result = daypart_run(world->conninfo, line);

	if (result.exit_code != exit_code || (strstr(result.out, part) == NULL && strstr(result.err, part) == NULL))
		fail_msg(
			"daypart %s: exit code %d, expected %d and \"%s\" in:\n%s%s", line, result.exit_code, exit_code, part, result.out, result.err);
	process_result_free(&result);
}

static void
copy_rules(const char *folder, const char *edit)
{
	char command[1024];
	const char *argv[] = {"sh", "-c", command, NULL};
	struct process_result result;

	snprintf(command, sizeof(command), "rm -rf %s; cp -r %s/conf/rulebook %s%s", folder, DAYPART_SOURCE_DIR, folder, edit);
	result = process_run(argv, NULL);
	if (result.exit_code != 0)
		support_fail("%s: %s", command, result.err);
	process_result_free(&result);
}

static void
load_rules(const struct plan_world *world, const char *folder)
{
	char settings[1024];
	struct process_result result;

	snprintf(settings, sizeof(settings), "database = \"%s\";\nrulebook_dir = \"%s\";\n", world->conninfo, folder);
	result = daypart_run_with(settings, "init");
	if (result.exit_code != 0)
		fail_msg("daypart init: %s%s", result.out, result.err);
	process_result_free(&result);
}

void
plan_world_edit_rules(const struct plan_world *world, const char *file, const char *edit)
{
	char *folder = temp_path("rules"), command[512];

	snprintf(command, sizeof(command), " && sed -i '%s' %s/%s", edit, folder, file);
	copy_rules(folder, command);
	load_rules(world, folder);
	free(folder);
}

void
plan_world_add_rules(const struct plan_world *world, const char *rules)
{
	char *folder = temp_path("rules"), *text;

	copy_rules(folder, "");
	if (asprintf(&text,
			"id = \"ours\"; title = \"Ours\"; kind = \"house\"; status = \"enforced\"; regions = [\"US\"]; review_by = \"2099-12-31\";\n%s",
			rules) < 0)
		support_fail("out of memory");
	free(temp_write("rules/ours.cfg", text));
	load_rules(world, folder);
	free(text);
	free(folder);
}

void
plan_world_expect(const struct plan_world *world, const char *campaign, const char *outcomes)
{
	char query[QUERY_MAX];

	snprintf(query, sizeof(query), "SELECT person, outcome FROM outcome WHERE campaign = '%s' ORDER BY person COLLATE \"C\", occurrence",
		campaign);
	sql_expect(world->connection, query, outcomes);
}
