#include "http_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fixture_slots.h"
#include "pg_cluster.h"
#include "sql_expect.h"
#include "temp.h"

static const char daypartd[] = DAYPART_BUILD_DIR "/daypartd";

struct http_world world;

int
http_world_open(void **state)
{
	(void)state;
	world.cluster = pg_cluster_start(NULL);
	free(fixture_slots_database(world.cluster, "template_http", false));
	return 0;
}

int
http_world_close(void **state)
{
	(void)state;
	pg_cluster_stop(&world.cluster);
	return 0;
}

void
http_world_open_database(const char *name)
{
	world.conninfo = pg_cluster_new_database(world.cluster, name, "template_http");
	world.connection = sql_connect(world.conninfo, NULL);
}

void
http_world_close_database(void)
{
	PQfinish(world.connection);
	free(world.conninfo);
}

struct process *
http_world_start(const struct provider *provider, const char *path, const char *http)
{
	static const char *const env[] = {"DAYPART_TEST_TOKEN=t0ken", "no_proxy=*", NULL};
	char text[2048], *config;
	const char *argv[] = {daypartd, "--config", NULL, NULL};
	struct process *daemon;

	snprintf(text, sizeof text,
		"database = \"%s\";\nrelease = { poll = \"1s\"; lease = \"1s\"; sink = \"http\"; http = { url = \"%s%s\"; token = "
		"\"env:DAYPART_TEST_TOKEN\"; %s "
		"}; };\n",
		world.conninfo, provider_url(provider), path, http);
	argv[2] = config = temp_write("http.cfg", text);
	daemon = process_start(argv, &(struct process_options){.env = env});
	assert_true(process_await_output(daemon, "ready", HTTP_PATIENCE_MS));
	free(config);
	return daemon;
}

void
http_world_stop(struct process **daemon)
{
	struct process_result result;

	process_signal(*daemon, SIGTERM);
	result = process_wait(daemon);
	if (result.exit_code != 0)
		print_error("%s", result.err);
	assert_int_equal(result.exit_code, 0);
	assert_null(strstr(result.err, "t0ken"));
	process_result_free(&result);
}

int
http_world_campaign(const char *name, int people)
{
	const int run = fixture_slots_campaign(world.connection, &(struct fixture_campaign){.name = name, .sender = name});

	fixture_execute(world.connection,
		"INSERT INTO template (name, language, business, channel, category, body, status, created_by) "
		"VALUES ('%s', 'en', 'acme', 'sms', 'marketing', 'Hello', 'approved', 'ana');"
		"UPDATE sender SET portfolio = name WHERE name = '%s';"
		"UPDATE campaign SET template = '%s' WHERE name = '%s';"
		"UPDATE campaign_run AS r SET campaign_hash = campaign_digest(c) FROM campaign AS c WHERE c.campaign_id = r.campaign_id AND "
		"r.run_id = %d",
		name, name, name, name, run);
	fixture_slots_add(world.connection, &(struct fixture_slots){.run = run, .count = people, .due = "-1s", .not_after = "1h"});
	return run;
}

char *
http_world_key(int run, int person)
{
	char query[256];

	snprintf(query, sizeof query, "SELECT format('%%s:%%s:%%s', installation_id, %d, public.fixture_person(%d, %d)) FROM installation", run,
		run, person);
	return sql_text(world.connection, query);
}

char *
http_world_fate(int run)
{
	char query[1024];

	snprintf(query, sizeof query,
		"SELECT string_agg(what, ', ' ORDER BY what) FROM (SELECT 'queued' AS what FROM slot WHERE run_id = %d "
		"UNION ALL SELECT CASE WHEN uncertain_at IS NULL THEN 'in flight' ELSE 'uncertain' END FROM inflight WHERE run_id = %d "
		"UNION ALL SELECT concat_ws(' ', outcome::text, name) FROM release LEFT JOIN reason USING (reason) WHERE run_id = %d "
		"UNION ALL SELECT concat_ws(' ', s.kind::text, name) FROM suppressed AS s LEFT JOIN reason USING (reason) WHERE run_id = %d) AS "
		"place",
		run, run, run, run);
	return sql_text(world.connection, query);
}
