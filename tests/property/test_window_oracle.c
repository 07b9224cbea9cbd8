/*
 * Windows against a slow oracle that knows nothing but what a wall clock shows at each minute: no zone_resolve, no interval sets.
 *
 * The oracle lays out the wall clock of every minute. A range opens at the last minute at which the clock comes up to its beginning (or jumps
 * over it) and closes at the first at which it comes up to its end. A rule is in force from the first minute that shows its first day to the
 * last that shows a day before its end.
 */
#include "planner/core/window.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/law_fixture.h"
#include "tests/support/random_law.h"

enum {
	CASES = 100,
	SPAN_DAYS = 3,
	MARGIN_DAYS = 3,
	MINUTES = (SPAN_DAYS + 2 * MARGIN_DAYS) * 1440,
	RULES_MAX = 3,
	ZONES_MAX = 3,
	EMERGENCIES_MAX = 2
};

struct scene {
	struct instant start; /* of the first minute, margin included */
	struct rule rules[RULES_MAX];
	size_t rule_count;
	const struct zone *zones[ZONES_MAX];
	size_t zone_count;
	struct calendar *calendar;
	struct emergency emergencies[EMERGENCIES_MAX];
	size_t emergency_count;
};

struct marks {
	bool sure[MINUTES], possible[MINUTES];
};

static struct wall walls[MINUTES];
static struct marks rule_marks, all_marks;

static void
read_clock(const struct scene *scene, const struct zone *zone)
{
	for (int i = 0; i < MINUTES; i++)
		walls[i] = zone_wall(zone, (struct instant){scene->start.us + i * US_PER_MINUTE});
}

static bool
comes_up_to(int minute, struct wall wall)
{
	return minute > 0 && walls[minute].us >= wall.us && (walls[minute].us == wall.us || walls[minute - 1].us < wall.us);
}

static int
opening_minute(struct wall wall)
{
	int minute = MINUTES - 1;
	while (minute > 0 && !comes_up_to(minute, wall))
		minute--;
	return minute;
}

static int
closing_minute(struct wall wall)
{
	int minute = 1;
	while (minute < MINUTES && !comes_up_to(minute, wall))
		minute++;
	return minute;
}

static void
mark_ranges(bool *marks, struct date date, const struct day_ranges *day)
{
	for (int i = 0; i < day->count; i++) {
		struct day_range range = day->ranges[i];
		struct wall from = {date.days * US_PER_DAY + range.from.s * US_PER_SECOND};
		struct wall until = {date.days * US_PER_DAY + range.until.s * US_PER_SECOND};
		if (range.until.s <= range.from.s)
			until.us += US_PER_DAY;
		for (int minute = opening_minute(from); minute < closing_minute(until); minute++)
			marks[minute] = true;
	}
}

static bool
may_be(enum day_kind kind, bool holiday)
{
	return kind == DAY_UNKNOWN || (kind == DAY_HOLIDAY) == holiday;
}

/* Tries what the calendar leaves open for today and tomorrow; what every try says is sure. */
static void
mark_day(const struct scene *scene, const struct window_rule *window, struct date date)
{
	const bool asks = *window->calendar != '\0';
	const enum day_kind today = asks ? calendar_day(scene->calendar, date) : DAY_ORDINARY;
	const enum day_kind next = asks ? calendar_day(scene->calendar, (struct date){date.days + 1}) : DAY_ORDINARY;
	const struct day_ranges *found = NULL;
	bool sure = true;
	for (int try = 0; try < 4; try++) {
		const bool holiday = try & 1, eve = !holiday && try & 2;
		const struct day_ranges *day = &window->days[date_weekday(date)];
		if (!may_be(today, holiday) || !may_be(next, try & 2))
			continue;
		if (holiday && window->on_holidays_replaced)
			day = &window->holidays;
		if (eve && window->on_eves_replaced)
			day = &window->eves;
		mark_ranges(rule_marks.possible, date, day);
		sure &= found == NULL || found == day;
		found = day;
	}
	if (sure)
		mark_ranges(rule_marks.sure, date, found);
}

static void
mark_rule(const struct scene *scene, const struct window_rule *window)
{
	for (struct date date = {wall_date(walls[0]).days + 1}; date.days < wall_date(walls[MINUTES - 1]).days; date.days++)
		mark_day(scene, window, date);
}

static void
mark_ordinary_time(const struct scene *scene)
{
	for (int minute = 0; minute < MINUTES; minute++) {
		const int64_t us = scene->start.us + minute * US_PER_MINUTE;
		bool declared = false;
		for (size_t i = 0; i < scene->emergency_count; i++)
			declared |= us >= scene->emergencies[i].declared.from.us && us < scene->emergencies[i].declared.until.us;
		if (!declared)
			rule_marks.sure[minute] = rule_marks.possible[minute] = true;
	}
}

static void
mark_free_time(const struct rule *rule)
{
	int first = 0, last = MINUTES - 1;
	while (first < MINUTES && wall_date(walls[first]).days < rule->from.days)
		first++;
	while (last >= 0 && wall_date(walls[last]).days >= rule->until.days)
		last--;
	for (int minute = 0; minute < MINUTES; minute++)
		if (minute < first || minute > last)
			rule_marks.sure[minute] = rule_marks.possible[minute] = true;
}

