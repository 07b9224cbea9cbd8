/* Which rules are followed, and the days they give. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "planner/core/recurrence.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

enum { MOST_DATES = 5 };

static struct date
day(const char *text)
{
	struct date date;
	struct err err = ERR_INIT;

	if (date_parse(text, &date, &err) != STATUS_OK)
		fail_msg("%s", err.primary);
	return date;
}

/* The first dates, "2026-01-31 2026-03-31 ", at most MOST_DATES; or the error. */
static const char *
dates_of(const char *rrule, const char *start)
{
	static char text[ERR_PRIMARY_MAX + 32];
	struct recurrence *recurrence;
	struct err err = ERR_INIT;
	struct date date;

	text[0] = '\0';
	if (recurrence_parse(rrule, day(start), &recurrence, &err) != STATUS_OK) {
		snprintf(text, sizeof(text), "%s: %s", status_name(err.status), err.primary);
		return text;
	}
	for (int i = 0; i < MOST_DATES && recurrence_next(recurrence, &date); i++) {
		const struct civil civil = date_to_civil(date);
		const size_t length = strlen(text);

		snprintf(text + length, sizeof(text) - length, "%d-%02d-%02d ", civil.year, civil.month, civil.day);
	}
	recurrence_free(&recurrence);
	return text;
}

