/* The shipped calendars: that they hold the days they should, and that the committed files are what their generator writes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "tests/support/case_file.h"
#include "tests/support/process.h"
#include "tests/support/shipped_calendars.h"
#include "tests/support/temp.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))
#define GENERATOR DAYPART_SOURCE_DIR "/conf/calendars/generate.py"

static struct calendar **calendars;
static size_t calendar_count;

static const struct calendar *
find(const char *name)
{
	const struct calendar *calendar = shipped_calendar_find(calendars, calendar_count, name);

	if (calendar == NULL)
		fail_msg("there is no calendar %s", name);
	return calendar;
}

static struct date
date_of(const char *text)
{
	struct err err = ERR_INIT;
	struct date date;

	if (date_parse(text, &date, &err) != STATUS_OK)
		fail_msg("%s: %s", text, err.primary);
	return date;
}

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
brazil_has_its_national_holidays_and_no_others(void **state)
{
	const struct calendar *brazil = find("BR");

	(void)state;
	assert_int_equal(calendar_first(brazil).days, date_from_civil((struct civil){2024, 1, 1}).days);
	assert_int_equal(calendar_last(brazil).days, date_from_civil((struct civil){2040, 12, 31}).days);
	for (struct date date = calendar_first(brazil); date.days <= calendar_last(brazil).days; date.days++) {
		const struct civil civil = date_to_civil(date);

		if (calendar_day(brazil, date) != (is_brazilian_holiday(date) ? DAY_HOLIDAY : DAY_ORDINARY))
			fail_msg("%d-%02d-%02d", civil.year, civil.month, civil.day);
	}
}

static void
days_are_what_a_lawyer_would_say(void **state)
{
	struct case_file *file = case_file_open("holidays.txt", ';');
	char *field[3];

	(void)state;
	while (case_file_next(file, field, COUNT(field))) {
		const struct calendar *calendar = find(field[0]);
		const struct date date = date_of(field[1]);
		const char *name = calendar_day_name(calendar, date);
		const enum day_kind kind = calendar_day(calendar, date);
		const char *is = kind == DAY_UNKNOWN ? "unknown" : kind == DAY_ORDINARY ? "working day" : name;

		if (strcmp(is, field[2]) != 0)
			fail_msg("holidays.txt:%d: %s", case_file_line(file), is);
	}
	case_file_close(&file);
}

static void
every_calendar_is_of_the_area_that_it_is_named_after(void **state)
{
	(void)state;
	for (size_t i = 0; i < calendar_count; i++)
		assert_string_equal(calendar_area(calendars[i]), calendar_name(calendars[i]));
}

/* A part of a country has the days of the whole. */
static void
the_states_of_brazil_have_the_national_days(void **state)
{
	const struct calendar *brazil = find("BR");
	int states = 0;

	(void)state;
	for (size_t i = 0; i < calendar_count; i++) {
		if (strncmp(calendar_name(calendars[i]), "BR-", 3) != 0)
			continue;
		states++;
		for (struct date date = calendar_first(brazil); date.days <= calendar_last(brazil).days; date.days++) {
			if (calendar_day(brazil, date) == DAY_HOLIDAY)
				assert_int_equal(calendar_day(calendars[i], date), DAY_HOLIDAY);
		}
	}
	assert_int_equal(states, 27); /* 26 states and the Federal District */
}

static void
the_committed_files_are_what_the_generator_writes(void **state)
{
	char *folder = temp_path("calendars");
	const char *make[] = {"mkdir", folder, NULL};
	const char *generate[] = {"/usr/bin/python3", GENERATOR, folder, NULL};
	const char *const committed = DAYPART_SOURCE_DIR "/conf/calendars";
	const char *compare[] = {"diff", "-rq", "--exclude=*.py", "--exclude=areas", folder, committed, NULL};
	const char *const *const steps[] = {make, generate, compare};

	(void)state;
	for (size_t i = 0; i < COUNT(steps); i++) {
		struct process_result result = process_run(steps[i], NULL);

		if (result.exit_code != 0)
			fail_msg("%s: %s%s; run conf/calendars/generate.py", steps[i][0], result.out, result.err);
		process_result_free(&result);
	}
	free(folder);
}

static int
read_calendars(void **state)
{
	(void)state;
	calendars = shipped_calendars_read(&calendar_count);
	return 0;
}

static int
free_calendars(void **state)
{
	(void)state;
	shipped_calendars_free(calendars, calendar_count);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(brazil_has_its_national_holidays_and_no_others),
		cmocka_unit_test(days_are_what_a_lawyer_would_say),
		cmocka_unit_test(every_calendar_is_of_the_area_that_it_is_named_after),
		cmocka_unit_test(the_states_of_brazil_have_the_national_days),
		cmocka_unit_test(the_committed_files_are_what_the_generator_writes),
	};

	return cmocka_run_group_tests(tests, read_calendars, free_calendars) != 0;
}
