/* When each occurrence of a campaign begins and ends where its recipients are: month ends, leap days, and clocks that change. */
#include "planner/core/series.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/law_fixture.h"

enum { MOST_OCCURRENCES = 4, TEXT_MAX = 1024 };

static struct occurrence
first_of(const char *starts_at, const char *ends_at)
{
	struct occurrence first;
	struct err err = ERR_INIT;
	if (campaign_time_parse(starts_at, &first.starts_at, &err) != STATUS_OK ||
		campaign_time_parse(ends_at, &first.ends_at, &err) != STATUS_OK || campaign_time_date(starts_at, &first.date, &err) != STATUS_OK)
		fail_msg("%s to %s: %s", starts_at, ends_at, err.primary);
	return first;
}

/* "2026-11-23 11-23T14:00Z-11-23T22:00Z": the date, then the span in a zone. */
static void
append(const struct occurrence *occurrence, const struct zone *zone, char text[TEXT_MAX])
{
	const struct campaign_facts facts = {.starts_at = occurrence->starts_at, .ends_at = occurrence->ends_at};
	const struct interval span = campaign_span(&facts, &zone, 1);
	const struct civil day = date_to_civil(occurrence->date);
	char from[INSTANT_TEXT_MAX], until[INSTANT_TEXT_MAX];
	instant_format(span.from, 0, from);
	instant_format(span.until, 0, until);
	const size_t length = strlen(text);
	snprintf(text + length, TEXT_MAX - length, "%s%04d-%02d-%02d %.11s-%.11s", length > 0 ? ", " : "", day.year, day.month, day.day,
		from + 5, until + 5);
}

