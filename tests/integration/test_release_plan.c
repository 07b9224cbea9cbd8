/*
 * The plan of the claim, as a worker's session makes it: index probes into every hot table, whatever the statistics say. A scan would be right
 * in every result and hopeless at a million slots, so it is the plan that is read.
 *
 * Every state of the tables is looked at, because the plan is made once in a session and kept: a queue that was analysed when it was empty, one
 * that was never analysed, and a full one in several parts.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "sql/session.h"
#include "tests/support/fixture_slots.h"
#include "tests/support/pg_cluster.h"
#include "tests/support/sql_expect.h"

static const char execute[] = "EXPLAIN (COSTS off) EXECUTE claim(1, NULL, 1000, '{1}', '{-infinity}', '{infinity}', '{3}', 1, '2 s', "
							  "'outbox', '{0}', '{t}', 1, 1, 1, '{}', 'infinity')";

struct world {
	struct pg_cluster *cluster;
	char *conninfo;
	PGconn *connection;
	int run;
};

static struct world world;

static int
open_world(void **state)
{
	(void)state;
	world.cluster = pg_cluster_start(NULL);
	world.conninfo = fixture_slots_database(world.cluster, "release_plan", false);
	world.connection = sql_connect(world.conninfo, NULL);
	world.run = fixture_slots_campaign(world.connection, &(struct fixture_campaign){.name = "spring", .sender = "north"});
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

/* As a worker does it: its settings, then the statement, prepared. */
static char *
plan(void)
{
	static const char types[] = "PREPARE claim(int2, timestamptz, int, int[], timestamptz[], timestamptz[], int[], int, interval, text, "
								"int8[], boolean[], int8, int8, int, int[], timestamptz) AS ";
	PGconn *connection = sql_connect(world.conninfo, NULL);
	char *prepare = malloc(sizeof(types) + strlen(sql_query_release_claim.text)), *text;

	assert_non_null(prepare);
	strcpy(prepare, types);
	strcat(prepare, sql_query_release_claim.text);
	sql_run(connection, sql_query_release_session.text);
	sql_run(connection, prepare);
	text = sql_text(connection, execute);
	free(prepare);
	PQfinish(connection);
	return text;
}

static void
expect_probes_only(void)
{
	static const char *const must[] = {
		"Index Scan using slot_0_lane_due_at_idx",
		"Merge Append",
		"Tid Scan on slot_0",
		"suppression_pkey",
		"consent_pkey",
		"release_0_pkey",
		"outside_send_pkey",
		"outbox_dropped_pkey",
		"Index Scan using lane_lease",
	};
	static const char *const must_not[] = {"Seq Scan", "Bitmap", "Hash Join", "Merge Join", "Parallel"};
	char *text = plan();

	for (size_t i = 0; i < sizeof(must) / sizeof(must[0]); i++)
		if (strstr(text, must[i]) == NULL)
			fail_msg("no \"%s\" in:\n%s", must[i], text);
	for (size_t i = 0; i < sizeof(must_not) / sizeof(must_not[0]); i++)
		if (strstr(text, must_not[i]) != NULL)
			fail_msg("\"%s\" in:\n%s", must_not[i], text);
	free(text);
}

static void
make_part(int part)
{
	fixture_execute(world.connection, "CREATE TABLE slot_%d PARTITION OF slot FOR VALUES IN (%d)", part, part);
}

static void
probes_in_an_empty_queue(void **state)
{
	(void)state;
	make_part(1);
	expect_probes_only();
	sql_run(world.connection, "ANALYZE");
	expect_probes_only();
}

static void
probes_in_a_full_queue(void **state)
{
	(void)state;
	fixture_slots_add(
		world.connection, &(struct fixture_slots){.run = world.run, .count = 50000, .due = "-1h", .spacing = "10ms", .not_after = "1d"});
	make_part(2);
	sql_run(world.connection, "UPDATE slot SET part = 2 WHERE recipient_id % 3 = 0");
	expect_probes_only(); /* statistics are those of the empty queue */
	sql_run(world.connection, "ANALYZE");
	expect_probes_only();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(probes_in_an_empty_queue),
		cmocka_unit_test(probes_in_a_full_queue),
	};

	return cmocka_run_group_tests(tests, open_world, close_world) != 0;
}
