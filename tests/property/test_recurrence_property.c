/*
 * Random rules of the grammar: the walk gives the dates that libical's own iterator gives, which is slow but right for them; except that it gives
 * a date twice when a weekday is named twice, so none is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <libical/ical.h>
#include <stdio.h>
#include <string.h>

#include "planner/core/recurrence.h"
#include "tests/support/random.h"

enum { RULES = 1500, MOST_DATES = 60, LONGEST_RULE = 200 };

static const char *const weekday_names[] = {"MO", "TU", "WE", "TH", "FR", "SA", "SU"};

static struct date
random_day(struct random_source *random)
{
	const struct date first = date_from_civil((struct civil){1990, 1, 1}), last = date_from_civil((struct civil){2100, 12, 31});

	return (struct date){(int32_t)random_between(random, first.days, last.days)};
}

static void add(char rule[LONGEST_RULE], const char *format, ...) PRINTF_LIKE(2, 3);

static void
add(char rule[LONGEST_RULE], const char *format, ...)
{
	const size_t length = strlen(rule);
	va_list args;

	va_start(args, format);
	vsnprintf(rule + length, LONGEST_RULE - length, format, args);
	va_end(args);
}

/* The weekday of the start and others, with their place in the month or without. */
static void
add_weekdays(struct random_source *random, char rule[LONGEST_RULE], struct date start, bool nth)
{
	const unsigned first = date_weekday(start);
	const int day = date_to_civil(start).day;
	const int length = date_next_month_first(start).days - date_month_first(start).days;
	const int place = random_chance(random, 30) ? -((length - day) / 7 + 1) : (day - 1) / 7 + 1;

	add(rule, ";BYDAY=");
	if (nth)
		add(rule, "%d", place);
	add(rule, "%s", weekday_names[first]);
	for (unsigned i = 1; i < WEEKDAY_COUNT && random_chance(random, 40); i++) {
		add(rule, ",");
		if (nth)
			add(rule, "%d", (int)random_between(random, 1, 5));
		add(rule, "%s", weekday_names[(first + i) % WEEKDAY_COUNT]);
	}
}

static void
add_month_days(struct random_source *random, char rule[LONGEST_RULE], struct date start)
{
	const int day = date_to_civil(start).day;
	const int length = date_next_month_first(start).days - date_month_first(start).days;

	add(rule, ";BYMONTHDAY=%d", random_chance(random, 30) ? day - length - 1 : day);
	if (random_chance(random, 30))
		add(rule, ",%d", day % 28 + 1);
}

/* Weekdays of which some places count, among them that of the start. */
static void
add_position(struct random_source *random, char rule[LONGEST_RULE], struct date start)
{
	const int day = date_to_civil(start).day;
	const int length = date_next_month_first(start).days - date_month_first(start).days;

	add(rule, ";BYDAY=%s", weekday_names[date_weekday(start)]);
	add(rule, ";BYSETPOS=%d", random_chance(random, 50) ? -((length - day) / 7 + 1) : (day - 1) / 7 + 1);
}

static void
random_rule(struct random_source *random, struct date start, char rule[LONGEST_RULE])
{
	static const char *const names[] = {"DAILY", "WEEKLY", "MONTHLY", "YEARLY"};
	const unsigned frequency = (unsigned)random_below(random, 4);
	const struct date until = {start.days + (int32_t)random_below(random, 5000)};
	const struct civil end = date_to_civil(until);

	rule[0] = '\0';
	add(rule, "FREQ=%s", names[frequency]);
	if (random_chance(random, 40))
		add(rule, ";INTERVAL=%d", (int)random_between(random, 1, 12));
	if (frequency != 1 && (frequency == 3 || random_chance(random, 30))) {
		add(rule, ";BYMONTH=%d", date_to_civil(start).month);
		if (random_chance(random, 40))
			add(rule, ",%d", date_to_civil(start).month % 12 + 1);
	}
	if (frequency == 2 && random_chance(random, 20))
		add_position(random, rule, start);
	else if (frequency >= 2 && random_chance(random, 50))
		add_month_days(random, rule, start);
	else if (random_chance(random, 70))
		add_weekdays(random, rule, start, frequency == 3 || (frequency == 2 && random_chance(random, 50)));
	if (frequency == 1 && random_chance(random, 50))
		add(rule, ";WKST=%s", weekday_names[random_below(random, 7)]);
	if (random_chance(random, 20))
		add(rule, ";COUNT=%d", (int)random_between(random, 1, 40));
	else if (random_chance(random, 20))
		add(rule, ";UNTIL=%04d%02d%02d", end.year, end.month, end.day);
}

static void
compare_walks(const char *rrule, struct date start)
{
	const struct civil civil = date_to_civil(start);
	const struct icaltimetype first = {.year = civil.year, .month = civil.month, .day = civil.day, .is_date = 1};
	icalrecur_iterator *iterator = icalrecur_iterator_new(icalrecurrencetype_from_string(rrule), first);
	struct recurrence *recurrence;
	struct err err = ERR_INIT;
	struct date date;

	assert_non_null(iterator);
	if (recurrence_parse(rrule, start, &recurrence, &err) != STATUS_OK)
		fail_msg("%s from %d-%02d-%02d: %s", rrule, civil.year, civil.month, civil.day, err.primary);
	for (int i = 0; i < MOST_DATES; i++) {
		const struct icaltimetype expected = icalrecur_iterator_next(iterator);
		const bool comes = recurrence_next(recurrence, &date);
		const struct civil is = date_to_civil(date);

		if (!comes && (icaltime_is_null_time(expected) || expected.year > 2200))
			break;
		if (!comes || is.year != expected.year || is.month != expected.month || is.day != expected.day)
			fail_msg("%s from %d-%02d-%02d, date %d: %d-%02d-%02d instead of %d-%02d-%02d", rrule, civil.year, civil.month, civil.day,
				i + 1, comes ? is.year : 0, is.month, is.day, expected.year, expected.month, expected.day);
	}
	recurrence_free(&recurrence);
	icalrecur_iterator_free(iterator);
}

static void
the_walk_is_that_of_libical(void **state)
{
	struct random_source random = random_start("recurrence");

	(void)state;
	for (int i = 0; i < random_rounds(RULES); i++) {
		const struct date start = random_day(&random);
		char rule[LONGEST_RULE];

		random_rule(&random, start, rule);
		compare_walks(rule, start);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(the_walk_is_that_of_libical)};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
