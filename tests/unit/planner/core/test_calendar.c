/* Calendars from iCalendar text: which days they hold, and what is refused, where. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "planner/core/calendar.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))
#define HEAD "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:test\r\n"
#define AREA "X-DAYPART-AREA:BR\r\n"
#define COVERAGE "X-DAYPART-COVERAGE:2024-01-01/2026-12-31\r\n"
#define TAIL "END:VCALENDAR\r\n"
#define EVENT(lines) HEAD AREA COVERAGE "BEGIN:VEVENT\r\nSUMMARY:Day\r\n" lines "END:VEVENT\r\n" TAIL /* begins in line 6 */

static struct date
day(int year, int month, int day_of_month)
{
	return date_from_civil((struct civil){year, month, day_of_month});
}

static struct calendar *
calendar_of(const char *text)
{
	struct calendar *calendar;
	struct err err = ERR_INIT;

	if (calendar_parse("BR", text, strlen(text), &calendar, &err) != STATUS_OK)
		fail_msg("%s; %s", err.primary, err.detail);
	return calendar;
}

/* All holidays, "2024-02-12 2024-02-13 ". */
static const char *
holidays_of(const struct calendar *calendar)
{
	static char text[512];

	text[0] = '\0';
	for (struct date date = calendar_first(calendar); date.days <= calendar_last(calendar).days; date.days++) {
		const struct civil civil = date_to_civil(date);
		const size_t length = strlen(text);

		assert_int_equal(calendar_day(calendar, date) == DAY_HOLIDAY, calendar_day_name(calendar, date) != NULL);
		if (calendar_day(calendar, date) == DAY_HOLIDAY)
			snprintf(text + length, sizeof(text) - length, "%d-%02d-%02d ", civil.year, civil.month, civil.day);
	}
	return text;
}

static void
events_give_their_days(void **state)
{
	static const struct {
		const char *text, *days;
	} rows[] = {
		{EVENT("DTSTART;VALUE=DATE:20250421\r\n"), "2025-04-21 "},
		{EVENT("DTSTART;VALUE=DATE:20250421\r\nDTEND;VALUE=DATE:20250422\r\n"), "2025-04-21 "},
		{EVENT("DTSTART;VALUE=DATE:20250302\r\nDTEND;VALUE=DATE:20250305\r\n"), "2025-03-02 2025-03-03 2025-03-04 "},
		{EVENT("DTSTART;VALUE=DATE:20250302\r\nDURATION:P2D\r\n"), "2025-03-02 2025-03-03 "},
		{EVENT("DTSTART;VALUE=DATE:20241231\r\nDURATION:P2D\r\n"), "2024-12-31 2025-01-01 "},
		{EVENT("DTSTART;VALUE=DATE:20240501\r\nRRULE:FREQ=YEARLY;BYMONTH=5;BYMONTHDAY=1\r\n"), "2024-05-01 2025-05-01 2026-05-01 "},
		{EVENT("DTSTART;VALUE=DATE:19900501\r\nRRULE:FREQ=YEARLY;BYMONTH=5;BYMONTHDAY=1\r\n"), "2024-05-01 2025-05-01 2026-05-01 "},
		{EVENT("DTSTART;VALUE=DATE:20240501\r\nRRULE:FREQ=YEARLY;BYMONTH=5;BYMONTHDAY=1\r\nEXDATE;VALUE=DATE:20250501\r\n"),
			"2024-05-01 2026-05-01 "},
		{EVENT("DTSTART;VALUE=DATE:20240212\r\nRDATE;VALUE=DATE:20250303,20260216\r\n"), "2024-02-12 2025-03-03 2026-02-16 "},
		{EVENT("DTSTART;VALUE=DATE:20240212\r\nRDATE;VALUE=DATE:20240212,2025\r\n 0303\r\nRDATE;VALUE=DATE:20230101\r\n"),
			"2024-02-12 2025-03-03 "},
		{EVENT("DTSTART;VALUE=DATE:20240229\r\nRRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29\r\n"),
			"2024-02-29 "}, /* no 1 March in other years */
		{EVENT("DTSTART;VALUE=DATE:20240229\r\nRRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1\r\n"), "2024-02-29 2025-02-28 2026-02-28 "},
		{EVENT("DTSTART;VALUE=DATE:20240228\r\nDTEND;VALUE=DATE:20240302\r\n"), "2024-02-28 2024-02-29 2024-03-01 "},
		{EVENT("DTSTART;VALUE=DATE:20240527\r\nRRULE:FREQ=YEARLY;BYMONTH=5;BYDAY=-1MO\r\n"), "2024-05-27 2025-05-26 2026-05-25 "},
		{EVENT("DTSTART;VALUE=DATE:20231230\r\nDURATION:P4D\r\n"), "2024-01-01 2024-01-02 "}, /* begins before the coverage */
		{EVENT("DTSTART;VALUE=DATE:20261230\r\nDURATION:P1W\r\n"), "2026-12-30 2026-12-31 "}, /* ends after it */
		{EVENT("DTSTART;VALUE=DATE:20240212\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nSUMMARY:Other\r\nDTSTART;VALUE=DATE:20240212\r\n"),
			"2024-02-12 "},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct calendar *calendar = calendar_of(rows[i].text);

		if (strcmp(holidays_of(calendar), rows[i].days) != 0)
			fail_msg("row %zu: %s", i, holidays_of(calendar));
		calendar_free(&calendar);
		assert_null(calendar);
	}
}

