/*
 * Caps against brute force. A message at instant t is too many when, with the events placed anywhere they may fall, some stretch of the cap's
 * length (some local day or month) that contains t holds n others. The oracle tries every stretch that begins at a whole minute or one
 * microsecond after it (events and lengths are of whole minutes, so nothing changes in between) and every minute of every local date.
 */
#include "planner/core/cap.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/law_fixture.h"
#include "tests/support/random_law.h"

enum { CASES = 400, EVENTS_MAX = 8, ZONES_MAX = 3, DAYS = 20, MINUTES = DAYS * 1440, MARGIN = 5 * 1440, POINTS = 2 * MINUTES };

struct scene {
	struct instant start;
	struct rule cap;
	struct cap_event events[EVENTS_MAX];
	size_t event_count;
	const struct zone *zones[ZONES_MAX];
	size_t zone_count;
	struct calendar *calendar; /* "X" */
	bool without_calendar;     /* it is not there */
	uint32_t subject;          /* of the message asked about; 0: unknown */
};

/* Point 2i is minute i, point 2i + 1 the microsecond after it. */
static bool oracle[POINTS];
static int held[POINTS];

static struct instant
point(const struct scene *scene, int index)
{
	return (struct instant){scene->start.us + index / 2 * US_PER_MINUTE + index % 2};
}

static bool
counts(const struct scene *scene, const struct cap_event *event)
{
	if (scene->cap.cap.of_channels && event->channel_bit == CHANNEL_BIT(CHANNEL_SMS))
		return false; /* the message asked about is one of these */
	if (scene->cap.cap.same_subject && scene->subject > 0 && event->subject > 0 && scene->subject != event->subject)
		return false;
	return (event->channel_bit & scene->cap.channels) && (event->category_bit & scene->cap.categories);
}

static void
ask_rolling(const struct scene *scene)
{
	int length = (int)(scene->cap.cap.length.us / US_PER_MINUTE);
	for (int w = 0; w < POINTS; w++) {
		int64_t from = point(scene, w).us, until = from + scene->cap.cap.length.us;
		held[w] = 0;
		for (size_t i = 0; i < scene->event_count; i++)
			held[w] += counts(scene, &scene->events[i]) && scene->events[i].latest.us >= from && scene->events[i].earliest.us < until;
		for (int t = w; held[w] >= scene->cap.cap.n && t < w + 2 * length && t < POINTS; t++)
			oracle[t] |= point(scene, t).us < until;
	}
}

static int32_t
period_of(const struct scene *scene, const struct zone *zone, struct instant at)
{
	struct date date = wall_date(zone_wall(zone, at));
	struct civil civil = date_to_civil(date);
	return scene->cap.cap.period == CAP_CALENDAR_DAY ? date.days : civil.year * 12 + civil.month;
}

static bool
touches(const struct scene *scene, const struct zone *zone, const struct cap_event *event, int32_t period)
{
	for (int64_t at = event->earliest.us; at <= event->latest.us; at += US_PER_MINUTE)
		if (period_of(scene, zone, (struct instant){at}) == period)
			return true;
	return false;
}

/* On a holiday, and when nobody knows whether it is one, the lesser number. */
static int
allowed_on(const struct scene *scene, int32_t period)
{
	const struct cap_rule *cap = &scene->cap.cap;
	if (cap->on_holidays == 0)
		return cap->n;
	return !scene->without_calendar && calendar_day(scene->calendar, (struct date){period}) == DAY_ORDINARY ? cap->n : cap->on_holidays;
}

static void
ask_calendar(const struct scene *scene, const struct zone *zone)
{
	int32_t known = INT32_MIN;
	int count = 0;
	for (int t = 0; t < POINTS; t++) {
		int32_t period = period_of(scene, zone, point(scene, t));
		if (period != known) {
			known = period;
			count = 0;
			for (size_t i = 0; i < scene->event_count; i++)
				count += counts(scene, &scene->events[i]) && touches(scene, zone, &scene->events[i], period);
		}
		oracle[t] |= count >= allowed_on(scene, period);
	}
}

static void
ask_oracle(const struct scene *scene)
{
	memset(oracle, 0, sizeof(oracle));
	if (scene->cap.cap.period == CAP_ROLLING)
		ask_rolling(scene);
	for (size_t i = 0; i < scene->zone_count && scene->cap.cap.period != CAP_ROLLING; i++)
		ask_calendar(scene, scene->zones[i]);
}

