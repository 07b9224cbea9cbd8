/* Windows at their edges: half-open, daylight saving, overnight, year ends, holidays, dates, several clocks. */
#include "planner/core/window.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/law_fixture.h"

static struct rule
named_rule(const char *name)
{
	struct rule rule = fixture_window("08:00", "21:00");
	if (strcmp(name, "workdays") == 0) {
		rule = fixture_window("09:00", "20:00");
		rule.window.days[SATURDAY].count = rule.window.days[SUNDAY].count = 0;
	} else if (strcmp(name, "night") == 0) {
		rule = fixture_window("22:00", "02:00");
	} else if (strcmp(name, "friday night") == 0) {
		rule = fixture_window("22:00", "04:00");
		for (int day = MONDAY; day < WEEKDAY_COUNT; day++)
			rule.window.days[day].count = day == FRIDAY;
	} else if (strcmp(name, "split") == 0) {
		for (int day = MONDAY; day < WEEKDAY_COUNT; day++)
			rule.window.days[day] =
				(struct day_ranges){.count = 2, .ranges = {fixture_range("08:00", "12:00"), fixture_range("16:00", "20:00")}};
	} else if (strcmp(name, "chicago") == 0) {
		strcpy(rule.window.fixed_zone, "America/Chicago");
	} else if (strcmp(name, "december") == 0) {
		rule = fixture_window("09:00", "10:00");
		rule.from = fixture_date("2026-12-01");
		rule.until = fixture_date("2027-01-01");
	} else if (strcmp(name, "from 02:30") == 0) {
		rule = fixture_window("02:30", "21:00");
	} else if (strcmp(name, "until 02:30") == 0) {
		rule = fixture_window("00:00", "02:30");
	} else if (strcmp(name, "from 01:30") == 0) {
		rule = fixture_window("01:30", "21:00");
	} else if (strcmp(name, "until 01:30") == 0) {
		rule = fixture_window("00:00", "01:30");
	} else if (strcmp(name, "all day") == 0) {
		rule = fixture_window("00:00", "24:00");
	} else if (strcmp(name, "in the hour twice") == 0) {
		rule = fixture_window("01:15", "01:45");
	} else if (strcmp(name, "in the hour lost") == 0) {
		rule = fixture_window("02:15", "02:45");
	} else if (strcmp(name, "BR") == 0) {
		rule.window.on_holidays_replaced = true;
		strcpy(rule.window.calendar, "BR");
	} else if (strcmp(name, "BR mornings") == 0) {
		rule.window.on_holidays_replaced = true;
		rule.window.holidays = (struct day_ranges){.count = 1, .ranges = {fixture_range("10:00", "12:00")}};
		strcpy(rule.window.calendar, "BR");
	} else if (strcmp(name, "BR eves") == 0 || strcmp(name, "BR eves, holidays closed") == 0) {
		rule.window.on_eves_replaced = true;
		rule.window.on_holidays_replaced = strcmp(name, "BR eves") != 0;
		rule.window.eves = (struct day_ranges){.count = 1, .ranges = {fixture_range("10:00", "12:00")}};
		strcpy(rule.window.calendar, "BR");
	} else if (strcmp(name, "emergency") == 0) {
		rule = fixture_window("22:00", "02:00");
		rule.window.emergency = true;
	} else {
		assert_string_equal(name, "daily");
	}
	return rule;
}

/* Two emergencies, one of them still on. */
static const char *const declared[][2] = {
	{"2026-08-28T12:00:00Z", "2026-08-30T00:00:00Z"},
	{"2026-12-28T12:00:00Z", NULL},
};

