/*
 * shipped_calendars - every file of conf/calendars, parsed
 *
 *     size_t count;
 *     struct calendar **calendars = shipped_calendars_read(&count);
 *     ...
 *     shipped_calendars_free(calendars, count);
 *
 * In the order of their names, which are those that rules use: br-sp.ics is "BR-SP". One that cannot be parsed ends the test program with a
 * message.
 */
#ifndef DAYPART_TESTS_SUPPORT_SHIPPED_CALENDARS_H
#define DAYPART_TESTS_SUPPORT_SHIPPED_CALENDARS_H

#include "planner/core/calendar.h"

struct calendar **shipped_calendars_read(size_t *count);
void shipped_calendars_free(struct calendar **calendars, size_t count);

/* NULL when there is none of this name. */
const struct calendar *shipped_calendar_find(struct calendar *const *calendars, size_t count, const char *name);

#endif
