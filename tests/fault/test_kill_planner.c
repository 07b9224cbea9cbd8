/*
 * daypart plan is killed, asked to stop, or loses its server, at points of its run that are held fast, watched for or drawn by lot.
 *
 * The database it works on has an old plan (a small campaign) and needs a new one, made beforehand once, as the reference: the small campaign is
 * moved, some of its people opted out, and a campaign of a size that gets a private part of the queue is added. Afterwards either the old plan
 * stands whole or the new one; nothing else is left; and planning again gives the reference, byte for byte.
 *
 * DAYPART_TORTURE_ROUNDS: how often it is killed at random, instead of 20.
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

#include "sql_embedded.h"
#include "tests/support/daypart.h"
#include "tests/support/fixture_audience.h"
#include "tests/support/fixture_slots.h"
#include "tests/support/random.h"
#include "tests/support/sql_expect.h"
#include "tests/support/strike.h"

enum {
	PEOPLE = 62000, /* nine in ten get a slot, more than PUBLISH_OWN_PART_ROWS */
	RANDOM_KILLS = 20,
	PATIENCE_MS = 60 * 1000
};

static const char *const prepared = "prepared";
static const char plan_line[] = "--now 2026-11-20T14:00:00Z plan";

static struct {
	struct pg_cluster *cluster;
	char *old_plan, *new_plan; /* fingerprints */
	int64_t duration_us;       /* the shortest that making the new plan has taken: what delays are drawn from */
	struct random_source random;
	int rounds;
	char *conninfo;
	PGconn *connection; /* to the clone of this round */
} world;

/* What can be seen of a plan, ids and instants of its making aside, which differ from run to run. */
static const char fingerprint[] =
	"SELECT (SELECT concat_ws(' ', 'slots', count(*), md5(string_agg(concat_ws(',', c.name, recipient_id, due_at, not_after, lane), ' ' "
	"		ORDER BY c.name, recipient_id))) FROM slot JOIN campaign_run USING (run_id) JOIN campaign c USING (campaign_id)),"
	"	(SELECT concat_ws(' ', 'without', count(*), md5(string_agg(concat_ws(',', c.name, recipient_id, reason, kind), ' ' "
	"		ORDER BY c.name, recipient_id))) FROM suppressed JOIN campaign_run USING (run_id) JOIN campaign c USING (campaign_id)),"
	"	(SELECT concat_ws(' ', 'runs', string_agg(concat_ws(',', c.name, encode(campaign_hash, 'hex'), first_at, last_at), ' ' "
	"		ORDER BY c.name)) FROM campaign_run JOIN campaign c USING (campaign_id)),"
	"	(SELECT concat_ws(' ', 'classes', count(*), 'plans', (SELECT count(*) FROM plan_run)) FROM class)";

/* World ------------------------------------------------------------------------------------------------------------------------------------- */

static void
expect_plan(const char *conninfo)
{
	struct process_result result = daypart_run(conninfo, plan_line);

	if (result.exit_code != 0)
		print_error("%s", result.err);
	assert_int_equal(result.exit_code, 0);
	process_result_free(&result);
}

/* An old plan, and the need for a new one. */
static void
prepare(const char *conninfo)
{
	PGconn *connection = sql_connect(conninfo, NULL);

	sql_run(connection,
		"UPDATE campaign SET status = 'draft', priority = 200;"
		"INSERT INTO audience (name, business) VALUES ('few', 'Acme');"
		"INSERT INTO audience_member SELECT recipient_id, (SELECT audience_id FROM audience WHERE name = 'few'), bucket FROM "
		"audience_member "
		"	WHERE bucket < 32;"
		"INSERT INTO campaign (name, sender, template, audience, starts_at, ends_at) "
		"	VALUES ('small', 'acme', 'sale', 'few', '2026-11-20T15:00:00Z', '2026-11-27T15:00:00Z');"
		"SELECT fixture.approve_campaign('small')");
	expect_plan(conninfo);
	sql_run(connection,
		"SELECT set_config('daypart.now', '2026-11-20T14:00:00Z', false);"
		"SELECT opt_out('+' || phone) FROM recipient WHERE bucket = 7;"
		"UPDATE campaign SET (local_from, local_to) = ('12:00', '20:00') WHERE name = 'small';"
		"UPDATE campaign SET status = 'approved' WHERE name = 'bench'");
	world.old_plan = sql_text(connection, fingerprint);
	PQfinish(connection);
}