static void
apply_rule(const struct scene *scene, const struct rule *rule, const struct zone *zone)
{
	read_clock(scene, zone);
	memset(&rule_marks, 0, sizeof(rule_marks));
	mark_rule(scene, &rule->window);
	mark_free_time(rule);
	if (rule->window.emergency)
		mark_ordinary_time(scene);
	for (int minute = 0; minute < MINUTES; minute++) {
		all_marks.sure[minute] &= rule_marks.sure[minute];
		all_marks.possible[minute] &= rule_marks.possible[minute];
	}
}

static void
ask_oracle(const struct scene *scene)
{
	memset(&all_marks, true, sizeof(all_marks));
	for (size_t i = 0; i < scene->rule_count; i++) {
		const struct rule *rule = &scene->rules[i];
		if (*rule->window.fixed_zone)
			apply_rule(scene, rule, zone_set_find(fixture_zone_set(), rule->window.fixed_zone));
		for (size_t j = 0; j < scene->zone_count && !*rule->window.fixed_zone; j++)
			apply_rule(scene, rule, scene->zones[j]);
	}
}

static struct interval
scene_span(const struct scene *scene)
{
	int64_t from = scene->start.us + MARGIN_DAYS * US_PER_DAY;
	return (struct interval){{from}, {from + SPAN_DAYS * US_PER_DAY}};
}

static struct windows
ask_core(const struct scene *scene)
{
	const struct rule *rules[RULES_MAX];
	const struct calendar *calendars[] = {scene->calendar};
	struct window_context context = {.zones = fixture_zone_set(),
		.calendars = calendars,
		.calendar_count = 1,
		.emergencies = scene->emergencies,
		.emergency_count = scene->emergency_count};
	struct windows windows = WINDOWS_INIT;
	struct err err = ERR_INIT;
	for (size_t i = 0; i < scene->rule_count; i++)
		rules[i] = &scene->rules[i];
	struct law law = {.of[RULE_WINDOW] = {rules, scene->rule_count}};
	enum status status = window_expand(&law, scene->zones, scene->zone_count, &context, scene_span(scene), &windows, &err);
	assert_int_equal(status, STATUS_OK);
	return windows;
}

/* Rules and zones are of whole minutes, so sets that agree at every minute and have all edges on minutes are equal. */
static void
compare_set(const struct interval_set *set, const bool *expected, const char *what, struct interval span)
{
	for (size_t i = 0; i < set->count; i++) {
		assert_int_equal(set->items[i].from.us % US_PER_MINUTE, 0);
		assert_int_equal(set->items[i].until.us % US_PER_MINUTE, 0);
	}
	for (int i = 0; i < SPAN_DAYS * 1440; i++) {
		struct instant at = {span.from.us + i * US_PER_MINUTE};
		char text[INSTANT_TEXT_MAX];
		if ((interval_set_find(set, at) != NULL) != expected[i])
			fail_msg("%s at %s: the oracle says %d", what, instant_format(at, 0, text), expected[i]);
	}
}

static void
compare(const struct scene *scene, const struct windows *windows)
{
	static bool unknown[MINUTES];
	const int margin = MARGIN_DAYS * 1440;
	for (int i = 0; i < MINUTES; i++)
		unknown[i] = all_marks.possible[i] && !all_marks.sure[i];
	compare_set(&windows->open, all_marks.sure + margin, "open", scene_span(scene));
	compare_set(&windows->unknown, unknown + margin, "unknown", scene_span(scene));
}

static struct scene
random_scene(struct random_source *random)
{
	struct scene scene = {.rule_count = 1 + random_below(random, RULES_MAX), .zone_count = 1 + random_below(random, ZONES_MAX)};
	for (size_t i = 0; i < scene.zone_count; i++)
		scene.zones[i] = fixture_zone(random_zone_name(random));
	struct instant middle = random_minute(random, scene.zones[0]);
	for (size_t i = 0; i < scene.rule_count; i++)
		scene.rules[i] = random_window_rule(random, middle);
	scene.start = (struct instant){middle.us - MINUTES / 2 * US_PER_MINUTE};
	scene.calendar = random_calendar(random, middle);
	scene.emergency_count = random_below(random, EMERGENCIES_MAX + 1);
	for (size_t i = 0; i < scene.emergency_count; i++)
		scene.emergencies[i] = random_emergency(random, middle);
	return scene;
}

static void
windows_agree_with_the_wall_clock_of_every_minute(void **state)
{
	struct random_source random = random_start("window_oracle");
	(void)state;
	for (int i = 0; i < CASES; i++) {
		struct scene scene = random_scene(&random);
		struct windows windows = ask_core(&scene);
		ask_oracle(&scene);
		compare(&scene, &windows);
		windows_free(&windows);
		calendar_free(&scene.calendar);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(windows_agree_with_the_wall_clock_of_every_minute),
	};
	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
