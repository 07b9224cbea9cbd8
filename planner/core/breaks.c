/* Insertion into a sorted array; then what touches is joined. */
#include "breaks.h"

#include <string.h>

bool
interval_is_empty(struct interval interval)
{
	return interval.from.us >= interval.until.us;
}

struct interval
interval_clip(struct interval a, struct interval b)
{
	return (struct interval){instant_max(a.from, b.from), instant_min(a.until, b.until)};
}

/* The item at `at` and the next become one. */
static void
join(struct breaks *breaks, size_t at)
{
	breaks->items[at].until = instant_max(breaks->items[at].until, breaks->items[at + 1].until);
	breaks->count--;
	memmove(&breaks->items[at + 1], &breaks->items[at + 2], (breaks->count - at - 1) * sizeof(breaks->items[0]));
}

static void
join_closest(struct breaks *breaks)
{
	size_t closest = 0;
	int64_t distance = INT64_MAX;
	for (size_t i = 0; i + 1 < breaks->count; i++)
		if (breaks->items[i + 1].from.us - breaks->items[i].until.us < distance) {
			distance = breaks->items[i + 1].from.us - breaks->items[i].until.us;
			closest = i;
		}
	join(breaks, closest);
}

void
breaks_add(struct breaks *breaks, struct interval interval)
{
	size_t at = breaks->count;
	if (interval_is_empty(interval))
		return;
	for (; at > 0 && instant_before(interval.from, breaks->items[at - 1].from); at--)
		breaks->items[at] = breaks->items[at - 1];
	breaks->items[at] = interval;
	breaks->count++;
	if (at > 0 && breaks->items[at - 1].until.us >= interval.from.us)
		join(breaks, --at);
	while (at + 1 < breaks->count && breaks->items[at].until.us >= breaks->items[at + 1].from.us)
		join(breaks, at);
	if (breaks->count > BREAKS_MAX)
		join_closest(breaks);
}

struct interval
breaks_first_gap(const struct breaks *breaks, struct interval span)
{
	struct interval gap = span;
	for (size_t i = 0; i < breaks->count; i++) {
		if (breaks->items[i].from.us > gap.from.us) {
			gap.until = instant_min(gap.until, breaks->items[i].from);
			break;
		}
		gap.from = instant_max(gap.from, breaks->items[i].until);
	}
	return interval_is_empty(gap) ? (struct interval){span.until, span.until} : gap;
}
