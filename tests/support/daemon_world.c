#include "daemon_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "fixture_slots.h"
#include "pg_cluster.h"
#include "sql_expect.h"
#include "temp.h"

struct daemon_world daemon_world;

static const char daypartd[] = DAYPART_BUILD_DIR "/daypartd";

/* World ------------------------------------------------------------------------------------------------------------------------------------- */

char *
daemon_world_config(const char *conninfo, const char *rest)
{
	char text[2048];

	(void)snprintf(text, sizeof(text), "database = \"%s\";\nrelease = { poll = \"1s\"; };\n%s\n", conninfo, rest);
	return temp_write("daypart.cfg", text);
}

int
daemon_world_start(void **state)
{
	(void)state;
	daemon_world.cluster = pg_cluster_start(NULL);
	free(fixture_slots_database(daemon_world.cluster, "template_release", false));
	return 0;
}

int
daemon_world_stop(void **state)
{
	(void)state;
	pg_cluster_stop(&daemon_world.cluster);
	return 0;
}

int
daemon_world_open(void **state)
{
	char name[32];

	(void)state;
	(void)snprintf(name, sizeof(name), "release_%d", ++daemon_world.databases);
	daemon_world.conninfo = pg_cluster_new_database(daemon_world.cluster, name, "template_release");
	daemon_world.connection = sql_connect(daemon_world.conninfo, NULL);
	daemon_world.config = daemon_world_config(daemon_world.conninfo, "");
	return 0;
}

int
daemon_world_close(void **state)
{
	(void)state;
	PQfinish(daemon_world.connection);
	free(daemon_world.conninfo);
	free(daemon_world.config);
	return 0;
}

/* Shorthands -------------------------------------------------------------------------------------------------------------------------------- */

struct process *
daemon_world_spawn(const char *option)
{
	const char *argv[] = {daypartd, "--config", daemon_world.config, option, NULL};

	return process_start(argv, NULL);
}

struct process *
daemon_world_spawn_ready(void)
{
	struct process *daemon = daemon_world_spawn(NULL);

	assert_true(process_await_output(daemon, "ready", DAEMON_PATIENCE_MS));
	return daemon;
}

void
daemon_world_expect_exit(struct process **daemon, int code)
{
	struct process_result result = process_wait(daemon);

	if (result.exit_code != code)
		print_error("%s", result.err);
	assert_int_equal(result.exit_code, code);
	process_result_free(&result);
}

void
daemon_world_end(struct process **daemon)
{
	process_signal(*daemon, SIGTERM);
	daemon_world_expect_exit(daemon, 0);
}

void
daemon_world_run_until_idle(void)
{
	struct process *daemon = daemon_world_spawn("--until-idle");

	daemon_world_expect_exit(&daemon, 0);
}

int
daemon_world_campaign(const char *name, const char *sender)
{
	return fixture_slots_campaign(daemon_world.connection, &(struct fixture_campaign){.name = name, .sender = sender});
}

void
daemon_world_add_due(int run, int count)
{
	fixture_slots_add(daemon_world.connection, &(struct fixture_slots){.run = run, .count = count, .due = "-1s", .not_after = "1h"});
}

void
daemon_world_expect_outcome(int run, const char *outcomes)
{
	char query[512];

	(void)snprintf(query, sizeof(query),
		"SELECT what, count(*) FROM (SELECT outcome::text || coalesce(' ' || name, '') AS what FROM release LEFT JOIN reason USING "
		"(reason) "
		"WHERE run_id = %d UNION ALL SELECT s.kind || ' ' || name FROM suppressed s JOIN reason USING (reason) WHERE run_id = %d "
		"UNION ALL SELECT 'queued' FROM slot WHERE run_id = %d) AS everybody GROUP BY what ORDER BY what",
		run, run, run);
	sql_expect(daemon_world.connection, query, outcomes);
}

bool
daemon_world_await(int64_t expected, const char *query)
{
	return fixture_await(daemon_world.connection, expected, DAEMON_PATIENCE_MS, query);
}
