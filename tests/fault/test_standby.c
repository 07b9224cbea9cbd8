/*
 * The primary dies while messages leave, and a synchronous standby takes its place: daypartd, which knows both, goes on, and nobody is lost or gets a
 * message twice.
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
#include <unistd.h>

#include "tests/support/fixture_slots.h"
#include "tests/support/pg_cluster.h"
#include "tests/support/process.h"
#include "tests/support/provider.h"
#include "tests/support/sql_expect.h"
#include "tests/support/temp.h"

enum { PATIENCE_MS = 60 * 1000, SLOTS = 1500, STRIKE_AT = 300 };

struct world {
	struct pg_cluster *primary, *standby;
	char *conninfo;
	PGconn *connection; /* to the primary that is */
	struct provider *provider;
	struct process *daemon;
	int run;
};

static int
open_world(void **state)
{
	struct world *world = calloc(1, sizeof(*world));

	assert_non_null(world);
	world->primary = pg_cluster_start(&(struct pg_cluster_options){.own = true, .settings = "synchronous_commit = on"});
	world->standby = pg_cluster_start_standby(world->primary);
	world->conninfo = fixture_slots_database(world->primary, "release", false);
	world->connection = sql_connect(world->conninfo, NULL);
	world->run =
		fixture_slots_campaign(world->connection, &(struct fixture_campaign){.name = "spring", .sender = "north", .throughput = "1000"});
	fixture_slots_add(
		world->connection, &(struct fixture_slots){.run = world->run, .count = SLOTS, .due = "0s", .spacing = "1ms", .not_after = "1h"});
	sql_run(world->connection, "ALTER SYSTEM SET synchronous_standby_names = 'standby'");
	sql_run(world->connection, "SELECT pg_reload_conf()");
	if (!fixture_await(world->connection, 1, PATIENCE_MS, "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'"))
		fail_msg("the standby does not follow");
	world->provider = provider_open(&(struct provider_options){.forgets = true});
	*state = world;
	return 0;
}

static int
close_world(void **state)
{
	struct world *world = *state;

	provider_close(&world->provider);
	PQfinish(world->connection);
	pg_cluster_stop(&world->standby);
	pg_cluster_stop(&world->primary);
	free(world->conninfo);
	free(world);
	return 0;
}

static void
start_daemon(struct world *world, const char *sink)
{
	char text[2048], *config;

	(void)snprintf(text, sizeof(text),
		"database = \"host=%s,%s port=5432 user=postgres dbname=release target_session_attrs=read-write\";\n"
		"release = { poll = \"1s\"; lease = \"2s\"; batch = 20; sink = \"%s\"; http = { format = \"webhook\"; url = \"%s/in\"; token = "
		"\"env:DAYPART_TEST_TOKEN\"; }; };\n",
		pg_cluster_host(world->primary), pg_cluster_host(world->standby), sink, provider_url(world->provider));
	config = temp_write("daypartd.cfg", text);
	world->daemon = process_start((const char *[]){DAYPART_BUILD_DIR "/daypartd", "--config", config, NULL},
		&(struct process_options){.env = (const char *const[]){"no_proxy=*", "DAYPART_TEST_TOKEN=t0ken", NULL}});
	free(config);
	if (!process_await_output(world->daemon, "ready", PATIENCE_MS))
		fail_msg("%s", process_wait(&world->daemon).err);
}

/* Whoever is uncertain counts as sent, and waits for a person. */
#define DONE \
	"SELECT count(DISTINCT recipient_id) FROM (SELECT recipient_id FROM release WHERE outcome = 'handed_over' UNION ALL SELECT " \
	"recipient_id FROM" \
	" inflight WHERE uncertain_at IS NOT NULL) AS done"
#define CERTAIN "SELECT (SELECT count(*) FROM inflight), count(*), count(DISTINCT recipient_id) FROM release"

/* Who got a message, as the last reader saw it before the primary died: nobody may see it undone. */
static char *
fail_over(struct world *world)
{
	char conninfo[256], *seen;

	while (fixture_number(world->connection, "SELECT count(*) FROM release") < STRIKE_AT)
		usleep(1000);
	seen = sql_text(world->connection, "SELECT array_agg(recipient_id) FROM release");
	pg_cluster_kill(world->primary);
	PQfinish(world->connection);
	pg_cluster_promote(world->standby);
	(void)snprintf(conninfo, sizeof(conninfo), "host=%s port=5432 user=postgres dbname=release", pg_cluster_host(world->standby));
	world->connection = sql_connect(conninfo, NULL);
	return seen;
}

