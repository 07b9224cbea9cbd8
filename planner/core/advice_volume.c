/* How it works: once all are counted, what fits is let in quarter by quarter, and replaces what was counted, so that the period behind can be summed. */
#include "advice_volume.h"

#include <stdlib.h>
#include <string.h>

static const int64_t QUARTER_US = 15 * US_PER_MINUTE;

static size_t
find(struct advice_volumes *volumes, const struct advised_rule *advised)
{
	size_t i = 0;
	while (i < volumes->count && volumes->items[i].rule != advised->rule)
		i++;
	if (i == volumes->count && i < ADVICE_VOLUMES_MAX) {
		volumes->items[i].rule = advised->rule;
		volumes->items[i].zone = advised->zone;
		volumes->count++;
	}
	return i;
}

static enum status
reach_quarter(struct advice_volumes *volumes, size_t index, size_t quarter)
{
	const size_t count = volumes->items[index].count, room = quarter < 2 * count ? 2 * count : quarter + 1;
	if (quarter < count)
		return STATUS_OK;
	int32_t *quarters = realloc(volumes->items[index].quarters, room * sizeof *quarters);
	if (quarters == NULL)
		return STATUS_NO_MEMORY;
	memset(quarters + count, 0, (room - count) * sizeof *quarters);
	volumes->items[index].quarters = quarters;
	volumes->items[index].count = room;
	return STATUS_OK;
}

static int64_t
first_quarter(const struct advice_volumes *volumes)
{
	return volumes->from.us / QUARTER_US;
}

enum status
advice_volumes_add(struct advice_volumes *volumes, const struct advised_rule *advised, struct instant due, int n)
{
	const size_t index = find(volumes, advised), quarter = (size_t)(due.us / QUARTER_US - first_quarter(volumes));
	if (index == ADVICE_VOLUMES_MAX)
		return STATUS_OK;
	const enum status status = reach_quarter(volumes, index, quarter);
	if (status == STATUS_OK)
		volumes->items[index].quarters[quarter] += n;
	return status;
}

/* The date of a quarter, by the clock of a rule about days. */
static struct date
date_of(const struct zone *zone, struct instant at)
{
	return wall_date(zone != NULL ? zone_wall(zone, at) : (struct wall){at.us});
}

/* What a day, or as many quarters as fit into the period, holds; a period shorter than a quarter passes several times in it. */
static int64_t
most_on(const struct rule *rule, const struct sender_facts *sender, struct date date)
{
	const int64_t n = budget_rule_amount(rule, sender, date), length = rule->volume.length.us;
	if (n == INT64_MAX || length == 0 || length >= QUARTER_US)
		return n;
	return n * ((QUARTER_US + length - 1) / length);
}

int64_t
advice_volumes_over(struct advice_volumes *volumes, size_t index, const struct sender_facts *sender)
{
	const struct rule *rule = volumes->items[index].rule;
	const struct zone *zone = volumes->items[index].zone;
	const int64_t length = rule->volume.length.us, window = length > QUARTER_US ? length / QUARTER_US : 1;
	int32_t *quarters = volumes->items[index].quarters;
	struct date day = {INT32_MIN};
	int64_t over = 0, within = 0; /* of the day, or of the period up to the quarter before */
	for (int64_t i = 0; i < (int64_t)volumes->items[index].count; i++) {
		const struct date date = date_of(zone, (struct instant){(first_quarter(volumes) + i) * QUARTER_US});
		if (length == 0 && date.days != day.days)
			within = 0;
		else if (length > 0 && i >= window)
			within -= quarters[i - window];
		day = date;
		const int64_t most = most_on(rule, sender, date), room = most > within ? most - within : 0;
		const int32_t fits = quarters[i] < room ? quarters[i] : (int32_t)room;
		over += quarters[i] - fits;
		within += fits;
		quarters[i] = fits;
	}
	return over;
}

void
advice_volumes_clear(struct advice_volumes *volumes)
{
	for (size_t i = 0; i < volumes->count; i++)
		free(volumes->items[i].quarters);
	volumes->count = 0;
}