static void
occurrences_shift_by_whole_local_days(void **state)
{
	(void)state;
	static const struct {
		const char *starts_at, *ends_at, *rrule, *zone, *occurrences;
	} rows[] = {
		/* an instant keeps its offset, whatever the season: 24 hours a day */
		{"2027-03-13T09:00:00-05:00", "2027-03-13T17:00:00-05:00", "FREQ=DAILY;COUNT=3", "America/New_York",
			"2027-03-13 03-13T14:00-03-13T22:00, 2027-03-14 03-14T14:00-03-14T22:00, 2027-03-15 03-15T14:00-03-15T22:00"},
		/* a local time is the recipient's: clocks go forwards in New York on 14 March 2027 */
		{"2027-03-13 09:00 local", "2027-03-13 17:00 local", "FREQ=DAILY;COUNT=3", "America/New_York",
			"2027-03-13 03-13T14:00-03-13T22:00, 2027-03-14 03-14T13:00-03-14T21:00, 2027-03-15 03-15T13:00-03-15T21:00"},
		/* a beginning that the clock leaves out is the first instant behind the gap */
		{"2027-03-07 02:30 local", "2027-03-07 12:00 local", "FREQ=WEEKLY", "America/New_York",
			"2027-03-07 03-07T07:30-03-07T17:00, 2027-03-14 03-14T07:00-03-14T16:00, 2027-03-21 03-21T06:30-03-21T16:00, "
			"2027-03-28 03-28T06:30-03-28T16:00"},
		/* what comes twice begins late and ends early: clocks go back on 1 November 2026 */
		{"2026-10-25 01:30 local", "2026-11-01 01:30 local", "FREQ=WEEKLY;COUNT=2", "America/New_York",
			"2026-10-25 10-25T05:30-11-01T05:30, 2026-11-01 11-01T06:30-11-08T06:30"},
		/* an occurrence over the change is an hour longer or shorter */
		{"2026-10-24 09:00 local", "2026-10-25 09:00 local", "FREQ=WEEKLY;COUNT=2", "Europe/Berlin",
			"2026-10-24 10-24T07:00-10-25T08:00, 2026-10-31 10-31T08:00-11-01T08:00"},
		/* month ends */
		{"2026-10-31 09:00 local", "2026-11-01 00:00 local", "FREQ=MONTHLY", "UTC",
			"2026-10-31 10-31T09:00-11-01T00:00, 2026-12-31 12-31T09:00-01-01T00:00, 2027-01-31 01-31T09:00-02-01T00:00, "
			"2027-03-31 03-31T09:00-04-01T00:00"},
		{"2026-11-30 09:00 local", "2026-12-01 00:00 local", "FREQ=MONTHLY;BYMONTHDAY=-1", "UTC",
			"2026-11-30 11-30T09:00-12-01T00:00, 2026-12-31 12-31T09:00-01-01T00:00, 2027-01-31 01-31T09:00-02-01T00:00, "
			"2027-02-28 02-28T09:00-03-01T00:00"},
		{"2026-11-30T09:00:00Z", "2026-11-30T17:00:00Z", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;COUNT=2", "UTC",
			"2026-11-30 11-30T09:00-11-30T17:00, 2026-12-31 12-31T09:00-12-31T17:00"},
		/* leap days */
		{"2028-02-29 09:00 local", "2028-03-01 09:00 local", "FREQ=YEARLY", "UTC",
			"2028-02-29 02-29T09:00-03-01T09:00, 2032-02-29 02-29T09:00-03-01T09:00, 2036-02-29 02-29T09:00-03-01T09:00, "
			"2040-02-29 02-29T09:00-03-01T09:00"},
		{"2027-02-28T09:00:00Z", "2027-03-01T09:00:00Z", "FREQ=MONTHLY;BYMONTHDAY=-1;BYMONTH=2;COUNT=2", "UTC",
			"2027-02-28 02-28T09:00-03-01T09:00, 2028-02-29 02-29T09:00-03-01T09:00"},
		/* the date is the one that is written, also where it is another day in UTC */
		{"2026-11-23T23:30:00-05:00", "2026-11-24T12:00:00-05:00", "FREQ=WEEKLY;BYDAY=MO;COUNT=2", "UTC",
			"2026-11-23 11-24T04:30-11-24T17:00, 2026-11-30 12-01T04:30-12-01T17:00"},
		/* an occurrence may be longer than the rule's step */
		{"2026-11-23T09:00:00Z", "2026-11-26T09:00:00Z", "FREQ=DAILY;UNTIL=20261124", "UTC",
			"2026-11-23 11-23T09:00-11-26T09:00, 2026-11-24 11-24T09:00-11-27T09:00"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct occurrence first = first_of(rows[i].starts_at, rows[i].ends_at);
		struct series *series;
		struct occurrence occurrence;
		struct err err = ERR_INIT;
		char text[TEXT_MAX] = "";
		if (series_open(&first, rows[i].rrule, &series, &err) != STATUS_OK)
			fail_msg("%s: %s", rows[i].rrule, err.primary);
		for (int n = 0; n < MOST_OCCURRENCES && series_next(series, &occurrence); n++)
			append(&occurrence, fixture_zone(rows[i].zone), text);
		series_free(&series);
		assert_string_equal(text, rows[i].occurrences);
	}
}

static void
the_first_occurrence_must_be_of_the_rule(void **state)
{
	(void)state;
	static const char *const rules[] = {"FREQ=WEEKLY;BYDAY=TU", "FREQ=MONTHLY;BYMONTHDAY=24", "FREQ=HOURLY", ""};
	const struct occurrence first = first_of("2026-11-23T09:00:00Z", "2026-11-23T17:00:00Z");
	for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
		struct series *series = NULL;
		struct err err = ERR_INIT;
		assert_int_equal(series_open(&first, rules[i], &series, &err), STATUS_INVALID);
		assert_null(series);
	}
}

static void
the_next_occurrence_is_the_first_that_may_not_be_over(void **state)
{
	(void)state;
	static const struct {
		const char *rrule, *now, *date;
	} rows[] = {
		{"FREQ=WEEKLY", "2026-11-20T00:00:00Z", "2026-11-23"},
		{"FREQ=WEEKLY", "2026-11-23T23:59:59Z", "2026-11-23"}, /* bounds are whole days of UTC, and some clock shows an earlier one */
		{"FREQ=WEEKLY", "2026-11-25T00:00:00Z", "2026-11-30"},
		{"FREQ=WEEKLY;COUNT=2", "2027-11-25T00:00:00Z", "2026-11-30"}, /* all are over: the last */
	};
	const struct occurrence first = first_of("2026-11-23 09:00 local", "2026-11-23 17:00 local");
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct occurrence found;
		struct err err = ERR_INIT;
		assert_int_equal(series_find(&first, rows[i].rrule, fixture_instant(rows[i].now), &found, &err), STATUS_OK);
		assert_int_equal(found.date.days, fixture_date(rows[i].date).days);
		const struct interval bounds = occurrence_bounds(&found);
		assert_int_equal(bounds.from.us % US_PER_DAY, 0);
		assert_int_equal(bounds.until.us % US_PER_DAY, 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(occurrences_shift_by_whole_local_days),
		cmocka_unit_test(the_first_occurrence_must_be_of_the_rule),
		cmocka_unit_test(the_next_occurrence_is_the_first_that_may_not_be_over),
	};
	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
