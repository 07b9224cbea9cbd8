/*
 * series - the occurrences of a campaign that recurs, one after the other
 *
 *     struct series *series;
 *     struct occurrence occurrence;
 *     if (series_open(&first, "FREQ=WEEKLY;BYDAY=MO", &series, &err) != STATUS_OK) ...
 *     while (series_next(series, &occurrence)) ...
 *     series_free(&series);
 *
 * As in iCalendar, the times that the campaign was submitted with are those of its first occurrence; each later one begins and ends whole days
 * later, on the same clock: a local time stays that of every recipient's wall clock, whatever the seasons do to it, an instant with an offset moves
 * by 24 hours a day, since the clock of an offset is never changed. An occurrence is known by its date, the one that its beginning names, not by
 * its place in the series.
 *
 * Errors: those of recurrence_parse; the first date must be a day of the rule.
 */
#ifndef DAYPART_CORE_SERIES_H
#define DAYPART_CORE_SERIES_H

#include "campaign.h"

struct occurrence {
	struct date date;
	struct campaign_time starts_at, ends_at;
};

/* No message of it leaves outside, in whatever zone; on whole UTC days, so that they are the same at every plan. */
struct interval occurrence_bounds(const struct occurrence *occurrence);

struct series;
MUST_CHECK enum status series_open(const struct occurrence *first, const char *rrule, struct series **out, struct err *err);
void series_free(struct series **series);

/* False when there is none any more. */
bool series_next(struct series *series, struct occurrence *out);

/* The first occurrence that may not be over at `now`; the last one when all are. */
MUST_CHECK enum status series_find(
	const struct occurrence *first, const char *rrule, struct instant now, struct occurrence *out, struct err *err);

#endif
