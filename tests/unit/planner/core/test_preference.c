/* Which instants of a day are preferred: those within the hours, else the nearest hour of what is lawful. */
#include "planner/core/preference.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/law_fixture.h"

enum { STRETCHES_MAX = 6 };

/* Texts of stretches "from until", each ended by NULL. */
struct scene {
	const char *what;
	const char *from, *until; /* the hours */
	const char *zones[2];
	const char *begins; /* `within` begins then; NULL: long before */
	const char *lawful[2 * STRETCHES_MAX], *preferred[2 * STRETCHES_MAX];
};

#define BERLIN "Europe/Berlin"
#define DAY(from, until) "2026-11-23T" from "+01:00", "2026-11-23T" until "+01:00"
#define NEXT(from, until) "2026-11-24T" from "+01:00", "2026-11-24T" until "+01:00"
#define SPRING(from, until) "2026-03-29T" from "Z", "2026-03-29T" until "Z"

static const struct scene scenes[] = {
	{"an hour within the window", "10:00", "11:00", {BERLIN}, NULL, {DAY("08:00", "21:00")}, {DAY("10:00", "11:00")}},
	{"each day its own", "10:00", "11:00", {BERLIN}, NULL, {DAY("08:00", "21:00"), NEXT("10:30", "21:00")},
		{DAY("10:00", "11:00"), NEXT("10:30", "11:00")}},
	{"too late: the last hour", "22:00", "23:00", {BERLIN}, NULL, {DAY("08:00", "21:00")}, {DAY("20:00", "21:00")}},
	{"too early: the first hour", "06:00", "07:00", {BERLIN}, NULL, {DAY("08:00", "21:00")}, {DAY("08:00", "09:00")}},
	{"at the very end", "21:00", "22:00", {BERLIN}, NULL, {DAY("08:00", "21:00")}, {DAY("20:00", "21:00")}},
	{"a window of less than an hour", "22:00", "23:00", {BERLIN}, NULL, {DAY("20:40", "21:00")}, {DAY("20:40", "21:00")}},
	{"the nearer of two windows", "13:00", "14:00", {BERLIN}, NULL, {DAY("10:00", "12:30"), DAY("15:00", "20:00")},
		{DAY("11:30", "12:30")}},
	{"of two equally near the later", "13:00", "14:00", {BERLIN}, NULL, {DAY("10:00", "13:00"), DAY("14:00", "20:00")},
		{DAY("14:00", "15:00")}},
	{"what is left within the hour counts", "13:00", "14:00", {BERLIN}, NULL, {DAY("10:00", "13:10"), DAY("13:50", "20:00")},
		{DAY("13:00", "13:10"), DAY("13:50", "14:00")}},
	{"from a time on", "16:00", "24:00", {BERLIN}, NULL, {DAY("08:00", "21:00"), NEXT("08:00", "21:00")},
		{DAY("16:00", "21:00"), NEXT("16:00", "21:00")}},
	{"from before the window on", "06:00", "24:00", {BERLIN}, NULL, {DAY("08:00", "21:00")}, {DAY("08:00", "21:00")}},
	{"from after the window on", "22:00", "24:00", {BERLIN}, NULL, {DAY("08:00", "21:00")}, {DAY("20:00", "21:00")}},
	{"a night belongs to both of its days", "02:00", "03:00", {BERLIN}, NULL, {"2026-11-23T22:00+01:00", "2026-11-24T06:00+01:00"},
		{"2026-11-23T22:00+01:00", "2026-11-23T23:00+01:00", "2026-11-24T02:00+01:00", "2026-11-24T03:00+01:00"}},
	{"a day without instants has none", "10:00", "11:00", {BERLIN}, NULL, {NEXT("08:00", "21:00")}, {NEXT("10:00", "11:00")}},
	{"nothing is lawful", "10:00", "11:00", {BERLIN}, NULL, {NULL}, {NULL}},
	{"today it is too late", "10:00", "11:00", {BERLIN}, "2026-11-23T15:00+01:00", {DAY("08:00", "21:00"), NEXT("08:00", "21:00")},
		{NEXT("10:00", "11:00")}},
	{"today it is too late to be the only day", "10:00", "11:00", {BERLIN}, "2026-11-23T15:00+01:00", {DAY("08:00", "21:00")}, {NULL}},
	{"the hour has begun", "10:00", "11:00", {BERLIN}, "2026-11-23T10:40+01:00", {DAY("08:00", "21:00")}, {DAY("10:40", "11:00")}},
	{"too early now, and the window is still to open", "06:00", "07:00", {BERLIN}, "2026-11-23T07:30+01:00", {DAY("08:00", "21:00")},
		{DAY("08:00", "09:00")}},
	{"of two clocks either", "10:00", "11:00", {BERLIN, "Europe/London"}, NULL, {DAY("08:00", "21:00")}, {DAY("10:00", "12:00")}},
	{"the hour that the change of the clock swallows", "02:00", "03:00", {BERLIN}, NULL, {SPRING("00:00", "06:00")},
		{SPRING("01:00", "02:00")}},
};

static void
read_set(const char *const *texts, struct interval_set *out)
{
	for (size_t i = 0; i < 2 * STRETCHES_MAX && texts[i] != NULL; i += 2) {
		const struct interval stretch = {fixture_instant(texts[i]), fixture_instant(texts[i + 1])};
		assert_int_equal(interval_set_add(out, stretch), STATUS_OK);
	}
}

static void
every_scene(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof scenes / sizeof *scenes; i++) {
		const struct scene *scene = &scenes[i];
		const struct day_range range = fixture_range(scene->from, scene->until);
		const struct preferred_hours hours = {range.from, range.until};
		const size_t zone_count = scene->zones[1] != NULL ? 2 : 1;
		const struct zone *const zones[] = {fixture_zone(scene->zones[0]), fixture_zone(scene->zones[zone_count - 1])};
		const char *begins = scene->begins != NULL ? scene->begins : "2026-01-01T00:00:00Z";
		const struct interval within = {fixture_instant(begins), fixture_instant("2026-12-01T00:00:00Z")};
		struct interval_set lawful = INTERVAL_SET_INIT, expected = INTERVAL_SET_INIT, found = INTERVAL_SET_INIT;
		read_set(scene->lawful, &lawful);
		read_set(scene->preferred, &expected);
		assert_int_equal(preference_hours(&hours, zones, zone_count, &lawful, within, &found), STATUS_OK);
		if (!interval_set_equal(&found, &expected))
			fail_msg("%s", scene->what);
		interval_set_free(&lawful);
		interval_set_free(&expected);
		interval_set_free(&found);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_scene),
	};
	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