static const char br_text[] = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//daypart//test//EN\r\nX-DAYPART-AREA:BR\r\n"
							  "X-DAYPART-COVERAGE:2026-01-01/2026-12-31\r\n"
							  "BEGIN:VEVENT\r\nUID:1@test\r\nDTSTAMP:20260101T000000Z\r\nDTSTART;VALUE=DATE:20261120\r\n"
							  "SUMMARY:Consciência Negra\r\nEND:VEVENT\r\n"
							  "BEGIN:VEVENT\r\nUID:2@test\r\nDTSTAMP:20260101T000000Z\r\nDTSTART;VALUE=DATE:20261225\r\n"
							  "SUMMARY:Natal\r\nEND:VEVENT\r\n"
							  "BEGIN:VEVENT\r\nUID:3@test\r\nDTSTAMP:20260101T000000Z\r\nDTSTART;VALUE=DATE:20261224\r\n"
							  "SUMMARY:Ponto facultativo\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

static struct calendar *br;

static int
parse_calendar(void **state)
{
	struct err err = ERR_INIT;
	(void)state;
	if (calendar_parse("BR", br_text, sizeof(br_text) - 1, &br, &err) == STATUS_OK)
		return 0;
	print_error("%s\n", err.primary);
	return -1;
}

static int
free_calendar(void **state)
{
	(void)state;
	calendar_free(&br);
	return 0;
}

/* The zones named in `text`, separated by blanks. */
static size_t
named_zones(const char *text, const struct zone **out)
{
	char copy[128];
	size_t count = 0;
	snprintf(copy, sizeof(copy), "%s", text);
	for (char *name = strtok(copy, " "); name; name = strtok(NULL, " "))
		out[count++] = fixture_zone(name);
	return count;
}

/* '+' open, '-' closed, '?' closed only because a calendar says nothing */
static char
verdict(const struct rule *rules, size_t rule_count, const char *zone_names, struct instant at)
{
	const struct zone *zones[4];
	const struct rule *pointers[4];
	const struct calendar *calendars[] = {br};
	struct emergency emergencies[2];
	struct window_context context = {
		.zones = fixture_zone_set(), .calendars = calendars, .calendar_count = 1, .emergencies = emergencies, .emergency_count = 2};
	for (size_t i = 0; i < 2; i++)
		emergencies[i] = (struct emergency){"US-NY",
			{fixture_instant(declared[i][0]), declared[i][1] != NULL ? fixture_instant(declared[i][1]) : (struct instant){INT64_MAX}}};
	struct interval span = {{at.us - 9 * US_PER_DAY}, {at.us + 9 * US_PER_DAY}};
	struct windows windows = WINDOWS_INIT;
	struct err err = ERR_INIT;
	for (size_t i = 0; i < rule_count; i++)
		pointers[i] = &rules[i];
	struct law law = {.of[RULE_WINDOW] = {pointers, rule_count}};
	assert_int_equal(window_expand(&law, zones, named_zones(zone_names, zones), &context, span, &windows, &err), STATUS_OK);
	char answer = interval_set_find(&windows.open, at) ? '+' : interval_set_find(&windows.unknown, at) ? '?' : '-';
	windows_free(&windows);
	return answer;
}

