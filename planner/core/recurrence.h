/*
 * recurrence - the dates of an iCalendar rule (RFC 5545 RRULE), stepped through one by one
 *
 *     struct recurrence *recurrence;
 *     struct date date;
 *     if (recurrence_parse("FREQ=MONTHLY;BYDAY=-1FR", start, &recurrence, &err) != STATUS_OK) ...
 *     while (recurrence_next(recurrence, &date) && date.days <= last.days) ...
 *     recurrence_free(&recurrence);
 *
 * Dates only: a time of day and a zone are the caller's. The grammar is what libical 3.0.16 gets right, which reads the rule:
 *
 *     FREQ=DAILY    [BYDAY=weekdays] [BYMONTH]
 *     FREQ=WEEKLY   [BYDAY=weekdays] [WKST]
 *     FREQ=MONTHLY  [BYMONTHDAY, BYDAY=nth weekdays, or BYDAY=weekdays [BYSETPOS]] [BYMONTH]
 *     FREQ=YEARLY   [BYMONTH [BYMONTHDAY or BYDAY=nth weekdays]]
 *
 * each with [INTERVAL] and [COUNT or UNTIL=date]. What a rule leaves open, weekday, day or month, is that of `start`: a month without a 31st is
 * left out. `start` must be a day of the rule; it is the first date returned. SQL knows the same grammar: problem_rrule() in
 * sql/migrations/0019_campaign_series.sql.
 *
 * Threads: one at a time for one recurrence. Errors: STATUS_INVALID with the rule.
 */
#ifndef DAYPART_CORE_RECURRENCE_H
#define DAYPART_CORE_RECURRENCE_H

#include "instant.h"

enum { RECURRENCE_MAX_BYTES = 512 };

struct recurrence;

MUST_CHECK enum status recurrence_parse(const char *rrule, struct date start, struct recurrence **out, struct err *err);
void recurrence_free(struct recurrence **recurrence);

/* The next date, in order. False when there is none (COUNT or UNTIL reached, or past the years of instant.h). */
bool recurrence_next(struct recurrence *recurrence, struct date *out);

#endif