static void
what_is_not_covered_is_unknown(void **state)
{
	struct calendar *calendar = calendar_of(EVENT("DTSTART;VALUE=DATE:20240501\r\nRRULE:FREQ=YEARLY;BYMONTH=5;BYMONTHDAY=1\r\n"));

	(void)state;
	assert_int_equal(calendar_day(calendar, day(2023, 5, 1)), DAY_UNKNOWN);
	assert_int_equal(calendar_day(calendar, day(2023, 12, 31)), DAY_UNKNOWN);
	assert_int_equal(calendar_day(calendar, day(2024, 1, 1)), DAY_ORDINARY);
	assert_int_equal(calendar_day(calendar, day(2026, 12, 31)), DAY_ORDINARY);
	assert_int_equal(calendar_day(calendar, day(2027, 1, 1)), DAY_UNKNOWN);
	assert_int_equal(calendar_day(calendar, day(2027, 5, 1)), DAY_UNKNOWN);
	assert_null(calendar_day_name(calendar, day(2024, 1, 1)));
	assert_string_equal(calendar_day_name(calendar, day(2024, 5, 1)), "Day");
	assert_string_equal(calendar_name(calendar), "BR");
	assert_string_equal(calendar_area(calendar), "BR");
	assert_int_equal(calendar_first(calendar).days, day(2024, 1, 1).days);
	assert_int_equal(calendar_last(calendar).days, day(2026, 12, 31).days);
	calendar_free(&calendar);
}

static void
long_names_are_cut_between_characters(void **state)
{
	/* 62 bytes, then one character of two. */
	struct calendar *calendar =
		calendar_of(HEAD AREA COVERAGE "BEGIN:VEVENT\r\nSUMMARY:0123456789012345678901234567890123456789012345678901"
									   "2345678901\xC3\xA9 and more\r\nDTSTART;VALUE=DATE:20240101\r\nEND:VEVENT\r\n" TAIL);

	(void)state;
	assert_int_equal(strlen(calendar_day_name(calendar, day(2024, 1, 1))), 62);
	calendar_free(&calendar);
}

