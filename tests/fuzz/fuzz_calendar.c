/* Any text as a calendar: refused, with a line that it has and a cure, or one whose days and coverage agree. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "planner/core/calendar.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_mistake(void *lines, const struct calendar_mistake *mistake)
{
	assert(mistake->line >= 1 && mistake->line <= *(const int *)lines);
	assert(strlen(mistake->what) > 0 && strlen(mistake->cure) > 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err err = ERR_INIT;
	struct calendar *calendar;
	size_t holidays = 0;
	int lines = 1;

	for (size_t i = 0; i < size; i++)
		lines += data[i] == '\n';
	if (calendar_check("fuzz", (const char *)data, size, check_mistake, &lines, &calendar, &err) != STATUS_OK)
		return 0;
	for (struct date date = calendar_first(calendar); date.days <= calendar_last(calendar).days; date.days++) {
		const enum day_kind kind = calendar_day(calendar, date);

		assert(kind != DAY_UNKNOWN && (kind == DAY_HOLIDAY) == (calendar_day_name(calendar, date) != NULL));
		holidays += kind == DAY_HOLIDAY;
	}
	assert(holidays > 0 && holidays <= CALENDAR_MAX_DAYS);
	assert(calendar_day(calendar, (struct date){calendar_last(calendar).days + 1}) == DAY_UNKNOWN);
	assert(strlen(calendar_area(calendar)) > 0);
	calendar_free(&calendar);
	return 0;
}
