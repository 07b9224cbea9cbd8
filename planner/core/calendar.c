/*
 * calendar - implementation
 *
 * Every holiday within the coverage is worked out while parsing (calendar_text.h) and kept in a sorted array; asking is a binary search.
 */
#include "calendar.h"

#include <stdlib.h>
#include <string.h>

#include "calendar_text.h"

struct calendar {
	char name[CALENDAR_NAME_MAX];
	struct holidays days; /* by date, one a date */
};

static int
compare_holidays(const void *a, const void *b)
{
	const struct holiday *left = a, *right = b;

	if (left->date.days != right->date.days)
		return left->date.days < right->date.days ? -1 : 1;
	return strcmp(left->name, right->name);
}

static void
sort_holidays(struct holidays *days)
{
	size_t kept = 0;

	qsort(days->items, days->count, sizeof(days->items[0]), compare_holidays);
	for (size_t i = 0; i < days->count; i++) {
		if (kept == 0 || days->items[kept - 1].date.days != days->items[i].date.days)
			days->items[kept++] = days->items[i];
	}
	days->count = kept;
}

/* The text with a NUL at its end, which libical wants; NULL without memory. */
static char *
terminated(const char *text, size_t size)
{
	char *copy = malloc(size + 1);

	if (copy != NULL) {
		memcpy(copy, text, size);
		copy[size] = '\0';
	}
	return copy;
}

enum status
calendar_check(
	const char *name, const char *text, size_t size, calendar_mistake_fn *on_mistake, void *context, struct calendar **out, struct err *err)
{
	struct calendar_text in = {.name = name, .on_mistake = on_mistake, .context = context, .err = err};
	struct calendar *calendar = NULL;
	enum status status;
	char *copy;

	if (strlen(name) == 0 || strlen(name) >= CALENDAR_NAME_MAX)
		return err_set(err, STATUS_INVALID, "\"%s\" cannot name a calendar: 1 to %d bytes", name, CALENDAR_NAME_MAX - 1);
	if (size > CALENDAR_FILE_MAX_BYTES || memchr(text, '\0', size) != NULL)
		return err_set(err, STATUS_INVALID, "calendar \"%s\": longer than %d bytes, or not a text", name, CALENDAR_FILE_MAX_BYTES);
	in.text = copy = terminated(text, size);
	if (copy == NULL || (calendar = calloc(1, sizeof(*calendar))) == NULL) {
		free(copy);
		return err_set(err, STATUS_NO_MEMORY, "out of memory for calendar \"%s\"", name);
	}
	memcpy(calendar->name, name, strlen(name));
	status = calendar_text_read(&in, &calendar->days);
	free(copy);
	if (status != STATUS_OK) {
		calendar_free(&calendar);
		return status;
	}
	sort_holidays(&calendar->days);
	*out = calendar;
	return STATUS_OK;
}

enum status
calendar_parse(const char *name, const char *text, size_t size, struct calendar **out, struct err *err)
{
	return calendar_check(name, text, size, NULL, NULL, out, err);
}

void
calendar_free(struct calendar **calendar)
{
	if (*calendar != NULL)
		free((*calendar)->days.items);
	free(*calendar);
	*calendar = NULL;
}

static int
compare_date(const void *key, const void *item)
{
	const struct date *date = key;
	const struct holiday *holiday = item;

	return (date->days > holiday->date.days) - (date->days < holiday->date.days);
}

static const struct holiday *
find_holiday(const struct calendar *calendar, struct date date)
{
	return bsearch(&date, calendar->days.items, calendar->days.count, sizeof(calendar->days.items[0]), compare_date);
}

enum day_kind
calendar_day(const struct calendar *calendar, struct date date)
{
	if (date.days < calendar->days.first.days || date.days > calendar->days.last.days)
		return DAY_UNKNOWN;
	return find_holiday(calendar, date) != NULL ? DAY_HOLIDAY : DAY_ORDINARY;
}

const char *
calendar_day_name(const struct calendar *calendar, struct date date)
{
	const struct holiday *holiday = find_holiday(calendar, date);

	return holiday != NULL ? holiday->name : NULL;
}

const char *
calendar_name(const struct calendar *calendar)
{
	return calendar->name;
}

const char *
calendar_area(const struct calendar *calendar)
{
	return calendar->days.area;
}

struct date
calendar_first(const struct calendar *calendar)
{
	return calendar->days.first;
}

struct date
calendar_last(const struct calendar *calendar)
{
	return calendar->days.last;
}