static int
open_clone(void **state)
{
	char name[32];

	(void)state;
	snprintf(name, sizeof(name), "round_%d", ++world.rounds);
	world.conninfo = pg_cluster_new_database(world.cluster, name, prepared);
	world.connection = sql_connect(world.conninfo, NULL);
	return 0;
}

static int
close_clone(void **state)
{
	char statement[64];
	PGconn *connection;

	(void)state;
	PQfinish(world.connection);
	free(world.conninfo);
	connection = PQconnectdb(pg_cluster_conninfo(world.cluster));
	snprintf(statement, sizeof(statement), "DROP DATABASE round_%d", world.rounds);
	sql_run(connection, statement);
	PQfinish(connection);
	return 0;
}

static void
expect_healthy(void)
{
	for (size_t i = 0; i < sql_check_count; i++)
		sql_expect(world.connection, sql_checks[i].text, "");
}

/* On a clone with the old plan. */
static void
expect_new_plan(void)
{
	const int64_t began = strike_clock_us();
	int64_t duration_us;

	expect_plan(world.conninfo);
	duration_us = strike_clock_us() - began;
	if (duration_us < world.duration_us)
		world.duration_us = duration_us;
}

static void
make_reference(void **state)
{
	world.duration_us = INT64_MAX;
	open_clone(state);
	expect_new_plan();
	world.new_plan = sql_text(world.connection, fingerprint);
	assert_string_not_equal(world.old_plan, world.new_plan);
	sql_expect(world.connection, "SELECT count(*) > 50000 FROM slot_1", "t"); /* the private part */
	expect_healthy();
	close_clone(state);
}

static int
open_world(void **state)
{
	char *conninfo;

	world.random = random_start("kill_planner");
	world.cluster = pg_cluster_start(&(struct pg_cluster_options){.durable = true, .own = true});
	conninfo =
		fixture_audience_database(world.cluster, prepared, &(struct fixture_audience){.people = PEOPLE, .now = "2026-11-20T15:00:00Z"});
	prepare(conninfo);
	free(conninfo);
	make_reference(state);
	return 0;
}

static int
close_world(void **state)
{
	(void)state;
	free(world.old_plan);
	free(world.new_plan);
	pg_cluster_stop(&world.cluster);
	return 0;
}

/* What holds afterwards --------------------------------------------------------------------------------------------------------------------- */

/* True: the new one. */
static bool
expect_one_whole_plan(void)
{
	char *plan = sql_text(world.connection, fingerprint);
	const bool is_new = strcmp(plan, world.new_plan) == 0;

	if (!is_new)
		assert_string_equal(plan, world.old_plan);
	free(plan);
	expect_healthy();
	sql_expect(world.connection, "SELECT relname FROM pg_class WHERE relpersistence = 't'", "");
	sql_expect(world.connection, "SELECT plan_run FROM plan_run WHERE plan_run > (SELECT plan_run FROM plan_head)", "");
	return is_new;
}

static void
expect_the_reference_after_planning_again(bool is_new)
{
	if (is_new)
		expect_plan(world.conninfo);
	else
		expect_new_plan();
	sql_expect(world.connection, fingerprint, world.new_plan);
	sql_expect(world.connection, "SELECT relname FROM pg_class WHERE relname ~ '^slot_[0-9]+$' AND NOT relispartition", "");
}

static void
await_server_done(void)
{
	if (!strike_await_no_client(world.connection, PATIENCE_MS))
		fail_msg("a session of daypart goes on");
}

/* Kill -------------------------------------------------------------------------------------------------------------------------------------- */

static const struct strike points[] = {
	/* held: the planner is certain to come here and cannot leave */
	{"the audience is read", .lock = "LOCK TABLE outside_send IN ACCESS EXCLUSIVE MODE"},
	{"the plan run is written", .lock = "LOCK TABLE plan_run IN EXCLUSIVE MODE"},
	{"the gates are closed", .lock = "SELECT FROM bucket_gate WHERE bucket = 512 FOR SHARE"},
	{"slots are removed", .lock = "LOCK TABLE slot IN EXCLUSIVE MODE"},
	{"people without a slot are written", .lock = "LOCK TABLE suppressed IN EXCLUSIVE MODE"},
	/* watched: it may be gone before it is struck */
	{"slots are copied", .statement = "%COPY \"slot\\_%"},
	{"slots are indexed", .statement = "%index_slot_part_by_%"},
	{"the plan is published", .statement = "%publish_plan(%"},
	{"it commits", .statement = "%\nCOMMIT%"},
};
enum { POINTS = sizeof(points) / sizeof(points[0]), HELD_POINTS = 5 };