static const struct row {
	char expected;
	const char *rule, *zones, *at;
} rows[] = {
	/* half-open */
	{'-', "daily", "America/New_York", "2026-11-23T07:59:59.999999-05:00"},
	{'+', "daily", "America/New_York", "2026-11-23T08:00:00-05:00"},
	{'+', "daily", "America/New_York", "2026-11-23T20:59:59.999999-05:00"},
	{'-', "daily", "America/New_York", "2026-11-23T21:00:00-05:00"},
	{'+', "split", "Europe/Paris", "2026-11-23T11:59:59+01:00"},
	{'-', "split", "Europe/Paris", "2026-11-23T12:00:00+01:00"},
	{'-', "split", "Europe/Paris", "2026-11-23T15:59:59+01:00"},
	{'+', "split", "Europe/Paris", "2026-11-23T16:00:00+01:00"},
	/* half-hour and 45-minute clocks */
	{'-', "daily", "Asia/Kolkata", "2026-11-23T02:29:59Z"},
	{'+', "daily", "Asia/Kolkata", "2026-11-23T02:30:00Z"},
	{'-', "daily", "Asia/Kathmandu", "2026-11-23T02:14:59Z"},
	{'+', "daily", "Asia/Kathmandu", "2026-11-23T02:15:00Z"},
	/* weekdays of the place, not of Greenwich: Monday begins in Auckland on Sunday */
	{'+', "workdays", "Pacific/Auckland", "2026-11-22T20:00:00Z"},
	{'-', "workdays", "Pacific/Auckland", "2026-11-21T20:00:00Z"},
	{'-', "workdays", "America/Sao_Paulo", "2026-11-22T13:00:00-03:00"},
	{'+', "workdays", "America/Sao_Paulo", "2026-11-23T13:00:00-03:00"},
	/* a gap: 02:30 of 14 March 2027 does not exist in New York; its instant is 07:00Z */
	{'-', "from 02:30", "America/New_York", "2027-03-14T06:59:59Z"},
	{'+', "from 02:30", "America/New_York", "2027-03-14T07:00:00Z"},
	{'+', "until 02:30", "America/New_York", "2027-03-14T06:59:59Z"},
	{'-', "until 02:30", "America/New_York", "2027-03-14T07:00:00Z"},
	{'-', "in the hour lost", "America/New_York", "2027-03-14T07:00:00Z"},
	{'-', "in the hour lost", "America/New_York", "2027-03-14T06:30:00Z"},
	/* an overlap: 01:30 of 1 November 2026 is 05:30Z and 06:30Z; open late, close early */
	{'-', "from 01:30", "America/New_York", "2026-11-01T05:30:00Z"},
	{'-', "from 01:30", "America/New_York", "2026-11-01T06:29:59Z"},
	{'+', "from 01:30", "America/New_York", "2026-11-01T06:30:00Z"},
	{'+', "until 01:30", "America/New_York", "2026-11-01T05:29:59Z"},
	{'-', "until 01:30", "America/New_York", "2026-11-01T05:30:00Z"},
	{'-', "until 01:30", "America/New_York", "2026-11-01T06:15:00Z"},
	{'-', "in the hour twice", "America/New_York", "2026-11-01T05:20:00Z"},
	{'-', "in the hour twice", "America/New_York", "2026-11-01T06:20:00Z"},
	{'+', "daily", "Australia/Lord_Howe", "2026-10-03T21:00:00Z"}, /* half an hour of daylight saving, the morning it begins */
	{'-', "daily", "Australia/Lord_Howe", "2026-10-03T20:59:59Z"},
	/* overnight: belongs to the day it opens */
	{'+', "night", "America/New_York", "2026-11-23T23:59:59-05:00"},
	{'+', "night", "America/New_York", "2026-11-24T01:59:59-05:00"},
	{'-', "night", "America/New_York", "2026-11-24T02:00:00-05:00"},
	{'+', "night", "America/New_York", "2026-12-31T23:59:59-05:00"},
	{'+', "night", "America/New_York", "2027-01-01T00:00:00-05:00"},
	{'-', "night", "America/New_York", "2027-01-01T02:00:00-05:00"},
	{'-', "friday night", "Europe/Berlin", "2026-11-27T03:00:00+01:00"},
	{'+', "friday night", "Europe/Berlin", "2026-11-27T22:00:00+01:00"},
	{'+', "friday night", "Europe/Berlin", "2026-11-28T03:59:59+01:00"},
	{'-', "friday night", "Europe/Berlin", "2026-11-28T04:00:00+01:00"},
	{'-', "friday night", "Europe/Berlin", "2026-11-28T22:00:00+01:00"},
	/* round the clock, over midnight and the new year */
	{'+', "all day", "Europe/Berlin", "2026-12-31T23:00:00Z"},
	{'+', "all day", "Europe/Berlin", "2026-12-31T22:59:59.999999Z"},
	/* a fixed clock does not ask where the person is */
	{'+', "chicago", "Europe/Berlin", "2026-11-24T02:59:59Z"},
	{'-', "chicago", "Europe/Berlin", "2026-11-24T03:00:00Z"},
	/* dates: outside them everything goes; inside, only the window */
	{'+', "december", "America/New_York", "2026-11-30T23:59:59.999999-05:00"},
	{'-', "december", "America/New_York", "2026-12-01T00:00:00-05:00"},
	{'+', "december", "America/New_York", "2026-12-01T09:00:00-05:00"},
	{'-', "december", "America/New_York", "2026-12-31T23:59:59.999999-05:00"},
	{'+', "december", "America/New_York", "2027-01-01T00:00:00-05:00"},
	/* holidays close, or have hours of their own; beyond the calendar nobody knows */
	{'+', "BR", "America/Sao_Paulo", "2026-11-19T12:00:00-03:00"},
	{'-', "BR", "America/Sao_Paulo", "2026-11-20T12:00:00-03:00"},
	{'+', "BR", "America/Sao_Paulo", "2026-12-31T20:59:59-03:00"},
	{'?', "BR", "America/Sao_Paulo", "2027-01-01T12:00:00-03:00"},
	{'-', "BR", "America/Sao_Paulo", "2027-01-01T21:00:00-03:00"},
	{'-', "BR mornings", "America/Sao_Paulo", "2026-11-20T09:59:59-03:00"},
	{'+', "BR mornings", "America/Sao_Paulo", "2026-11-20T11:59:59-03:00"},
	{'-', "BR mornings", "America/Sao_Paulo", "2026-11-20T12:00:00-03:00"},
	/* an eve is no holiday itself, and the next day is one */
	{'-', "BR eves", "America/Sao_Paulo", "2026-11-19T09:59:59-03:00"},
	{'+', "BR eves", "America/Sao_Paulo", "2026-11-19T10:00:00-03:00"},
	{'-', "BR eves", "America/Sao_Paulo", "2026-11-19T12:00:00-03:00"},
	{'+', "BR eves", "America/Sao_Paulo", "2026-11-18T12:00:00-03:00"},
	{'+', "BR eves", "America/Sao_Paulo", "2026-11-20T12:00:00-03:00"}, /* the holiday keeps its weekday's hours */
	{'-', "BR eves, holidays closed", "America/Sao_Paulo", "2026-11-20T11:00:00-03:00"},
	{'+', "BR eves, holidays closed", "America/Sao_Paulo", "2026-12-23T11:59:59-03:00"},
	{'-', "BR eves, holidays closed", "America/Sao_Paulo",
		"2026-12-23T12:00:00-03:00"}, /* 24 December is a holiday here: the 23rd is its eve */
	{'-', "BR eves, holidays closed", "America/Sao_Paulo", "2026-12-24T10:30:00-03:00"}, /* and no eve of the 25th */
	{'+', "BR eves", "America/Sao_Paulo", "2026-12-24T20:30:00-03:00"},
	{'+', "BR eves", "America/Sao_Paulo", "2026-12-30T12:00:00-03:00"},
	{'?', "BR eves", "America/Sao_Paulo", "2026-12-31T11:00:00-03:00"}, /* whether 1 January is a holiday, nobody knows */
	{'?', "BR eves", "America/Sao_Paulo", "2026-12-31T13:00:00-03:00"},
	{'-', "BR eves", "America/Sao_Paulo", "2026-12-31T21:00:00-03:00"},
	/* a rule for emergencies rests until one is declared, and after it */
	{'+', "emergency", "America/New_York", "2026-08-28T11:59:59.999999Z"},
	{'-', "emergency", "America/New_York", "2026-08-28T12:00:00Z"},
	{'+', "emergency", "America/New_York", "2026-08-29T04:00:00Z"},
	{'-', "emergency", "America/New_York", "2026-08-29T23:59:59.999999Z"},
	{'+', "emergency", "America/New_York", "2026-08-30T00:00:00Z"},
	{'-', "emergency", "America/New_York", "2027-06-28T12:00:00Z"},
	/* several candidate zones: the intersection */
	{'-', "daily", "America/Los_Angeles America/New_York", "2026-11-23T15:59:59Z"},
	{'+', "daily", "America/Los_Angeles America/New_York", "2026-11-23T16:00:00Z"},
	{'+', "daily", "America/Los_Angeles America/New_York", "2026-11-24T01:59:59Z"},
	{'-', "daily", "America/Los_Angeles America/New_York", "2026-11-24T02:00:00Z"},
	{'-', "daily", "Asia/Tokyo America/New_York", "2026-11-23T12:00:00Z"},
};