static void
rules_give_their_days(void **state)
{
	static const struct {
		const char *rrule, *start, *dates;
	} rows[] = {
		{"FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=25", "2026-12-25", "2026-12-25 2027-12-25 2028-12-25 2029-12-25 2030-12-25 "},
		{"FREQ=YEARLY;BYMONTH=11;BYDAY=4TH", "2026-11-26", "2026-11-26 2027-11-25 2028-11-23 2029-11-22 2030-11-28 "},
		{"FREQ=YEARLY;BYMONTH=5;BYDAY=-1MO", "2026-05-25", "2026-05-25 2027-05-31 2028-05-29 2029-05-28 2030-05-27 "},
		{"FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", "2024-02-29", "2024-02-29 2028-02-29 2032-02-29 2036-02-29 2040-02-29 "},
		{"FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=20;INTERVAL=4", "2025-01-20", "2025-01-20 2029-01-20 2033-01-20 2037-01-20 2041-01-20 "},
		{"FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=1;COUNT=2", "2026-01-01", "2026-01-01 2027-01-01 "},
		{"FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=1;UNTIL=20270101", "2026-01-01", "2026-01-01 2027-01-01 "},
		{"FREQ=MONTHLY;BYMONTHDAY=31", "2026-01-31", "2026-01-31 2026-03-31 2026-05-31 2026-07-31 2026-08-31 "},
		{"FREQ=MONTHLY;BYMONTHDAY=-1", "2026-01-31", "2026-01-31 2026-02-28 2026-03-31 2026-04-30 2026-05-31 "},
		{"FREQ=MONTHLY;BYDAY=-1FR", "2026-11-27", "2026-11-27 2026-12-25 2027-01-29 2027-02-26 2027-03-26 "},
		{"FREQ=WEEKLY;BYDAY=MO,TH", "2026-11-26", "2026-11-26 2026-11-30 2026-12-03 2026-12-07 2026-12-10 "},
		{"FREQ=WEEKLY;INTERVAL=2;BYDAY=SU;WKST=SU", "2026-11-22", "2026-11-22 2026-12-06 2026-12-20 2027-01-03 2027-01-17 "},
		{"FREQ=DAILY;INTERVAL=10", "2026-12-25", "2026-12-25 2027-01-04 2027-01-14 2027-01-24 2027-02-03 "},
		{"FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR", "2026-11-26", "2026-11-26 2026-11-27 2026-11-30 2026-12-01 2026-12-02 "},
		{"FREQ=WEEKLY", "2026-11-26", "2026-11-26 2026-12-03 2026-12-10 2026-12-17 2026-12-24 "},
		{"FREQ=WEEKLY;INTERVAL=2", "2026-11-22", "2026-11-22 2026-12-06 2026-12-20 2027-01-03 2027-01-17 "},
		{"FREQ=MONTHLY", "2026-01-31", "2026-01-31 2026-03-31 2026-05-31 2026-07-31 2026-08-31 "},
		{"FREQ=MONTHLY;BYDAY=TH;COUNT=5", "2026-01-01", "2026-01-01 2026-01-08 2026-01-15 2026-01-22 2026-01-29 "},
		{"FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "2026-01-30", "2026-01-30 2026-02-27 2026-03-31 2026-04-30 2026-05-29 "},
		{"FREQ=MONTHLY;BYDAY=SA,SU;BYSETPOS=1,-1", "2026-01-31", "2026-01-31 2026-02-01 2026-02-28 2026-03-01 2026-03-29 "},
		{"FREQ=YEARLY", "2024-02-29", "2024-02-29 2028-02-29 2032-02-29 2036-02-29 2040-02-29 "},
		{"FREQ=YEARLY;BYMONTH=1,7", "2026-01-31", "2026-01-31 2026-07-31 2027-01-31 2027-07-31 2028-01-31 "},
		{"FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=1", "2199-01-01", "2199-01-01 2200-01-01 "},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		if (strcmp(dates_of(rows[i].rrule, rows[i].start), rows[i].dates) != 0)
			fail_msg("%s: %s", rows[i].rrule, dates_of(rows[i].rrule, rows[i].start));
	}
}

static void
other_rules_are_refused(void **state)
{
	static const char *const rows[] = {
		"",
		"nonsense",
		"FREQ=HOURLY",
		"FREQ=SECONDLY",
		"FREQ=YEARLY;BYMONTHDAY=1",
		"FREQ=YEARLY;BYMONTH=1;BYDAY=TH",
		"FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=1;BYDAY=1TH",
		"FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=1;BYHOUR=9",
		"FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=1;BYSETPOS=1",
		"FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=1;INTERVAL=0",
		"FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=1;INTERVAL=2000",
		"FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=1;COUNT=2;UNTIL=20270101",
		"FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=1;UNTIL=20270101T000000Z",
		"FREQ=YEARLY;BYYEARDAY=1",
		"FREQ=YEARLY;BYWEEKNO=1;BYDAY=TH",
		"FREQ=YEARLY;RSCALE=HEBREW;BYMONTH=1;BYMONTHDAY=1",
		"FREQ=YEARLY;BYDAY=1TH",
		"FREQ=MONTHLY;BYDAY=TH,1FR",
		"FREQ=MONTHLY;BYDAY=1TH;BYSETPOS=1",
		"FREQ=MONTHLY;BYMONTHDAY=1;BYSETPOS=1",
		"FREQ=MONTHLY;BYSETPOS=1",
		"FREQ=MONTHLY;BYMONTHDAY=1;BYDAY=TH",
		"FREQ=WEEKLY;BYDAY=1TH",
		"FREQ=WEEKLY;BYDAY=TH;BYSETPOS=1",
		"FREQ=DAILY;BYMONTHDAY=1",
		"FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=1;FOO=1",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		if (strcmp(dates_of(rows[i], "2026-01-01"), "invalid: this rule is not followed") != 0) /* a Thursday, the first one */
			fail_msg("%s: %s", rows[i], dates_of(rows[i], "2026-01-01"));
	}
}

static void
the_first_day_must_be_of_the_rule(void **state)
{
	static const char *const rows[] = {
		"FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=1",
		"FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=2",
		"FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=-1",
		"FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=31",
		"FREQ=YEARLY;BYMONTH=1;BYDAY=2TH",
		"FREQ=YEARLY;BYMONTH=1;BYDAY=-1TH",
		"FREQ=YEARLY;BYMONTH=1;BYDAY=1FR",
		"FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30",
		"FREQ=WEEKLY;INTERVAL=2;BYDAY=SU",
		"FREQ=DAILY;BYDAY=SA,SU",
		"FREQ=DAILY;BYMONTH=12",
		"FREQ=MONTHLY;BYDAY=TH;BYSETPOS=2",
		"FREQ=MONTHLY;BYDAY=TH,FR;BYSETPOS=-1",
		"FREQ=YEARLY;BYMONTH=2",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		if (strcmp(dates_of(rows[i], "2026-01-01"), "invalid: the first day is not a day of the rule") != 0)
			fail_msg("%s: %s", rows[i], dates_of(rows[i], "2026-01-01"));
	}
}

static void
a_rule_has_a_longest_length(void **state)
{
	char rrule[RECURRENCE_MAX_BYTES + 2];

	(void)state;
	memset(rrule, 'A', sizeof(rrule));
	rrule[sizeof(rrule) - 1] = '\0';
	assert_string_equal(dates_of(rrule, "2026-01-01"), "invalid: the rule is too long");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules_give_their_days),
		cmocka_unit_test(other_rules_are_refused),
		cmocka_unit_test(the_first_day_must_be_of_the_rule),
		cmocka_unit_test(a_rule_has_a_longest_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