/* True: it was killed; false: it had ended. */
static bool
kill_once(const struct strike *strike)
{
	struct strike_hold *hold = strike_hold(strike, world.conninfo);
	struct process *planner = daypart_start(world.conninfo, plan_line);
	struct process_result result;
	bool is_new, killed;

	strike_await(strike, world.connection, planner);
	process_signal(planner, SIGKILL);
	result = process_wait(&planner);
	killed = result.signal == SIGKILL;
	assert_true(killed || result.exit_code == 0);
	strike_release(&hold);
	await_server_done();
	is_new = expect_one_whole_plan();
	assert_true(is_new || killed);
	print_message(
		"%s, %lld us: %s, %s plan\n", strike->name, (long long)strike->delay_us, killed ? "killed" : "had ended", is_new ? "new" : "old");
	process_result_free(&result);
	expect_the_reference_after_planning_again(is_new);
	return killed;
}

static void
killed_at_any_point_the_plan_is_the_old_or_the_new_one(void **state)
{
	const int random_kills = random_rounds(RANDOM_KILLS);
	int killed = 0;

	for (int i = 0; i < POINTS + random_kills; i++) {
		const struct strike lot = {"drawn by lot", .delay_us = random_between(&world.random, 0, world.duration_us)};
		const struct strike *strike = i < POINTS ? &points[i] : &lot;

		open_clone(state);
		killed += kill_once(strike);
		close_clone(state);
	}
	print_message("%d of %d killed\n", killed, POINTS + random_kills);
	assert_true(killed > HELD_POINTS);
}

/* Server ------------------------------------------------------------------------------------------------------------------------------------ */

static void
restart_once(const struct strike *strike)
{
	struct strike_hold *hold = strike_hold(strike, world.conninfo);
	struct process *planner = daypart_start(world.conninfo, plan_line);
	struct process_result result;
	bool is_new;

	strike_await(strike, world.connection, planner);
	pg_cluster_restart(world.cluster, PG_CLUSTER_IMMEDIATE);
	result = process_wait(&planner);
	strike_release(&hold);
	PQfinish(world.connection);
	world.connection = sql_connect(world.conninfo, NULL);
	if (result.exit_code != 0 && result.exit_code != 69 && result.exit_code != 75)
		fail_msg("%s: exit code %d: %s", strike->name, result.exit_code, result.err);
	assert_true(result.exit_code == 0 || strstr(result.err, "connection") != NULL);
	is_new = expect_one_whole_plan();
	assert_true(is_new || result.exit_code != 0);
	process_result_free(&result);
	expect_the_reference_after_planning_again(is_new);
}

static void
a_server_that_crashes_keeps_a_whole_plan(void **state)
{
	static const char *const at[] = {"slots are copied", "the gates are closed", "it commits"};

	for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		open_clone(state);
		restart_once(strike_find(points, POINTS, at[i]));
		close_clone(state);
	}
}

/* Signals ----------------------------------------------------------------------------------------------------------------------------------- */

static void
stop_once(const struct strike *strike, int signal)
{
	struct strike_hold *hold = strike_hold(strike, world.conninfo);
	struct process *planner = daypart_start(world.conninfo, plan_line);
	struct process_result result;

	strike_await(strike, world.connection, planner);
	process_signal(planner, signal);
	result = process_wait(&planner); /* although the lock is still held */
	strike_release(&hold);
	await_server_done();
	if (result.exit_code != 75 || strstr(result.err, "the old plan stands") == NULL)
		fail_msg("%s, signal %d: exit code %d: %s", strike->name, signal, result.exit_code, result.err);
	assert_false(expect_one_whole_plan());
	process_result_free(&result);
	expect_the_reference_after_planning_again(false);
}

static void
asked_to_stop_it_leaves_the_old_plan(void **state)
{
	static const struct {
		const char *at;
		int signal;
	} rows[] = {{"the audience is read", SIGTERM}, {"the plan run is written", SIGINT}, {"the gates are closed", SIGTERM}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		open_clone(state);
		stop_once(strike_find(points, POINTS, rows[i].at), rows[i].signal);
		close_clone(state);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(killed_at_any_point_the_plan_is_the_old_or_the_new_one),
		cmocka_unit_test(a_server_that_crashes_keeps_a_whole_plan),
		cmocka_unit_test(asked_to_stop_it_leaves_the_old_plan),
	};

	return cmocka_run_group_tests(tests, open_world, close_world) != 0;
}