static struct cap_event
random_event(struct random_source *random, struct instant start)
{
	struct cap_event event = {.category_bit = CATEGORY_BIT(CATEGORY_MARKETING)};
	event.earliest.us = start.us + random_between(random, MARGIN, MINUTES - MARGIN - 1) * US_PER_MINUTE;
	event.latest = event.earliest;
	if (random_chance(random, 50))
		event.latest.us += random_between(random, 0, 16 * 60) * US_PER_MINUTE;
	if (random_chance(random, 10))
		event.category_bit = CATEGORY_BIT(CATEGORY_TRANSACTIONAL);
	event.channel_bit = CHANNEL_BIT(random_below(random, CHANNEL_COUNT));
	event.subject = (uint32_t)random_below(random, 3);
	return event;
}

static struct scene
random_scene(struct random_source *random)
{
	struct scene scene = {.cap = random_cap_rule(random),
		.event_count = random_below(random, EVENTS_MAX + 1),
		.zone_count = 1 + random_below(random, ZONES_MAX)};
	for (size_t i = 0; i < scene.zone_count; i++)
		scene.zones[i] = fixture_zone(random_zone_name(random));
	scene.start.us = random_minute(random, scene.zones[0]).us - MINUTES / 2 * US_PER_MINUTE;
	for (size_t i = 0; i < scene.event_count; i++)
		scene.events[i] = random_event(random, scene.start);
	scene.calendar = random_calendar(random, (struct instant){scene.start.us + MINUTES / 2 * US_PER_MINUTE});
	scene.without_calendar = random_chance(random, 10);
	scene.subject = (uint32_t)random_below(random, 3);
	return scene;
}

static enum status
find_blocked(const struct scene *scene, size_t event_count, struct interval_set *out)
{
	const struct rule *cap = &scene->cap;
	const struct calendar *const calendars[] = {scene->calendar};
	const struct cap_scope scope = {scene->zones, scene->zone_count, calendars, !scene->without_calendar,
		{scene->start, {scene->start.us + MINUTES * US_PER_MINUTE}}, CHANNEL_BIT(CHANNEL_SMS), scene->subject};
	return cap_blocked(&cap, 1, scene->events, event_count, &scope, out);
}

static void
compare(const struct scene *scene)
{
	const struct rule *cap = &scene->cap;
	struct interval_set blocked = INTERVAL_SET_INIT;
	assert_int_equal(find_blocked(scene, scene->event_count, &blocked), STATUS_OK);
	/* Stretches that begin before the first minute are out of the oracle's sight. */
	for (int t = MARGIN; t < POINTS; t++) {
		char text[INSTANT_TEXT_MAX];
		if ((interval_set_find(&blocked, point(scene, t)) != NULL) != oracle[t])
			fail_msg("n=%u (%u) period=%d at %s: the oracle says %d", cap->cap.n, cap->cap.on_holidays, (int)cap->cap.period,
				instant_format(point(scene, t), 0, text), oracle[t]);
	}
	interval_set_free(&blocked);
}

static void
blocked_instants_agree_with_brute_force(void **state)
{
	struct random_source random = random_start("cap_oracle");
	(void)state;
	for (int i = 0; i < CASES; i++) {
		struct scene scene = random_scene(&random);
		ask_oracle(&scene);
		compare(&scene);
		calendar_free(&scene.calendar);
	}
}

/* The end the planner cares about: fill a stretch greedily with whatever is not blocked, and count. */
static void
greedy_filling_never_exceeds_the_cap(void **state)
{
	struct random_source random = random_start("cap_greedy");
	(void)state;
	for (int i = 0; i < CASES; i++) {
		struct scene scene = random_scene(&random);
		struct interval_set blocked = INTERVAL_SET_INIT;
		size_t count = 0;
		scene.cap.cap.of_channels = scene.cap.cap.same_subject = false; /* of which there is one answer for each message's own */
		while (count < EVENTS_MAX) {
			struct cap_event event = random_event(&random, scene.start);
			event.latest = event.earliest;
			assert_int_equal(find_blocked(&scene, count, &blocked), STATUS_OK);
			if (counts(&scene, &event) && interval_set_find(&blocked, event.earliest))
				break;
			scene.events[count++] = event;
		}
		interval_set_free(&blocked);
		scene.event_count = count;
		scene.cap.cap.n++; /* now nothing at all may be over the old numbers */
		scene.cap.cap.on_holidays += scene.cap.cap.on_holidays > 0;
		ask_oracle(&scene);
		for (int t = MARGIN; t < POINTS; t++)
			assert_false(oracle[t]);
		calendar_free(&scene.calendar);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blocked_instants_agree_with_brute_force),
		cmocka_unit_test(greedy_filling_never_exceeds_the_cap),
	};
	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
