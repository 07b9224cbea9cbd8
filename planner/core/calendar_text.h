/*
 * calendar_text - reads a calendar's iCalendar text: its area, its coverage, and every holiday within it
 *
 * Internal to calendar.h, which documents the format and says what a mistake is.
 *
 *     struct calendar_text in = {.text = text, .name = "BR", .err = err};
 *     struct holidays holidays = {.items = NULL};
 *     status = calendar_text_read(&in, &holidays);
 *     free(holidays.items);
 *
 * The days come unsorted, one date perhaps several times. Errors: STATUS_INVALID with the first mistake; memory.
 */
#ifndef DAYPART_CORE_CALENDAR_TEXT_H
#define DAYPART_CORE_CALENDAR_TEXT_H

#include "calendar.h"

struct holiday {
	struct date date;
	char name[CALENDAR_DAY_NAME_MAX];
};

struct holidays {
	char area[CALENDAR_NAME_MAX];
	struct date first, last; /* coverage */
	struct holiday *items;   /* the caller's to free, also after an error */
	size_t count, room;
};

/* What is read, and how far reading is; the caller sets the first lines. */
struct calendar_text {
	const char *text, *name;
	calendar_mistake_fn *on_mistake; /* NULL: nobody asks */
	void *context;
	struct err *err;
	size_t event_number; /* from 1; 0: before the first */
	size_t occurrences, mistakes;
	struct holidays *out;
};

MUST_CHECK enum status calendar_text_read(struct calendar_text *in, struct holidays *out);

#endif