static void
every_row_of_the_table(void **state)
{
	size_t failures = 0;
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct rule rule = named_rule(rows[i].rule);
		char got = verdict(&rule, 1, rows[i].zones, fixture_instant(rows[i].at));
		if (got != rows[i].expected) {
			print_error("%s in %s at %s: %c, not %c\n", rows[i].rule, rows[i].zones, rows[i].at, got, rows[i].expected);
			failures++;
		}
	}
	assert_int_equal(failures, 0);
}

static void
all_rules_hold_together(void **state)
{
	(void)state;
	struct rule both[] = {named_rule("daily"), named_rule("BR mornings")};
	assert_int_equal(verdict(both, 2, "America/Sao_Paulo", fixture_instant("2026-11-20T08:30:00-03:00")), '-');
	assert_int_equal(verdict(both, 2, "America/Sao_Paulo", fixture_instant("2026-11-20T10:30:00-03:00")), '+');
	assert_int_equal(verdict(both, 2, "America/Sao_Paulo", fixture_instant("2027-01-04T21:30:00-03:00")), '-');
	assert_int_equal(verdict(both, 2, "America/Sao_Paulo", fixture_instant("2027-01-04T20:30:00-03:00")), '?');
}

static void
no_rule_permits_the_whole_span(void **state)
{
	(void)state;
	assert_int_equal(verdict(NULL, 0, "UTC", fixture_instant("2026-11-20T03:00:00Z")), '+');
}

