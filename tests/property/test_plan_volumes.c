/*
 * Plans of senders that may send less than there is to send: nothing changes when all is planned again, nor as time passes while the plan says that it
 * holds.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "conf/tzdb.h"
#include "tests/support/law_fixture.h"
#include "tests/support/plan_scene.h"
#include "tests/support/planned_rows.h"
#include "tests/support/random_law.h"

enum { CASES = 1500 };

static struct zone_set *zones;
static struct scene scene;

/* Scenes ------------------------------------------------------------------------------------------------------------------------------------ */

/* Of a day, or of a rolling period; for everybody, or for those who are no customers. */
static void
limit_volume(struct random_source *random, struct rule *rule, struct predicate *customers)
{
	rule->volume = (struct volume_rule){.n = (int32_t)random_between(random, 1, 12)};
	if (random_chance(random, 40))
		rule->volume.length.us = random_between(random, 1, 48) * US_PER_HOUR;
	else
		strcpy(rule->volume.fixed_zone, random_zone_name(random));
	if (customers != NULL && random_chance(random, 50)) {
		rule->exceptions[0] = (struct exception){.condition = customers, .on = true};
		rule->exception_count = 1;
	}
}

/* Little is wrong with people, but there are more of them than the sender may send to within the horizon. */
static void
crowd(struct random_source *random)
{
	const int64_t hours = random_between(random, 2, 90), ticks = random_between(random, 1, 2 * (int64_t)scene.person_count);
	scene.rate_milli = scene.sender.rate_milli = (ticks * 1000 + hours * 3600 - 1) / (hours * 3600);
	scene.regimes[3].rule_count = random_below(random, SCENE_VOLUMES_MAX + 1);
	for (size_t i = 0; i < scene.regimes[3].rule_count; i++)
		limit_volume(random, &scene.volumes[i], scene.customers);
	scene.sender.daily_limit = random_chance(random, 30) ? (int32_t)random_between(random, 1, 12) : 0;
	scene.campaign.starts_at.local = scene.campaign.ends_at.local = false;
	scene.campaign.starts_at.at = scene.now;
	scene.campaign.ends_at.at.us = scene.now.us + hours * US_PER_HOUR;
	scene.horizon.us = scene.now.us + random_between(random, 1, hours + 10) * US_PER_HOUR;
	for (size_t i = 0; i < scene.person_count; i++) {
		struct member *member = &scene.people[i].member;
		member->known = member->facts.consent_granted = true;
		member->facts.suppressed = false;
		member->facts.evidence |= EVIDENCE_BIT(EVIDENCE_TIME);
		member->facts.given_at = scene.now;
	}
}

static struct run_plan_counts
plan_and_publish(void)
{
	struct planned planned = scene_plan(&scene, false);
	const struct run_plan_counts counts = *run_plan_counts(planned.plan);
	scene_publish(&scene, &planned);
	planned_free(&planned);
	return counts;
}

/* Of those who go without it may be another reason that is told. */
static void
expect_no_change(void)
{
	struct planned again = scene_plan(&scene, false);
	assert_int_equal(run_plan_slot_count(again.plan), 0);
	for (size_t i = 0; i < run_plan_refusal_count(again.plan); i++)
		assert_int_equal(run_plan_refusal(again.plan, i).part, PLANNED_NEW);
	planned_free(&again);
}

/* Again and time ---------------------------------------------------------------------------------------------------------------------------- */

static void
planning_again_changes_nothing(void **state)
{
	struct random_source random = random_start("plan_volumes_again");
	(void)state;
	for (int i = 0; i < random_rounds(CASES); i++) {
		scene_open(&random, zones, &scene);
		crowd(&random);
		(void)plan_and_publish();
		expect_no_change();
		scene_close(&scene);
	}
}

static bool
is_limited(void)
{
	return scene.regimes[3].rule_count > 0 || scene.sender.daily_limit > 0;
}

/* The last instant at which the plan says it holds, at most three days from now. */
static struct instant
last_held(const struct run_plan_counts *counts)
{
	int64_t last = scene.now.us + 3 * US_PER_DAY;
	if (counts->holds_until.us <= last)
		last = counts->holds_until.us > scene.now.us ? counts->holds_until.us - 1 : scene.now.us;
	if (counts->holds_to_horizon.us - scene.horizon.us < last - scene.now.us)
		last = scene.now.us + counts->holds_to_horizon.us - scene.horizon.us;
	return (struct instant){last};
}

static void
time_changes_nothing_while_a_limited_plan_holds(void **state)
{
	struct random_source random = random_start("plan_volumes_hold");
	int left = 0, held = 0;
	(void)state;
	for (int i = 0; i < random_rounds(CASES); i++) {
		scene_open(&random, zones, &scene);
		crowd(&random);
		const struct run_plan_counts counts = plan_and_publish();
		const struct instant last = last_held(&counts);
		const bool waits = is_limited() && counts.by_reason[REASON_DAILY_VOLUME] + counts.by_reason[REASON_BEYOND_HORIZON] > 0;
		left += waits;
		held += waits && last.us > scene.now.us;
		if (last.us > scene.now.us) {
			scene_pass_time(
				&random, &scene, random_chance(&random, 50) ? last : (struct instant){random_between(&random, scene.now.us, last.us)});
			expect_no_change();
		}
		scene_close(&scene);
	}
	print_message("%d plans left somebody for later beside a limit, %d of them held\n", left, held);
	assert_true(left > CASES / 4 && held > left / 4);
}

static int
load_zones(void **state)
{
	const struct tzdb_source source = {.horizon = {fixture_instant("2020-01-01T00:00:00Z"), fixture_instant("2036-01-01T00:00:00Z")}};
	struct err err = ERR_INIT;
	(void)state;
	if (tzdb_load(&source, &zones, &err) != STATUS_OK)
		fail_msg("%s", err.primary);
	return 0;
}

static int
free_zones(void **state)
{
	(void)state;
	zone_set_free(&zones);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(planning_again_changes_nothing),
		cmocka_unit_test(time_changes_nothing_while_a_limited_plan_holds),
	};
	return cmocka_run_group_tests_name("plan_volumes", tests, load_zones, free_zones);
}
