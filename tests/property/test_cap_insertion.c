/*
 * Messages to one person are queued one by one in no order of time, each where all caps and windows leave an instant, often before others that are
 * queued already. However late each then leaves within its own slot, all caps hold, judged word by word; no slot that was there is touched, and each
 * lies within the windows.
 */
#include "planner/core/cap.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/support/law_fixture.h"
#include "tests/support/naive_law.h"
#include "tests/support/random_law.h"

enum { CASES = 1500, CAPS_MAX = 4, ZONES_MAX = 3, SLOTS_MAX = 12, DAYS = 14, DRAWS = 12 };

enum { SUBJECTS = 2 };

struct scene {
	struct instant start;
	struct rule rules[CAPS_MAX];
	const struct rule *caps[CAPS_MAX];
	size_t cap_count;
	const struct zone *zones[ZONES_MAX];
	struct calendar *calendar;
	const struct calendar *calendars[1];
	struct cap_scope scope;
	struct interval_set windows;
	struct cap_event slots[SLOTS_MAX];
	size_t slot_count;
};

static struct instant
random_instant(struct random_source *random, struct interval within)
{
	return (struct instant){random_between(random, within.from.us, within.until.us - 1)};
}

static void
open_windows(struct random_source *random, struct scene *scene)
{
	for (int day = 0; day < DAYS; day++) {
		const int64_t from = scene->start.us + day * US_PER_DAY + random_between(random, 0, 12 * 60) * US_PER_MINUTE;
		const struct interval window = {{from}, {from + random_between(random, 1, 24 * 60) * US_PER_MINUTE}};
		assert_int_equal(interval_set_add(&scene->windows, window), STATUS_OK);
	}
}

static void
randomise_scene(struct random_source *random, struct scene *scene)
{
	*scene = (struct scene){.cap_count = 1 + random_below(random, CAPS_MAX), .windows = INTERVAL_SET_INIT};
	const size_t zone_count = 1 + random_below(random, ZONES_MAX);
	for (size_t i = 0; i < zone_count; i++)
		scene->zones[i] = fixture_zone(random_zone_name(random));
	const struct instant middle = random_minute(random, scene->zones[0]);
	scene->start.us = middle.us - DAYS / 2 * US_PER_DAY;
	for (size_t i = 0; i < scene->cap_count; i++) {
		scene->rules[i] = random_cap_rule(random);
		scene->caps[i] = &scene->rules[i];
	}
	scene->calendar = random_calendar(random, middle);
	scene->calendars[0] = scene->calendar;
	const struct interval span = {scene->start, {scene->start.us + (DAYS + 2) * US_PER_DAY}};
	scene->scope = (struct cap_scope){scene->zones, zone_count, scene->calendars, 1, span, 0, 0};
	open_windows(random, scene);
}

/* Somewhere in what is left; half of the times as early as can be. */
static struct cap_event
place(struct random_source *random, const struct scene *scene, const struct interval_set *left, struct cap_event slot)
{
	const struct interval stretch = left->items[random_chance(random, 50) ? 0 : random_below(random, left->count)];
	slot.earliest = random_chance(random, 50) ? stretch.from : random_instant(random, stretch);
	const struct instant edge = cap_edge_after(scene->caps, scene->cap_count, scene->zones, scene->scope.zone_count, slot.earliest);
	slot.latest.us = instant_min(stretch.until, edge).us - 1;
	return slot;
}

/* Queues one more message, if there is room; returns whether there was. */
static bool
queue_one(struct random_source *random, struct scene *scene)
{
	const struct cap_event message = {.category_bit = CATEGORY_BIT(CATEGORY_MARKETING),
		.channel_bit = CHANNEL_BIT(random_below(random, CHANNEL_COUNT)),
		.subject = (uint32_t)random_below(random, SUBJECTS + 1)};
	const struct rule *binding[CAPS_MAX];
	size_t count = 0;
	struct interval_set blocked = INTERVAL_SET_INIT, left = INTERVAL_SET_INIT;
	for (size_t i = 0; i < scene->cap_count; i++)
		if (scene->rules[i].channels & message.channel_bit)
			binding[count++] = scene->caps[i];
	scene->scope.channel_bit = message.channel_bit;
	scene->scope.subject = message.subject;
	assert_int_equal(cap_blocked(binding, count, scene->slots, scene->slot_count, &scene->scope, &blocked), STATUS_OK);
	assert_int_equal(interval_set_subtract(&scene->windows, &blocked, &left), STATUS_OK);
	const bool room = left.count > 0;
	if (room)
		scene->slots[scene->slot_count++] = place(random, scene, &left, message);
	interval_set_free(&blocked);
	interval_set_free(&left);
	return room;
}

/* Each slot leaves at its first, its last or some instant between. */
static void
release_all(struct random_source *random, const struct scene *scene, struct cap_event out[SLOTS_MAX])
{
	for (size_t i = 0; i < scene->slot_count; i++) {
		const struct cap_event *slot = &scene->slots[i];
		out[i] = *slot;
		out[i].earliest = random_chance(random, 33) ? slot->earliest
			: random_chance(random, 50)             ? slot->latest
													: random_instant(random, (struct interval){slot->earliest, {slot->latest.us + 1}});
		out[i].latest = out[i].earliest;
	}
}

static void
all_caps_hold(const struct scene *scene, const struct cap_event released[SLOTS_MAX])
{
	for (size_t i = 0; i < scene->slot_count; i++) {
		struct cap_scope scope = scene->scope;
		struct cap_event others[SLOTS_MAX];
		size_t count = 0;
		scope.channel_bit = released[i].channel_bit;
		for (size_t j = 0; j < scene->slot_count; j++)
			if (j != i)
				others[count++] = released[j];
		for (size_t j = 0; j < scene->cap_count; j++)
			for (scope.subject = 1; scope.subject <= SUBJECTS; scope.subject++) /* an unknown one may have been on any */
				if ((released[i].subject == 0 || released[i].subject == scope.subject) &&
					(scene->rules[j].channels & released[i].channel_bit) &&
					!naive_cap_permits(scene->caps[j], &scope, others, count, released[i].earliest))
					fail_msg("message %zu of %zu is one too many for cap %zu", i, scene->slot_count, j);
	}
}

static void
within_windows(const struct scene *scene)
{
	for (size_t i = 0; i < scene->slot_count; i++) {
		const struct interval *window = interval_set_find(&scene->windows, scene->slots[i].earliest);
		assert_non_null(window);
		assert_true(scene->slots[i].earliest.us <= scene->slots[i].latest.us && scene->slots[i].latest.us < window->until.us);
	}
}

static void
what_is_queued_before_others_breaks_no_cap(void **state)
{
	struct random_source random = random_start("cap_insertion");
	static struct scene scene;
	size_t queued = 0;
	(void)state;
	for (int i = 0; i < CASES; i++) {
		randomise_scene(&random, &scene);
		while (scene.slot_count < SLOTS_MAX && queue_one(&random, &scene))
			queued++;
		within_windows(&scene);
		for (int draw = 0; draw < DRAWS; draw++) {
			struct cap_event released[SLOTS_MAX];
			release_all(&random, &scene, released);
			all_caps_hold(&scene, released);
		}
		interval_set_free(&scene.windows);
		calendar_free(&scene.calendar);
	}
	assert_true(queued > (size_t)CASES * 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_queued_before_others_breaks_no_cap),
	};
	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
