#include "series.h"

#include <stdlib.h>

#include "recurrence.h"

/* No zone is further than this from UTC, so a local time lies within it of the same reading in UTC. */
static const struct duration FARTHEST_ZONE = {15 * US_PER_HOUR};

struct series {
	struct occurrence first;
	struct recurrence *dates;
};

enum status
series_open(const struct occurrence *first, const char *rrule, struct series **out, struct err *err)
{
	struct series *series = calloc(1, sizeof *series);
	if (series == NULL)
		return err_set(err, STATUS_NO_MEMORY, "out of memory for a series");
	series->first = *first;
	const enum status status = recurrence_parse(rrule, first->date, &series->dates, err);
	if (status == STATUS_OK)
		*out = series;
	else
		series_free(&series);
	return status;
}

void
series_free(struct series **series)
{
	if (*series == NULL)
		return;
	if ((*series)->dates != NULL)
		recurrence_free(&(*series)->dates);
	free(*series);
	*series = NULL;
}

static struct campaign_time
days_later(struct campaign_time time, int32_t days)
{
	if (time.local)
		time.wall.us += days * US_PER_DAY;
	else
		time.at.us += days * US_PER_DAY;
	return time;
}

bool
series_next(struct series *series, struct occurrence *out)
{
	struct date date;
	if (!recurrence_next(series->dates, &date))
		return false;
	const int32_t days = date.days - series->first.date.days;
	*out = (struct occurrence){date, days_later(series->first.starts_at, days), days_later(series->first.ends_at, days)};
	return true;
}

enum status
series_find(const struct occurrence *first, const char *rrule, struct instant now, struct occurrence *out, struct err *err)
{
	struct series *series;
	const enum status status = series_open(first, rrule, &series, err);
	if (status != STATUS_OK)
		return status;
	*out = *first;
	while (series_next(series, out) && occurrence_bounds(out).until.us <= now.us)
		continue;
	series_free(&series);
	return STATUS_OK;
}

static struct instant
whole_day(struct instant at, int days_later)
{
	const struct wall utc = {at.us};
	return (struct instant){(wall_date(utc).days + days_later) * US_PER_DAY};
}

struct interval
occurrence_bounds(const struct occurrence *occurrence)
{
	const struct campaign_time *start = &occurrence->starts_at, *end = &occurrence->ends_at;
	const struct instant from = start->local ? (struct instant){start->wall.us - FARTHEST_ZONE.us} : start->at;
	const struct instant until = end->local ? (struct instant){end->wall.us + FARTHEST_ZONE.us} : end->at;
	return (struct interval){whole_day(from, 0), whole_day(until, 1)};
}