static void
unusable_calendars_are_refused(void **state)
{
	static const struct {
		const char *text, *primary, *detail;
	} rows[] = {
		{"", "not an iCalendar text", ""},
		{"hello", "not", ""},
		{"BEGIN:VEVENT\r\nEND:VEVENT\r\n", "not one VCALENDAR", "VEVENT"},
		{EVENT("DTSTART;VALUE=DATE:20240101\r\n") EVENT("DTSTART;VALUE=DATE:20240101\r\n"), "not one VCALENDAR", ""},
		{HEAD AREA COVERAGE TAIL, "no holiday within", ""},
		{HEAD AREA TAIL, "X-DAYPART-COVERAGE", ""},
		{HEAD COVERAGE TAIL, "X-DAYPART-AREA", ""},
		{HEAD AREA "X-DAYPART-COVERAGE:2024-01-01\r\n" TAIL, "X-DAYPART-COVERAGE", "2024-01-01"},
		{HEAD AREA "X-DAYPART-COVERAGE:2024-01-01/2023-12-31\r\n" TAIL, "X-DAYPART-COVERAGE", "2023-12-31"},
		{HEAD AREA "X-DAYPART-COVERAGE:2024-02-30/2026-12-31\r\n" TAIL, "X-DAYPART-COVERAGE", "2024-02-30"},
		{HEAD AREA COVERAGE "BEGIN:VTODO\r\nSUMMARY:x\r\nEND:VTODO\r\n" TAIL, "only VEVENT", "VTODO"},
		{HEAD AREA COVERAGE "BEGIN:VEVENP\r\nSUMMARY:x\r\nEND:VEVENP\r\n" TAIL, "only VEVENT", ""}, /* libical has no word for it */
		{EVENT(""), "one DTSTART", "line 6"},
		{EVENT("DTSTART;VALUE=DATE:20240101\r\nDTSTART;VALUE=DATE:20240102\r\n"), "one DTSTART", "line 6"},
		{EVENT("DTSTART;VALUE=DATE:20240231\r\n"), "not a date", "line 8: \"DTSTART;VALUE=DATE:20240231\""},
		{EVENT("DTSTART;VALUE=DATE:20250229\r\n"), "not a date", "line 8: \"DTSTART;VALUE=DATE:20250229\""},
		{EVENT("DTSTART:20240201T000000Z\r\n"), "not a date", "20240201T000000Z"},
		{EVENT("DTSTART;VALUE=DATE:20240201T250000\r\n"), "not a date", "20240201T250000"},
		{EVENT("DTSTART;VALUE=DATE:2024\r\n"), "malformed event", "2024"},
		{EVENT("DTSTART;VALUE=DATE:18991231\r\n"), "not a date", "18991231"},
		{EVENT("DTSTART;VALUE=DATE:20240101\r\nDTEND;VALUE=DATE:20240101\r\n"), "1 to 31", "DTEND"},
		{EVENT("DTSTART;VALUE=DATE:20240101\r\nDTEND;VALUE=DATE:20240202\r\n"), "1 to 31", "DTEND"},
		{EVENT("DTSTART;VALUE=DATE:20240101\r\nDURATION:PT24H\r\n"), "1 to 31", "DURATION"},
		{EVENT("DTSTART;VALUE=DATE:20240101\r\nDURATION:-P1D\r\n"), "1 to 31", "DURATION"},
		{EVENT("DTSTART;VALUE=DATE:20240101\r\nDURATION:P4294967295W\r\n"), "1 to 31", "line 9"},
		{EVENT("DTSTART;VALUE=DATE:20240101\r\nRDATE;VALUE=DATE:20240231\r\n"), "not a date", "RDATE"},
		{EVENT("DTSTART;VALUE=DATE:20240101\r\nRDATE;VALUE=PERIOD:20240101T000000Z/P1D\r\n"), "not a date", "RDATE"},
		{EVENT("DTSTART;VALUE=DATE:20240101\r\nEXDATE;VALUE=DATE:20240231\r\n"), "not a date", "EXDATE"},
		{EVENT("DTSTART;VALUE=DATE:20240101\r\nRRULE:FREQ=SECONDLY\r\n"), "this rule", "line 9: \"RRULE:FREQ=SECONDLY"},
		{EVENT("DTSTART;VALUE=DATE:20240101\r\nRRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30\r\n"), "the first day", "BYMONTHDAY=30"},
		{EVENT("DTSTART;VALUE=DATE:20240101\r\nRRULE:FREQ=YEARLY;FOO=1\r\n"), "malformed event", "FOO=1"},
		{EVENT("DTSTART;VALUE=DATE:20240101\r\nRRULE:FREQ=DAILY\r\nRRULE:FREQ=DAILY\r\n"), "more than one RRULE", "DAILY"},
		{EVENT("DTSTART;VALUE=DATE:20240101\r\nEXRULE:FREQ=YEARLY\r\n"), "not followed", "EXRULE"},
		{EVENT("DTSTART;VALUE=DATE:20240101\r\nRECURRENCE-ID;VALUE=DATE:20240101\r\n"), "not followed", "RECURRENCE-ID"},
		{EVENT("DTSTART;VALUE=DATE:20240101\r\nSTATUS:CANCELLED\r\n"), "not followed", "CANCELLED"},
		{EVENT("DTSTART;VALUE=DATE:19000101\r\nRRULE:FREQ=DAILY\r\n"), "too many days", "line 6"},
		{HEAD AREA COVERAGE "BEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20240101\r\nEND:VEVENT\r\n" TAIL, "needs a SUMMARY", "line 6"},
		{EVENT("DTSTART;VALUE=DATE:20240101\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nSUMMARY:Second\r\nDTSTART;VALUE=DATE:20240231\r\n"),
			"not a date", "line 12: \"DTSTART;VALUE=DATE:20240231\""},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct calendar *calendar = NULL;
		struct err err = ERR_INIT;

		if (calendar_parse("BR", rows[i].text, strlen(rows[i].text), &calendar, &err) != STATUS_INVALID ||
			strstr(err.primary, rows[i].primary) == NULL || strstr(err.detail, rows[i].detail) == NULL)
			fail_msg("row %zu: %s; %s", i, err.primary, err.detail);
		assert_null(calendar);
	}
}

