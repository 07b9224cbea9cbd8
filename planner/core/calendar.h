/*
 * calendar - public holidays of one area, from iCalendar text, with the years it speaks for
 *
 * The text is one VCALENDAR of whole-day VEVENTs: DTSTART;VALUE=DATE, SUMMARY, and as needed DTEND or DURATION (at most 31 days), RDATE, EXDATE
 * and one RRULE of the grammar in recurrence.h. Anything else that could change a day (times, EXRULE, RECURRENCE-ID, cancelled events) is
 * refused.
 *
 * The calendar states its coverage in X-DAYPART-COVERAGE:YYYY-MM-DD/YYYY-MM-DD (both days included) and its area in X-DAYPART-AREA. A date
 * outside the coverage is unknown, and unknown is held, never taken for a working day. Weekends are no business of a calendar.
 *
 *     switch (calendar_day(calendar, date)) { case DAY_HOLIDAY: ... case DAY_UNKNOWN: ... }
 *
 * Immutable after parsing, any thread may read it. Errors: STATUS_INVALID with the first mistake, its line and the cure; calendar_check tells
 * all of them, one an event.
 */
#ifndef DAYPART_CORE_CALENDAR_H
#define DAYPART_CORE_CALENDAR_H

#include "instant.h"

enum {
	CALENDAR_FILE_MAX_BYTES = 4 * 1024 * 1024,
	CALENDAR_NAME_MAX = 32,
	CALENDAR_DAY_NAME_MAX = 64, /* longer names are cut */
	CALENDAR_MAX_DAYS = 20000,  /* 300 years of 66 holidays */
	CALENDAR_MAX_MISTAKES = 50  /* a file of another kind has thousands: reading stops */
};

enum day_kind { DAY_ORDINARY, DAY_HOLIDAY, DAY_UNKNOWN };

struct calendar;

struct calendar_mistake {
	int line;         /* of the offending property, else where its event begins */
	const char *text; /* "DTSTART;VALUE=DATE:20260231" */
	const char *what; /* "not a date that exists" */
	const char *cure; /* "write whole days as ..." */
};
typedef void calendar_mistake_fn(void *context, const struct calendar_mistake *mistake); /* the texts live until it returns */

/* `name` is what rules call it: "BR". The text need not end with NUL. */
MUST_CHECK enum status calendar_parse(const char *name, const char *text, size_t size, struct calendar **out, struct err *err);
/* The same, and tells of every mistake. */
MUST_CHECK enum status calendar_check(const char *name, const char *text, size_t size, calendar_mistake_fn *on_mistake, void *context,
	struct calendar **out, struct err *err);
void calendar_free(struct calendar **calendar);

const char *calendar_name(const struct calendar *calendar);
const char *calendar_area(const struct calendar *calendar); /* "BR" */
enum day_kind calendar_day(const struct calendar *calendar, struct date date);
const char *calendar_day_name(const struct calendar *calendar, struct date date); /* the holiday's name, or NULL */
struct date calendar_first(const struct calendar *calendar);                      /* coverage, both days included */
struct date calendar_last(const struct calendar *calendar);

#endif
