/*
 * Preferred instants against brute force, minute by minute, in random zones around changes of the clock: of each local date those minutes of what is
 * lawful that lie within the hours; if there is none, all within an hour that lies as near to them as any. And, whatever the hours: nothing is
 * preferred that is not lawful, and every day that has instants has preferred ones.
 */
#include "planner/core/preference.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/support/law_fixture.h"
#include "tests/support/random_law.h"

enum { CASES = 600, DAYS = 5, MINUTES = DAYS * 1440, STRETCHES_MAX = 8 };

struct scene {
	const struct zone *zone;
	struct instant start;
	struct preferred_hours hours;
	struct interval_set lawful;
};

static struct instant
minute(const struct scene *scene, int index)
{
	return (struct instant){scene->start.us + index * US_PER_MINUTE};
}

static struct scene
random_scene(struct random_source *random)
{
	struct scene scene = {.zone = fixture_zone(random_zone_name(random)), .lawful = INTERVAL_SET_INIT};
	scene.start.us = random_minute(random, scene.zone).us - MINUTES / 2 * US_PER_MINUTE;
	const int hour = (int)random_below(random, 24);
	scene.hours = (struct preferred_hours){{hour * 3600}, {random_chance(random, 50) ? (hour + 1) * 3600 : 86400}};
	for (size_t count = random_below(random, STRETCHES_MAX + 1); count > 0; count--) {
		const int64_t from = random_between(random, 0, MINUTES - 1);
		const int64_t until = from + random_between(random, 1, 14 * 60);
		const struct interval stretch = {minute(&scene, (int)from), minute(&scene, (int)(until < MINUTES ? until : MINUTES))};
		assert_int_equal(interval_set_add(&scene.lawful, stretch), STATUS_OK);
	}
	return scene;
}

static bool
is_lawful(const struct scene *scene, int index)
{
	return index >= 0 && index < MINUTES && interval_set_find(&scene->lawful, minute(scene, index)) != NULL;
}

static int32_t
date_at(const struct scene *scene, int index)
{
	return wall_date(zone_wall(scene->zone, minute(scene, index))).days;
}

/* By what the clock shows; a change of the clock in the hours makes them another matter, which the unit test settles. */
static bool
is_within_hours(const struct scene *scene, int index)
{
	const struct wall wall = zone_wall(scene->zone, minute(scene, index));
	const int32_t s = wall_day_time(wall).s;
	return s >= scene->hours.from.s && s < scene->hours.until.s;
}

static bool
clock_changes(const struct scene *scene)
{
	return zone_next_change(scene->zone, (struct instant){scene->start.us - 2 * US_PER_DAY}).us < scene->start.us + (DAYS + 2) * US_PER_DAY;
}

struct day_count {
	int lawful, preferred, within;
};

/* What the days have that begin and end in the scene. */
static struct day_count
count_day(const struct scene *scene, const struct interval_set *preferred, int first, int past)
{
	struct day_count count = {0};
	for (int i = first; i < past; i++) {
		count.lawful += is_lawful(scene, i);
		count.preferred += interval_set_find(preferred, minute(scene, i)) != NULL;
		count.within += is_lawful(scene, i) && is_within_hours(scene, i);
	}
	return count;
}

/* How far a minute lies from the hours, in minutes. */
static int
distance(const struct scene *scene, int index)
{
	const int at = wall_day_time(zone_wall(scene->zone, minute(scene, index))).s / 60;
	const int from = scene->hours.from.s / 60, until = scene->hours.until.s / 60;
	return at < from ? from - at : at >= until ? at - until + 1 : 0;
}

static int
least_distance(const struct scene *scene, const struct interval_set *of, int first, int past)
{
	int least = INT32_MAX;
	for (int i = first; i < past; i++)
		if (interval_set_find(of, minute(scene, i)) != NULL && distance(scene, i) < least)
			least = distance(scene, i);
	return least;
}

static void
check_day(const struct scene *scene, const struct interval_set *preferred, int first, int past)
{
	const struct day_count count = count_day(scene, preferred, first, past);
	assert_int_equal(count.lawful > 0, count.preferred > 0);
	if (clock_changes(scene))
		return;
	for (int i = first; i < past && count.within > 0; i++)
		assert_int_equal(interval_set_find(preferred, minute(scene, i)) != NULL, is_lawful(scene, i) && is_within_hours(scene, i));
	if (count.within > 0 || count.lawful == 0)
		return;
	assert_true(count.preferred <= 60);
	assert_int_equal(least_distance(scene, preferred, first, past), least_distance(scene, &scene->lawful, first, past));
}

static void
check_days(const struct scene *scene, const struct interval_set *preferred)
{
	for (int first = 0, past; first < MINUTES; first = past) {
		for (past = first + 1; past < MINUTES && date_at(scene, past) == date_at(scene, first);)
			past++;
		if (first > 0 && past < MINUTES)
			check_day(scene, preferred, first, past);
	}
}

static void
preferred_instants_agree_with_brute_force(void **state)
{
	struct random_source random = random_start("preference");
	(void)state;
	for (int i = 0; i < CASES; i++) {
		struct scene scene = random_scene(&random);
		struct interval_set preferred = INTERVAL_SET_INIT, outside = INTERVAL_SET_INIT;
		const struct interval within = {{scene.start.us - US_PER_DAY}, minute(&scene, MINUTES)};
		assert_int_equal(preference_hours(&scene.hours, &scene.zone, 1, &scene.lawful, within, &preferred), STATUS_OK);
		assert_int_equal(interval_set_subtract(&preferred, &scene.lawful, &outside), STATUS_OK);
		assert_int_equal(outside.count, 0);
		check_days(&scene, &preferred);
		interval_set_free(&scene.lawful);
		interval_set_free(&preferred);
		interval_set_free(&outside);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(preferred_instants_agree_with_brute_force),
	};
	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
