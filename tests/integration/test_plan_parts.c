/*
 * A large plan is loaded by several sessions into a table of its own: the plan is the same whatever their number and however little memory there is,
 * a plan that is given up leaves nothing, and what a dead planner leaves goes with the next plan.
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

#include "tests/support/daypart.h"
#include "tests/support/fixture_audience.h"
#include "tests/support/pg_cluster.h"
#include "tests/support/sql_expect.h"
#include "tests/support/strike.h"

enum { PEOPLE = 62000, PATIENCE_MS = 60 * 1000 }; /* nine in ten get a slot, more than PUBLISH_OWN_PART_ROWS */

static const char *const prepared = "prepared";

/* Every byte of the plan but for the numbers of its run and the instants of its making. */
static const char bytes[] =
	"SELECT (SELECT concat_ws(' ', count(*), md5(string_agg(concat_ws(',', recipient_id, due_at, not_after, class_id, bucket, lane, part), "
	"' ' "
	"	ORDER BY bucket, recipient_id))) FROM slot),"
	"	(SELECT concat_ws(' ', count(*), md5(string_agg(concat_ws(',', recipient_id, bucket, reason, kind, rule), ' ' "
	"	ORDER BY bucket, recipient_id))) FROM suppressed)";
static const char private_tables[] = "SELECT count(*) FROM pg_class WHERE relname ~ '^slot_[0-9]+$' AND NOT relispartition";

struct world {
	struct pg_cluster *cluster;
	int clones;
	char *conninfo;
	PGconn *connection;
};

static int
open_world(void **state)
{
	struct world *world = calloc(1, sizeof(*world));

	world->cluster = pg_cluster_start(&(struct pg_cluster_options){.own = true});
	free(fixture_audience_database(world->cluster, prepared, &(struct fixture_audience){.people = PEOPLE, .now = "2026-11-20T15:00:00Z"}));
	*state = world;
	return 0;
}

static int
close_world(void **state)
{
	struct world *world = *state;

	pg_cluster_stop(&world->cluster);
	free(world);
	return 0;
}

static void
open_clone(struct world *world)
{
	char name[32];

	snprintf(name, sizeof(name), "clone_%d", ++world->clones);
	world->conninfo = pg_cluster_new_database(world->cluster, name, prepared);
	world->connection = sql_connect(world->conninfo, NULL);
}

static void
close_clone(struct world *world)
{
	PQfinish(world->connection);
	free(world->conninfo);
}

static void
expect_plan(const struct world *world, const char *settings, const char *arguments)
{
	char text[1024], line[128];

	snprintf(text, sizeof(text), "database = \"%s\";\n%s", world->conninfo, settings);
	snprintf(line, sizeof(line), "--now 2026-11-20T14:00:00Z plan %s", arguments);
	struct process_result result = daypart_run_with(text, line);
	if (result.exit_code != 0)
		print_error("%s", result.err);
	assert_int_equal(result.exit_code, 0);
	process_result_free(&result);
}

static void
neither_jobs_nor_memory_change_the_plan(void **state)
{
	static const char *const ways[][2] = {{"", "--jobs 1"}, {"", "--jobs 2"}, {"", "--jobs 4"}, {"plan = { memory = 1; };", "--jobs 1"},
		{"plan = { memory = 1; };", "--jobs 3"}};
	struct world *world = *state;
	char *expected = NULL;

	for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
		open_clone(world);
		expect_plan(world, ways[i][0], ways[i][1]);
		sql_expect(world->connection, "SELECT count(*) > 50000 FROM slot_1", "t");
		sql_expect(world->connection, private_tables, "0");
		if (expected == NULL)
			expected = sql_text(world->connection, bytes);
		else
			sql_expect(world->connection, bytes, expected);
		/* planned again from the queue, with as little memory */
		expect_plan(world, ways[i][0], ways[i][1]);
		sql_expect(world->connection, bytes, expected);
		close_clone(world);
	}
	free(expected);
}

