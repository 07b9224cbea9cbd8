/*
 * calendar_lines - in which line of an iCalendar text a property stands
 *
 * libical forgets lines. Events are told apart by their number: the text is read a second time, but only when there is a mistake to tell of.
 */
#ifndef DAYPART_CORE_CALENDAR_LINES_H
#define DAYPART_CORE_CALENDAR_LINES_H

#include <stddef.h>

#define CALENDAR_BEGIN_EVENT "BEGIN:VEVENT"

/* From 1. Of the line of event `event_number` (from 1; 0: before the first one) that starts like `property`, whole or else by its name; of the
 * event's first line when none does. */
int calendar_line_of(const char *text, size_t event_number, const char *property);

/* The same for the first line that holds `piece` anywhere; for event 0 in the whole text. */
int calendar_line_with(const char *text, size_t event_number, const char *piece);

#endif