static void
expect_all_done(struct world *world, const char *seen)
{
	struct process_result result;

	if (!fixture_await(world->connection, SLOTS, PATIENCE_MS, DONE)) {
		process_signal(world->daemon, SIGTERM);
		fail_msg("it does not go on\n%s", process_wait(&world->daemon).err);
	}
	assert_int_equal(
		fixture_number(world->connection,
			"SELECT count(*) FROM unnest('%s'::bigint[]) AS seen (id) WHERE NOT EXISTS (SELECT FROM release WHERE recipient_id = id)",
			seen),
		0);
	sql_expect(world->connection, "SELECT (SELECT count(*) FROM slot), (SELECT count(*) FROM inflight WHERE uncertain_at IS NULL)", "0|0");
	process_signal(world->daemon, SIGTERM);
	result = process_wait(&world->daemon);
	if (result.exit_code != 0 || strstr(result.err, "the database is back") == NULL)
		fail_msg("exit code %d\n%s", result.exit_code, result.err);
	process_result_free(&result);
}

static void
nothing_in_the_outbox_is_lost_or_twice(void **state)
{
	struct world *world = *state;
	char *seen;

	start_daemon(world, "outbox");
	seen = fail_over(world);
	expect_all_done(world, seen);
	sql_expect(world->connection, "SELECT count(*), count(DISTINCT recipient_id) FROM outbox", "1500|1500");
	sql_expect(world->connection, CERTAIN, "0|1500|1500");
	free(seen);
}

static void
a_provider_gets_every_message_once(void **state)
{
	struct world *world = *state;
	char *seen;

	start_daemon(world, "http");
	seen = fail_over(world);
	expect_all_done(world, seen);
	sql_expect(world->connection, CERTAIN, "0|1500|1500");
	assert_int_equal(provider_request_count(world->provider), SLOTS);
	for (size_t i = 0; i < SLOTS; i++)
		assert_int_equal(provider_taken(world->provider, provider_record(world->provider, i).key), 1);
	free(seen);
}

/* What the standby never got leaves again, once, and daypartd says that time was lost. */
static void
an_asynchronous_standby_may_repeat_the_last_moments(void **state)
{
	struct world *world = *state;
	PGconn *standby;
	char conninfo[256], *seen;
	int64_t beats;

	sql_run(world->connection, "ALTER SYSTEM RESET synchronous_standby_names");
	sql_run(world->connection, "SELECT pg_reload_conf()");
	start_daemon(world, "http");
	while (fixture_number(world->connection, "SELECT count(*) FROM release") < STRIKE_AT / 2)
		usleep(1000);
	(void)snprintf(conninfo, sizeof(conninfo), "host=%s port=5432 user=postgres dbname=release", pg_cluster_host(world->standby));
	standby = sql_connect(conninfo, NULL);
	sql_run(standby, "ALTER SYSTEM SET primary_conninfo = ''");
	sql_run(standby, "SELECT pg_reload_conf()");
	if (!fixture_await(standby, 0, PATIENCE_MS, "SELECT count(*) FROM pg_stat_wal_receiver"))
		fail_msg("it goes on following");
	PQfinish(standby);
	beats = fixture_number(world->connection, "SELECT extract(epoch FROM beat_at) * 1000 FROM adoption");
	while (fixture_number(world->connection, "SELECT extract(epoch FROM beat_at) * 1000 FROM adoption") < beats + 1000)
		usleep(1000);
	seen = fail_over(world);
	free(seen);
	if (!process_await_output(world->daemon, "the database has lost", PATIENCE_MS))
		fail_msg("it does not tell");
	expect_all_done(world, "{}");
	assert_true(provider_request_count(world->provider) > SLOTS);
	for (size_t i = 0; i < provider_request_count(world->provider); i++)
		assert_in_range(provider_taken(world->provider, provider_record(world->provider, i).key), 1, 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(nothing_in_the_outbox_is_lost_or_twice, open_world, close_world),
		cmocka_unit_test_setup_teardown(a_provider_gets_every_message_once, open_world, close_world),
		cmocka_unit_test_setup_teardown(an_asynchronous_standby_may_repeat_the_last_moments, open_world, close_world),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
