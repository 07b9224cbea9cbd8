#include "series.h"

#include <stdlib.h>

#include "recurrence.h"

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
