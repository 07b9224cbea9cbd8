/* Dates, wall clocks, and the texts people write for them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "planner/core/instant.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static void
civil_dates(void **state)
{
	static const struct {
		struct civil civil;
		int32_t days;
		enum weekday weekday;
	} rows[] = {
		{{1970, 1, 1}, 0, THURSDAY},
		{{1969, 12, 31}, -1, WEDNESDAY},
		{{1900, 1, 1}, -25567, MONDAY},
		{{1900, 2, 28}, -25509, WEDNESDAY},
		{{1900, 3, 1}, -25508, THURSDAY},
		{{2000, 2, 29}, 11016, TUESDAY},
		{{2024, 2, 29}, 19782, THURSDAY},
		{{2026, 11, 21}, 20778, SATURDAY},
		{{2200, 12, 31}, 84370, WEDNESDAY},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct date date = date_from_civil(rows[i].civil);
		const struct civil back = date_to_civil(date);

		assert_int_equal(date.days, rows[i].days);
		assert_memory_equal(&back, &rows[i].civil, sizeof(back));
		assert_int_equal(date_weekday(date), rows[i].weekday);
	}
}

/* Each day follows the one before: the two conversions against plain counting, over all years that may occur. */
static void
every_day_follows_the_one_before(void **state)
{
	struct civil expected = {1900, 1, 1};
	static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	(void)state;
	for (struct date date = date_from_civil(expected); expected.year <= 2200; date.days++) {
		const struct civil civil = date_to_civil(date);
		const int leap = expected.year % 4 == 0 && (expected.year % 100 != 0 || expected.year % 400 == 0);

		assert_memory_equal(&civil, &expected, sizeof(civil));
		assert_int_equal(date_from_civil(civil).days, date.days);
		assert_true(date_is_valid(civil));
		if (++expected.day > lengths[expected.month - 1] + (expected.month == 2 ? leap : 0)) {
			expected.day = 1;
			if (++expected.month > 12) {
				expected.month = 1;
				expected.year++;
			}
		}
	}
}

static void
months(void **state)
{
	static const struct {
		struct civil day, first, next_first;
	} rows[] = {
		{{2026, 11, 21}, {2026, 11, 1}, {2026, 12, 1}},
		{{2026, 12, 31}, {2026, 12, 1}, {2027, 1, 1}},
		{{2024, 2, 29}, {2024, 2, 1}, {2024, 3, 1}},
		{{2026, 1, 1}, {2026, 1, 1}, {2026, 2, 1}},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct date day = date_from_civil(rows[i].day);

		assert_int_equal(date_month_first(day).days, date_from_civil(rows[i].first).days);
		assert_int_equal(date_next_month_first(day).days, date_from_civil(rows[i].next_first).days);
	}
}

static void
wall_clocks_floor_before_1970(void **state)
{
	static const struct {
		int64_t us;
		int32_t days, s;
	} rows[] = {
		{0, 0, 0},
		{-1, -1, 86399},
		{-US_PER_SECOND, -1, 86399},
		{-US_PER_DAY, -1, 0},
		{US_PER_DAY - 1, 0, 86399},
		{US_PER_DAY, 1, 0},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(wall_date((struct wall){rows[i].us}).days, rows[i].days);
		assert_int_equal(wall_day_time((struct wall){rows[i].us}).s, rows[i].s);
	}
	assert_int_equal(wall_at((struct date){-1}, (struct day_time){86400}).us, 0);
}

static void
instants_are_read(void **state)
{
	static const struct {
		const char *text;
		int64_t us;
	} rows[] = {
		{"1970-01-01T00:00:00Z", 0},
		{"1970-01-01 00:00Z", 0},
		{"2026-11-23T15:00:00-05:00", INT64_C(1795464000000000)},
		{"2026-11-23T15:00-0500", INT64_C(1795464000000000)},
		{"2026-11-23T15:00-05", INT64_C(1795464000000000)},
		{"2026-11-24T01:45:00+05:45", INT64_C(1795464000000000)},
		{"2026-11-23T20:00:00.5Z", INT64_C(1795464000500000)},
		{"2026-11-23T20:00:00.000001Z", INT64_C(1795464000000001)},
		{"1900-01-01T00:00:00Z", INT64_C(-2208988800000000)},
	};
	struct instant at;
	struct err err = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		if (instant_parse(rows[i].text, &at, &err) != STATUS_OK || at.us != rows[i].us)
			fail_msg("%s: %lld, %s", rows[i].text, (long long)at.us, err.primary);
	}
}

static void
malformed_instants_are_refused(void **state)
{
	static const char *const rows[] = {
		"",
		"now",
		"2026-11-23",
		"2026-11-23T",
		"2026-11-23T15:00:00X",
		"2026-11-23T15:00:00-5:00",
		"2026-11-23T15:00:00-05:0",
		"2026-11-23T15:00:00-05:60",
		"2026-11-23T15:00:00+16:00",
		"2026-11-23T15:00:00-05:00 ",
		" 2026-11-23T15:00:00-05:00",
		"2026-11-23T15:00:60Z",
		"2026-11-23T15:60:00Z",
		"2026-11-23T24:00:00Z",
		"2026-11-23T15:00:00.Z",
		"2026-11-23T15:00:00.1234567Z",
		"2026-02-29T15:00:00Z",
		"2026-13-01T15:00:00Z",
		"2026-00-01T15:00:00Z",
		"2026-01-00T15:00:00Z",
		"1899-12-31T23:59:59Z",
		"2201-01-01T00:00:00Z",
		"+026-01-01T00:00:00Z",
		"2026-11-23t15:00:00z",
	};
	struct instant at;
	struct err err = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		if (instant_parse(rows[i], &at, &err) != STATUS_INVALID)
			fail_msg("\"%s\" was accepted", rows[i]);
		assert_non_null(strstr(err.primary, "is not an instant"));
		assert_true(err.hint[0] != '\0');
	}
}