/* "9: DTSTART;VALUE=DATE:20240231: not a date that exists\n" and so on; every mistake must have a cure. */
static void
note_mistake(void *context, const struct calendar_mistake *mistake)
{
	char *text = context;
	const size_t length = strlen(text);

	assert_true(strlen(mistake->cure) > 10);
	snprintf(text + length, 1024 - length, "%d: %s: %s\n", mistake->line, mistake->text, mistake->what);
}

static void
all_mistakes_are_told_in_one_run(void **state)
{
	static const char text[] =
		HEAD "X-DAYPART-AREA:BR\r\nX-DAYPART-COVERAGE:2024-01-01/2026-12-31\r\n"
			 "BEGIN:VEVENT\r\nSUMMARY:One\r\nDTSTART;VALUE=DATE:20240231\r\nEND:VEVENT\r\n"
			 "begin:vevent\r\nsummary:Two\r\ndtstart;value=date:20240101\r\nrrule:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=1\r\nend:vevent\r\n"
			 "BEGIN:VEVENT\r\nSUMMARY:Fine\r\nDTSTART;VALUE=DATE:20240101\r\nEND:VEVENT\r\n"
			 "BEGIN:VTODO\r\nSUMMARY:x\r\nEND:VTODO\r\nhello\r\n"
			 "BEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20240101\r\nEND:VEVENT\r\n"
			 "BEGIN:VEVENT\r\nSUMMARY:Five\r\nDTSTART;VALUE=DATE:2024\r\nEND:VEVENT\r\n" TAIL;
	char told[1024] = "";
	struct calendar *calendar = NULL;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(calendar_check("BR", text, strlen(text), note_mistake, told, &calendar, &err), STATUS_INVALID);
	assert_null(calendar);
	assert_string_equal(told,
		"22: Got a data line, but could not find a property name or component begin tag: hello: malformed calendar\n"
		"8: DTSTART;VALUE=DATE:20240231: not a date that exists\n"
		"13: RRULE:FREQ=YEARLY;BYMONTHDAY=1;BYMONTH=2: the first day is not a day of the rule\n"
		"19: BEGIN:VTODO: only VEVENT is followed\n"
		"23: BEGIN:VEVENT: an event needs a SUMMARY\n"
		"28: Can't parse as DATE value in DTSTART property. Removing entire property: 2024: malformed event\n");
	assert_non_null(strstr(err.detail, "line 22"));
	assert_true(strlen(err.hint) > 0);
}

