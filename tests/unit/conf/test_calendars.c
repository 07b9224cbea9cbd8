/* The shipped calendars: that they hold the days they should, and that the committed file is what its generator writes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "planner/core/calendar.h"
#include "tests/support/process.h"
#include "tests/support/temp.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))
#define BRAZIL DAYPART_SOURCE_DIR "/conf/calendars/br.ics"
#define GENERATOR DAYPART_SOURCE_DIR "/conf/calendars/generate.py"

/* From published tables, not computed: the generator's computus is what is being tested. */
static const struct civil easter_sundays[] = {
	{2024, 3, 31},
	{2025, 4, 20},
	{2026, 4, 5},
	{2027, 3, 28},
	{2028, 4, 16},
	{2029, 4, 1},
	{2030, 4, 21},
	{2031, 4, 13},
	{2032, 3, 28},
	{2033, 4, 17},
	{2034, 4, 9},
	{2035, 3, 25},
	{2036, 4, 13},
	{2037, 4, 5},
	{2038, 4, 25},
	{2039, 4, 10},
	{2040, 4, 1},
};

static bool
is_brazilian_holiday(struct date date)
{
	static const struct {
		int month, day;
	} fixed[] = {{1, 1}, {4, 21}, {5, 1}, {9, 7}, {10, 12}, {11, 2}, {11, 15}, {11, 20}, {12, 25}};
	static const int after_easter[] = {-48, -47, -2, 60};
	const struct civil civil = date_to_civil(date);

	for (size_t i = 0; i < COUNT(fixed); i++) {
		if (civil.month == fixed[i].month && civil.day == fixed[i].day)
			return true;
	}
	for (size_t i = 0; i < COUNT(easter_sundays) * COUNT(after_easter); i++) {
		const struct date easter = date_from_civil(easter_sundays[i / COUNT(after_easter)]);

		if (date.days == easter.days + after_easter[i % COUNT(after_easter)])
			return true;
	}
	return false;
}

static void
brazil_has_its_national_holidays(void **state)
{
	size_t size;
	char *text = file_read(BRAZIL, &size);
	struct calendar *calendar;
	struct err err = ERR_INIT;

	(void)state;
	if (calendar_parse("BR", text, size, &calendar, &err) != STATUS_OK)
		fail_msg("%s; %s", err.primary, err.detail);
	assert_string_equal(calendar_area(calendar), "BR");
	assert_int_equal(calendar_first(calendar).days, date_from_civil((struct civil){2024, 1, 1}).days);
	assert_int_equal(calendar_last(calendar).days, date_from_civil((struct civil){2040, 12, 31}).days);
	for (struct date date = calendar_first(calendar); date.days <= calendar_last(calendar).days; date.days++) {
		const enum day_kind expected = is_brazilian_holiday(date) ? DAY_HOLIDAY : DAY_ORDINARY;
		const struct civil civil = date_to_civil(date);

		if (calendar_day(calendar, date) != expected)
			fail_msg("%d-%02d-%02d", civil.year, civil.month, civil.day);
	}
	calendar_free(&calendar);
	free(text);
}

static void
the_committed_file_is_what_the_generator_writes(void **state)
{
	const char *argv[] = {"python3", GENERATOR, NULL};
	struct process_result result = process_run(argv, NULL);
	char *text = file_read(BRAZIL, NULL);

	(void)state;
	assert_int_equal(result.exit_code, 0);
	assert_string_equal(result.out, text);
	process_result_free(&result);
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(brazil_has_its_national_holidays),
		cmocka_unit_test(the_committed_file_is_what_the_generator_writes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