/* Rewrites a table with its rows in another physical order, as a restore or a CLUSTER may leave it. */
static const char reorder[] =
	"DO $$ DECLARE name text; BEGIN SET LOCAL synchronous_commit = off; SET LOCAL session_replication_role = replica; PERFORM setseed(0.7);"
	"	FOREACH name IN ARRAY '{audience_member,recipient,consent,suppression,outside_send}'::text[] LOOP"
	"		EXECUTE format('CREATE TEMP TABLE shuffled AS SELECT * FROM %I ORDER BY random()', name);"
	"		EXECUTE format('DELETE FROM %I', name);"
	"		EXECUTE format('INSERT INTO %I TABLE shuffled', name);"
	"		DROP TABLE shuffled;"
	"	END LOOP; END $$";
static const char heap_order[] = "SELECT md5(string_agg(recipient_id::text, ' ' ORDER BY ctid)) FROM recipient";

static void
the_order_of_rows_does_not_change_the_plan(void **state)
{
	struct world *world = *state;
	char *expected, *order;

	open_clone(world);
	expect_plan(world, "", "");
	expected = sql_text(world->connection, bytes);
	close_clone(world);
	open_clone(world);
	order = sql_text(world->connection, heap_order);
	sql_run(world->connection, reorder);
	char *other = sql_text(world->connection, heap_order);
	assert_string_not_equal(other, order);
	expect_plan(world, "", "");
	sql_expect(world->connection, bytes, expected);
	close_clone(world);
	free(other);
	free(order);
	free(expected);
}

static void
strike(struct world *world, const struct strike *point, int number)
{
	struct strike_hold *hold = strike_hold(point, world->conninfo);
	struct process *planner = daypart_start(world->conninfo, "--now 2026-11-20T14:00:00Z plan --jobs 2");
	struct process_result result;

	strike_await(point, world->connection, planner);
	process_signal(planner, number);
	if (number == SIGKILL)
		strike_release(&hold); /* the server notices when it has something to say */
	result = process_wait(&planner);
	if (number != SIGKILL && result.exit_code != 0)
		assert_non_null(strstr(result.err, "cancelled; the old plan stands"));
	process_result_free(&result);
	strike_release(&hold);
	assert_true(strike_await_no_client(world->connection, PATIENCE_MS));
}

static const struct strike loaded = {"the gates are closed", .lock = "SELECT FROM bucket_gate WHERE bucket = 512 FOR SHARE"};
static const struct strike copied = {"slots are copied", .statement = "%COPY \"slot\\_%"};

static void
a_plan_that_is_cancelled_leaves_nothing(void **state)
{
	static const struct strike *const points[] = {&loaded, &copied};
	struct world *world = *state;

	for (size_t i = 0; i < sizeof points / sizeof points[0]; i++) {
		open_clone(world);
		strike(world, points[i], i % 2 ? SIGINT : SIGTERM);
		sql_expect(world->connection, private_tables, "0");
		if (points[i] == &loaded)
			sql_expect(world->connection, "SELECT (SELECT count(*) FROM slot), (SELECT count(*) FROM suppressed), plan_run FROM plan_head",
				"0|0|0");
		close_clone(world);
	}
}

static void
the_next_plan_drops_what_a_dead_one_left(void **state)
{
	struct world *world = *state;

	open_clone(world);
	strike(world, &loaded, SIGKILL);
	sql_expect(world->connection, "SELECT count(*) FROM slot", "0");
	sql_expect(world->connection, private_tables, "1");
	/* one that belongs to a living planner stays */
	PGconn *living = sql_connect(world->conninfo, NULL);
	sql_expect(living, "SELECT open_slot_part()", "2");
	sql_expect(world->connection, private_tables, "2");
	expect_plan(world, "", "--jobs 2");
	sql_expect(world->connection, "SELECT count(*) > 50000 FROM slot_1", "t");
	sql_expect(world->connection, private_tables, "1");
	PQfinish(living);
	assert_true(strike_await_no_client(world->connection, PATIENCE_MS));
	expect_plan(world, "", "");
	sql_expect(world->connection, "SELECT count(*) FROM pg_class WHERE relname = 'slot_2'", "0");
	close_clone(world);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(neither_jobs_nor_memory_change_the_plan),
		cmocka_unit_test(the_order_of_rows_does_not_change_the_plan),
		cmocka_unit_test(a_plan_that_is_cancelled_leaves_nothing),
		cmocka_unit_test(the_next_plan_drops_what_a_dead_one_left),
	};
	return cmocka_run_group_tests(tests, open_world, close_world);
}