static void
what_the_calendar_says_of_itself_is_told_together(void **state)
{
	static const char text[] = HEAD "X-DAYPART-COVERAGE:2026\r\nBEGIN:VEVENT\r\nEND:VEVENT\r\n" TAIL;
	char told[1024] = "";
	struct calendar *calendar = NULL;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(calendar_check("BR", text, strlen(text), note_mistake, told, &calendar, &err), STATUS_INVALID);
	assert_string_equal(told, "4: X-DAYPART-COVERAGE:2026: no usable X-DAYPART-COVERAGE\n1: X-DAYPART-AREA:: no usable X-DAYPART-AREA\n");
}

static void
count_mistake(void *context, const struct calendar_mistake *mistake)
{
	(void)mistake;
	++*(size_t *)context;
}

/* A file of another kind: reading stops before it has told thousands of mistakes. */
static void
the_number_of_mistakes_is_limited(void **state)
{
	enum { EVENTS = 2 * CALENDAR_MAX_MISTAKES };
	static const char event[] = "BEGIN:VEVENT\r\nSUMMARY:x\r\nEND:VEVENT\r\n";
	static char text[256 + EVENTS * sizeof(event)] = HEAD AREA COVERAGE;
	size_t count = 0;
	struct calendar *calendar = NULL;
	struct err err = ERR_INIT;

	(void)state;
	for (int i = 0; i < EVENTS; i++)
		strcat(text, event);
	strcat(text, TAIL);
	assert_int_equal(calendar_check("BR", text, strlen(text), count_mistake, &count, &calendar, &err), STATUS_INVALID);
	assert_int_equal(count, CALENDAR_MAX_MISTAKES);
}

static void
the_name_and_the_bytes_must_be_sound(void **state)
{
	static const char text[] = EVENT("DTSTART;VALUE=DATE:20240101\r\n");
	struct calendar *calendar = NULL;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(calendar_parse("", text, strlen(text), &calendar, &err), STATUS_INVALID);
	assert_int_equal(calendar_parse("A234567890123456789012345678901X", text, strlen(text), &calendar, &err), STATUS_INVALID);
	assert_int_equal(calendar_parse("BR", text, sizeof(text), &calendar, &err), STATUS_INVALID); /* with its NUL */
	assert_int_equal(calendar_parse("BR", text, CALENDAR_FILE_MAX_BYTES + 1, &calendar, &err), STATUS_INVALID);
	assert_int_equal(calendar_parse("BR", text, strlen(text), &calendar, &err), STATUS_OK);
	calendar_free(&calendar);
}

/* Ends anywhere: either refused, or the whole event was there. */
static void
a_cut_text_never_loses_a_day_silently(void **state)
{
	static const char text[] = EVENT("DTSTART;VALUE=DATE:20240212\r\nRDATE;VALUE=DATE:20250303\r\n");
	const size_t whole = (size_t)(strstr(text, "END:VEVENT") - text) + strlen("END:VEVENT");
	struct err err = ERR_INIT;

	(void)state;
	for (size_t size = 0; size < sizeof(text) - 1; size++) {
		struct calendar *calendar = NULL;

		if (calendar_parse("BR", text, size, &calendar, &err) == STATUS_OK) {
			if (size < whole)
				fail_msg("accepted after %zu bytes: %.*s", size, (int)size, text);
			assert_string_equal(holidays_of(calendar), "2024-02-12 2025-03-03 ");
			calendar_free(&calendar);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(events_give_their_days),
		cmocka_unit_test(what_is_not_covered_is_unknown),
		cmocka_unit_test(long_names_are_cut_between_characters),
		cmocka_unit_test(unusable_calendars_are_refused),
		cmocka_unit_test(all_mistakes_are_told_in_one_run),
		cmocka_unit_test(what_the_calendar_says_of_itself_is_told_together),
		cmocka_unit_test(the_number_of_mistakes_is_limited),
		cmocka_unit_test(the_name_and_the_bytes_must_be_sound),
		cmocka_unit_test(a_cut_text_never_loses_a_day_silently),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