static void
a_missing_calendar_or_clock_is_an_error_with_a_cure(void **state)
{
	(void)state;
	struct rule rules[] = {named_rule("BR"), named_rule("chicago")};
	strcpy(rules[1].window.fixed_zone, "Europe/Atlantis");
	const struct zone *zone = fixture_zone("UTC");
	struct window_context context = {.zones = fixture_zone_set()};
	struct interval span = {{0}, {US_PER_DAY}};
	for (size_t i = 0; i < 2; i++) {
		const struct rule *rule = &rules[i];
		struct law law = {.of[RULE_WINDOW] = {&rule, 1}};
		struct windows windows = WINDOWS_INIT;
		struct err err = ERR_INIT;
		assert_int_equal(window_expand(&law, &zone, 1, &context, span, &windows, &err), STATUS_NOT_FOUND);
		assert_non_null(strstr(err.primary, i == 0 ? "\"BR\"" : "\"Europe/Atlantis\""));
		assert_true(*err.hint);
		windows_free(&windows);
	}
}

static void
local_hours_of_a_campaign_narrow_every_clock(void **state)
{
	(void)state;
	const struct zone *zones[] = {fixture_zone("America/Los_Angeles"), fixture_zone("America/New_York")};
	struct interval span = {fixture_instant("2026-11-23T00:00:00Z"), fixture_instant("2026-11-25T00:00:00Z")};
	struct interval_set open = INTERVAL_SET_INIT;
	struct err err = ERR_INIT;
	assert_int_equal(interval_set_add(&open, span), STATUS_OK);
	assert_int_equal(window_clip_local_hours(&open, zones, 2, fixture_range("22:00", "02:00"), span, &err), STATUS_OK);
	assert_int_equal(open.count, 2);
	assert_int_equal(open.items[0].from.us, fixture_instant("2026-11-22T22:00:00-08:00").us);
	assert_int_equal(open.items[0].until.us, fixture_instant("2026-11-23T02:00:00-05:00").us);
	interval_set_free(&open);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_of_the_table),
		cmocka_unit_test(all_rules_hold_together),
		cmocka_unit_test(no_rule_permits_the_whole_span),
		cmocka_unit_test(a_missing_calendar_or_clock_is_an_error_with_a_cure),
		cmocka_unit_test(local_hours_of_a_campaign_narrow_every_clock),
	};
	return cmocka_run_group_tests(tests, parse_calendar, free_calendar) != 0;
}