static void
a_bare_time_is_refused_with_a_hint(void **state)
{
	static const char *const rows[] = {"2026-11-23T15:00", "2026-11-23T15:00:00", "2026-11-23 15:00:00.25"};
	struct instant at;
	struct err err = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(instant_parse(rows[i], &at, &err), STATUS_INVALID);
		assert_non_null(strstr(err.primary, "has no offset"));
		assert_non_null(strstr(err.hint, "-05:00"));
	}
}

static void
instants_are_written(void **state)
{
	static const struct {
		int64_t us;
		int32_t offset_s;
		const char *text;
	} rows[] = {
		{0, 0, "1970-01-01T00:00:00Z"},
		{INT64_C(1795464000000000), -5 * 3600, "2026-11-23T15:00:00-05:00"},
		{INT64_C(1795464000000000), 20700, "2026-11-24T01:45:00+05:45"},
		{INT64_C(1795464000000001), 0, "2026-11-23T20:00:00.000001Z"},
		{-1, 0, "1969-12-31T23:59:59.999999Z"},
		{0, -12652, "1969-12-31T20:29:08-03:30:52"},
		{-1, -93599, "1969-12-30T22:00:00.999999-25:59:59"},
	};
	char text[INSTANT_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_string_equal(instant_format((struct instant){rows[i].us}, rows[i].offset_s, text), rows[i].text);
}

static void
dates_are_read(void **state)
{
	struct err err = ERR_INIT;
	struct date date;

	(void)state;
	assert_int_equal(date_parse("2024-02-29", &date, &err), STATUS_OK);
	assert_int_equal(date.days, 19782);
	assert_int_equal(date_parse("2026-02-29", &date, &err), STATUS_INVALID);
	assert_int_equal(date_parse("2026-2-9", &date, &err), STATUS_INVALID);
	assert_int_equal(date_parse("2026-02-09 ", &date, &err), STATUS_INVALID);
	assert_int_equal(date_parse("", &date, &err), STATUS_INVALID);
}

static void
times_of_day(void **state)
{
	static const struct {
		const char *text;
		int32_t s; /* -1: refused */
	} rows[] = {
		{"00:00", 0},
		{"09:00", 32400},
		{"09:00:01", 32401},
		{"23:59:59", 86399},
		{"24:00", 86400},
		{"24:00:00", 86400},
		{"24:00:01", -1},
		{"24:01", -1},
		{"9:00", -1},
		{"09:60", -1},
		{"09:00:60", -1},
		{"09", -1},
		{"09:00:", -1},
		{"09:00 ", -1},
		{"-1:00", -1},
		{"", -1},
	};
	struct err err = ERR_INIT;
	struct day_time time;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const enum status status = day_time_parse(rows[i].text, &time, &err);

		if (status != (rows[i].s < 0 ? STATUS_INVALID : STATUS_OK) || (status == STATUS_OK && time.s != rows[i].s))
			fail_msg("\"%s\": %s", rows[i].text, status_name(status));
	}
}

static void
durations(void **state)
{
	static const struct {
		const char *text;
		int64_t us; /* -1: refused, -2: as too long */
	} rows[] = {
		{"0s", 0},
		{"30s", 30 * US_PER_SECOND},
		{"90m", 90 * US_PER_MINUTE},
		{"36h", 36 * US_PER_HOUR},
		{"7d", 7 * US_PER_DAY},
		{"3660d", 3660 * US_PER_DAY},
		{"3661d", -2},
		{"99999999999999999999999999d", -2},
		{"9223372036854775807s", -2},
		{"-1d", -1},
		{"+1d", -1},
		{"d", -1},
		{"7", -1},
		{"7w", -1},
		{"7 d", -1},
		{"7d ", -1},
		{"1d12h", -1},
		{"1.5h", -1},
		{"", -1},
	};
	struct err err = ERR_INIT;
	struct duration length;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const enum status status = duration_parse(rows[i].text, &length, &err);

		if (status != (rows[i].us < 0 ? STATUS_INVALID : STATUS_OK) || (status == STATUS_OK && length.us != rows[i].us))
			fail_msg("\"%s\": %s", rows[i].text, status_name(status));
		if (rows[i].us < 0)
			assert_non_null(strstr(err.hint, rows[i].us == -2 ? "write 3660d at most" : "such as 7d"));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(civil_dates),
		cmocka_unit_test(every_day_follows_the_one_before),
		cmocka_unit_test(months),
		cmocka_unit_test(wall_clocks_floor_before_1970),
		cmocka_unit_test(instants_are_read),
		cmocka_unit_test(malformed_instants_are_refused),
		cmocka_unit_test(a_bare_time_is_refused_with_a_hint),
		cmocka_unit_test(instants_are_written),
		cmocka_unit_test(dates_are_read),
		cmocka_unit_test(times_of_day),
		cmocka_unit_test(durations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
