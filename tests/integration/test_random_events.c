/*
 * Whatever happens, and in whatever order, every promise holds after the next plan: random stories of people, campaigns, senders, laws, clocks
 * and messages that leave, each planned by the real programs and judged by oracles that share no code with them.
 *
 * DAYPART_TORTURE_ROUNDS: how many stories, instead of three.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/support/fixture_slots.h"
#include "tests/support/oracle.h"
#include "tests/support/random_events.h"
#include "tests/support/sql_expect.h"

enum { STORIES = 3, EVENTS = 14, PLANNING_LEAD_S = 60 };

static struct random_source source;

static int64_t
last_plan(const struct event_scene *scene)
{
	return fixture_number(scene->world->connection, "SELECT plan_run FROM plan_head");
}

static void
judge_from(const struct event_scene *scene, int64_t since_s)
{
	char statement[128];

	snprintf(statement, sizeof(statement), "SELECT set_config('oracle.since', to_timestamp(%" PRId64 ")::text, false)", since_s);
	sql_run(scene->world->connection, statement);
	oracle_expect_lawful(scene->world->connection);
}

/* No message leaves at an hour that only the shipped law allows, and none within a week of another, when the law is tight. */
static void
expect_tight(const struct event_scene *scene)
{
	char query[1024];

	snprintf(query, sizeof(query),
		"SELECT s.* FROM slot AS s JOIN class USING (class_id) JOIN campaign_run USING (run_id) JOIN campaign AS c USING (campaign_id),"
		"	unnest(zones) AS zone,"
		"	LATERAL (SELECT greatest(due_at, to_timestamp(%" PRId64 ")) AS first, not_after - interval '1 microsecond' AS last) AS may "
		"WHERE c.status = 'approved' AND first < last AND ((first AT TIME ZONE zone)::time < '10:00' OR (last AT TIME ZONE zone)::time >= "
		"'18:00')",
		scene->now_s + PLANNING_LEAD_S);
	sql_expect(scene->world->connection, query, "");
}

/* What the plan says of itself adds up to what there is. */
static void
expect_sums(const struct event_scene *scene)
{
	char query[512];

	snprintf(query, sizeof(query),
		"SELECT p.kept + p.added + p.moved, queued.n FROM plan_head JOIN plan_run AS p USING (plan_run),"
		"	(SELECT count(*) AS n FROM slot JOIN campaign_run AS r USING (run_id) JOIN campaign AS c USING (campaign_id) "
		"		WHERE c.status = 'approved' AND r.last_at > to_timestamp(%" PRId64 ")) AS queued "
		"WHERE p.kept + p.added + p.moved <> queued.n",
		scene->now_s);
	sql_expect(scene->world->connection, query, "");
}

static void
expect_nothing_changes_again(const struct event_scene *scene)
{
	PGconn *connection = scene->world->connection;

	sql_run(connection,
		"CREATE TEMP TABLE was_slot AS TABLE slot; CREATE TEMP TABLE was_suppressed AS TABLE suppressed;"
		"CREATE TEMP TABLE was_head AS SELECT plan_run FROM plan_head; DELETE FROM plan_state" /* so that everybody is looked at */);
	event_scene_plan(scene, "");
	sql_expect(connection,
		"(SELECT 'was', * FROM was_slot EXCEPT SELECT 'was', * FROM slot) UNION ALL "
		"(SELECT 'is', * FROM slot EXCEPT SELECT 'is', * FROM was_slot) ORDER BY run_id, recipient_id, 1 DESC",
		"");
	sql_expect(connection,
		"(SELECT 'was', * FROM was_suppressed EXCEPT SELECT 'was', * FROM suppressed) UNION ALL "
		"(SELECT 'is', * FROM suppressed EXCEPT SELECT 'is', * FROM was_suppressed) ORDER BY run_id, recipient_id, 1 DESC",
		"");
	sql_expect(connection, "SELECT plan_run FROM plan_head EXCEPT TABLE was_head", "");
	sql_run(connection, "DROP TABLE was_slot, was_suppressed, was_head");
}

/* Only one campaign, or less far ahead: what a person does by hand between two nightly plans. */
static void
plan_a_part(const struct event_scene *scene)
{
	char *name = sql_text(scene->world->connection, "SELECT name FROM campaign WHERE status = 'approved' ORDER BY md5(name) LIMIT 1");
	char options[128];

	snprintf(options, sizeof(options), "--campaign %s --horizon %dd", name, (int)random_between(&source, 1, 9));
	if (*name != '\0')
		event_scene_plan(scene, options);
	free(name);
}

static void
plan_and_judge(struct event_scene *scene)
{
	if (random_chance(&source, 15))
		plan_a_part(scene);
	const int64_t before = last_plan(scene);
	event_scene_plan(scene, "");
	judge_from(scene, scene->now_s + PLANNING_LEAD_S);
	if (scene->tight)
		expect_tight(scene);
	if (last_plan(scene) != before && scene->suspended == NULL)
		expect_sums(scene);
	expect_nothing_changes_again(scene);
}

static void
tell_story(const struct plan_world *world)
{
	struct event_scene scene = {.world = world, .random = &source};

	event_scene_open(&scene);
	plan_and_judge(&scene);
	for (int i = 0; i < EVENTS; i++) {
		event_happens(&scene);
		if (scene.now_s > scene.judged_from_s)
			judge_from(&scene, scene.judged_from_s); /* what left meanwhile */
		plan_and_judge(&scene);
	}
	print_message("%" PRId64 " messages, %" PRId64 " slots\n", fixture_number(world->connection, "SELECT count(*) FROM release"),
		fixture_number(world->connection, "SELECT count(*) FROM slot"));
}

static void
every_promise_holds_after_whatever_happens(void **state)
{
	const int stories = random_rounds(STORIES);

	for (int i = 0; i < stories; i++) {
		void *world = *state;
		print_message("story %d\n", i + 1);
		plan_world_open(&world);
		tell_story(world);
		plan_world_close(&world);
	}
}

static int
start(void **state)
{
	source = random_start("random_events");
	return plan_world_start(state);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(every_promise_holds_after_whatever_happens)};

	return cmocka_run_group_tests_name("random_events", tests, start, plan_world_stop);
}
