/* A campaign whose people are of too many classes is given up alone, in each plan anew, and the others are planned. */
#include "planner/planning.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "planner/publish.h"
#include "tests/support/plan_world.h"
#include "tests/support/sql_expect.h"

#define NOW "2026-11-23T00:00:00Z"
#define NEW_YORK "11-23 13:00:00 - 11-24 02:00:00"

static struct context
open_context(const struct plan_world *world)
{
	static const atomic_bool cancelled = false;
	struct context context = {.now_is_fixed = true, .cancelled = &cancelled};
	struct err err = ERR_INIT;

	unsetenv("DAYPART_CONFIG");
	assert_int_equal(settings_load(NULL, &context.settings, &err), STATUS_OK);
	assert_int_equal(instant_parse(NOW, &context.now, &err), STATUS_OK);
	const struct session_options options = {.conninfo = world->conninfo, .application = "test"};
	if (session_open(&options, &context.session, &err) != STATUS_OK)
		fail_msg("%s", err.primary);
	return context;
}

static const struct planned_campaign *
campaign_of(const struct planning *planning, const char *name)
{
	for (size_t i = 0; i < planning->campaign_count; i++)
		if (strcmp(planning->campaigns[i].name, name) == 0)
			return &planning->campaigns[i];
	fail_msg("there is no campaign %s", name);
	return NULL;
}

/* As `daypart plan` does, with so many classes at most. Expects that campaign wide is given up and that `people` of campaign fine get slots. */
static void
plan(const struct plan_world *world, size_t most_classes, int64_t people)
{
	struct context context = open_context(world);
	const struct planning_options options = {
		.context = &context, .horizon = context.settings.plan_horizon, .jobs = 1, .most_classes = most_classes};
	struct planning *planning;
	struct err err = ERR_INIT;
	int64_t swept;

	if (planning_read(&options, &planning, &err) != STATUS_OK || planning_decide(planning, &err) != STATUS_OK)
		fail_msg("%s", err.primary);
	const struct planned_campaign *wide = campaign_of(planning, "wide"), *fine = campaign_of(planning, "fine");
	assert_non_null(wide->problem);
	assert_non_null(strstr(wide->problem, "more than 2 combinations of regions and time zones"));
	assert_null(planning_counts(wide));
	assert_null(fine->problem);
	assert_int_equal(planning_counts(fine)->added, people);
	if ((planning_changes_anything(planning) ? publish_planning(planning, PUBLISH_COMMIT, &swept, &err)
											 : publish_nothing(planning, PUBLISH_COMMIT, &err)) != STATUS_OK)
		fail_msg("%s", err.primary);
	planning_free(&planning);
	session_close(&context.session);
	settings_free(&context.settings);
}

static void
too_many_places_are_the_problem_of_one_campaign(void **state)
{
	const struct plan_world *world = *state;

	sql_run(world->connection,
		"SELECT person('ana', '+12125550101', 'US-NY'), person('bob', '+13125550102', 'US-IL'), person('cleo', '+13055550103', 'US-FL'),"
		"	add_member('some', '+12125550101'), campaign('fine', '2026-11-23T03:00Z', '2026-11-25T00:00Z', audience => 'some'),"
		"	campaign('wide', '2026-11-23T03:00Z', '2026-11-25T00:00Z', sender => 'acme-sms', priority => 1)");
	plan(world, 2, 1);
	plan_world_expect(world, "fine", "ana|" NEW_YORK);
	plan_world_expect(world, "wide", "");
	plan(world, 2, 0); /* told again, though nothing has changed */
	plan_world_make(world, "--now " NOW " plan");
	sql_expect(world->connection,
		"SELECT string_agg(person, ' ' ORDER BY person) FROM outcome WHERE campaign = 'wide' AND outcome LIKE '11%'", "ana bob cleo");
}

/* Also when the other asks about the same people, so that no input of a plan tells that one was given up. */
static void
a_plan_that_gave_one_up_does_not_hold(void **state)
{
	const struct plan_world *world = *state;

	sql_run(world->connection,
		"SELECT person('ana', '+12125550101', 'US-NY'), person('bob', '+13125550102', 'US-IL'), person('cleo', '+12125550103', 'US-NY');"
		"UPDATE recipient SET language = 'pt' WHERE source = 'cleo';"
		"INSERT INTO template (name, language, business, channel, category, body, status)"
		"	SELECT 'plain', language, business, channel, category, body, status FROM template WHERE (name, language) = ('acme whatsapp', "
		"'en');"
		"SELECT lawful();"
		"SELECT campaign('fine', '2026-11-23T03:00Z', '2026-11-25T00:00Z', priority => 1),"
		"	campaign('wide', '2026-11-23T03:00Z', '2026-11-25T00:00Z', sender => 'acme-two');"
		"UPDATE campaign SET template = 'plain' WHERE name = 'fine'; SELECT approve('campaign', 'fine')");
	plan(world, 2, 3);
	plan(world, 2, 0);
}

/* What was planned of it while there were fewer stays, and the others respect it. */
static void
slots_of_a_campaign_that_is_given_up_stay(void **state)
{
	const struct plan_world *world = *state;

	sql_run(world->connection,
		"SELECT person('ana', '+12125550101', 'US-NY'), person('bob', '+13125550102', 'US-IL'), person('cleo', '+12125550103', 'US-NY'),"
		"	add_member('some', '+12125550101'), add_member('some', '+12125550103'), withdraw_consent('+12125550103', 'acme', 'sms'),"
		"	campaign('fine', '2026-11-23T03:00Z', '2026-11-25T00:00Z', sender => 'acme-sms', audience => 'some'),"
		"	campaign('wide', '2026-11-23T03:00Z', '2026-11-25T00:00Z', priority => 1)");
	plan_world_make(world, "--now " NOW " plan");
	sql_run(world->connection,
		"SET daypart.now = '2026-11-22T13:00Z'; UPDATE recipient SET region = 'US-FL' WHERE source = 'cleo';"
		"SELECT record_consent('+12125550103', 'acme', 'sms', given_at => '2026-11-22T12:30Z', confirmed_at => '2026-11-22T12:32Z',"
		"	supplied_by_person => true, method => 'form', wording => 'I agree', ip => '192.0.2.1', signature => '/x/', tax_id => '000',"
		"	source => 'form')");
	plan(world, 2, 1);
	sql_expect(world->connection, "SELECT string_agg(person, ' ' ORDER BY person) FROM outcome WHERE campaign = 'wide'", "ana bob cleo");
	sql_expect(world->connection, "SELECT string_agg(person, ' ' ORDER BY person) FROM outcome WHERE campaign = 'fine'", "ana cleo");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		PLAN_WORLD_TEST(too_many_places_are_the_problem_of_one_campaign),
		PLAN_WORLD_TEST(a_plan_that_gave_one_up_does_not_hold),
		PLAN_WORLD_TEST(slots_of_a_campaign_that_is_given_up_stay),
	};

	return cmocka_run_group_tests(tests, plan_world_start, plan_world_stop) != 0;
}
