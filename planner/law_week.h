/*
 * law_week - the hours of a week that a law's windows leave, as a table for people
 *
 *     struct law_week week;
 *     law_week_merge(&law, date, &week);
 *     week.hours[SATURDAY][DAY_OF_HOLIDAY].count == 0       // nothing may leave on a Saturday that is a holiday
 *
 * Only windows in the person's own clock that are in force on the date; those of a fixed clock and those for emergencies cannot be put into such a table
 * and are counted in `apart`. Hours are those of the calendar day: what an overnight window adds to the next morning stands there, taken from the
 * ordinary day before. This is for showing; window.h decides.
 *
 * Pure.
 */
#ifndef DAYPART_PLANNER_LAW_WEEK_H
#define DAYPART_PLANNER_LAW_WEEK_H

#include "planner/core/merge.h"

enum day_sort { DAY_OF_WEEK, DAY_OF_EVE, DAY_OF_HOLIDAY, DAY_SORT_COUNT };

enum { WEEK_RANGES_MAX = 12 };

/* Disjoint, sorted, within one day. */
struct week_hours {
	size_t count;
	struct day_range ranges[WEEK_RANGES_MAX];
};

struct law_week {
	struct week_hours hours[WEEKDAY_COUNT][DAY_SORT_COUNT];
	bool has_eves, has_holidays; /* a rule treats them apart */
	size_t apart;
};

/* Whether the table can hold this window, and it is in force. */
bool law_week_holds(const struct rule *rule, struct date date);
void law_week_merge(const struct law *law, struct date date, struct law_week *out);
/* The same of one rule alone, as if there were no other. */
void law_week_of(const struct rule *rule, struct law_week *out);

#endif
