/*
 * interval - implementation
 *
 * A sorted array that grows by doubling. Every result is built by interval_set_add, which alone keeps the invariant (sorted, disjoint, no
 * touching neighbours); results are produced in order, so each addition is an append. A tree would add in O(log n), but a year of windows is
 * some hundred intervals and nearly all sets are built in order and then only read.
 */
#include "interval.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_CAPACITY = 16 }; /* a week of daily windows without growing */

void
interval_set_free(struct interval_set *set)
{
	free(set->items);
	*set = (struct interval_set)INTERVAL_SET_INIT;
}

void
interval_set_clear(struct interval_set *set)
{
	set->count = 0;
}

void
interval_set_trim(struct interval_set *set)
{
	struct interval *items = set->count > 0 ? realloc(set->items, set->count * sizeof(*items)) : NULL;

	if (items == NULL)
		return;
	set->items = items;
	set->capacity = set->count;
}

static enum status
reserve(struct interval_set *set, size_t wanted)
{
	size_t capacity = set->capacity > 0 ? set->capacity : FIRST_CAPACITY;
	struct interval *items;

	if (wanted <= set->capacity)
		return STATUS_OK;
	while (capacity < wanted)
		capacity *= 2;
	items = realloc(set->items, capacity * sizeof(*items));
	if (items == NULL)
		return STATUS_NO_MEMORY;
	set->items = items;
	set->capacity = capacity;
	return STATUS_OK;
}

/* Index of the first interval that ends at or after `at`; looks at the end first because sets are built in order. */
static size_t
first_reaching(const struct interval_set *set, struct instant at)
{
	size_t low = 0, high = set->count;

	if (high == 0 || set->items[high - 1].until.us < at.us)
		return high;
	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (set->items[middle].until.us < at.us)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static enum status
insert_at(struct interval_set *set, size_t index, struct interval interval)
{
	if (reserve(set, set->count + 1) != STATUS_OK)
		return STATUS_NO_MEMORY;
	memmove(set->items + index + 1, set->items + index, (set->count - index) * sizeof(*set->items));
	set->items[index] = interval;
	set->count++;
	return STATUS_OK;
}

enum status
interval_set_add(struct interval_set *set, struct interval interval)
{
	const size_t first = first_reaching(set, interval.from);
	size_t end = first;

	if (interval.from.us >= interval.until.us)
		return STATUS_OK;
	while (end < set->count && set->items[end].from.us <= interval.until.us)
		end++;
	if (first == end)
		return insert_at(set, first, interval);

	set->items[first].from = instant_min(set->items[first].from, interval.from);
	set->items[first].until = instant_max(set->items[end - 1].until, interval.until);
	memmove(set->items + first + 1, set->items + end, (set->count - end) * sizeof(*set->items));
	set->count -= end - first - 1;
	return STATUS_OK;
}

enum status
interval_set_intersect(const struct interval_set *a, const struct interval_set *b, struct interval_set *out)
{
	size_t i = 0, j = 0;

	interval_set_clear(out);
	while (i < a->count && j < b->count) {
		const struct interval common = {
			.from = instant_max(a->items[i].from, b->items[j].from),
			.until = instant_min(a->items[i].until, b->items[j].until),
		};

		if (interval_set_add(out, common) != STATUS_OK)
			return STATUS_NO_MEMORY;
		if (a->items[i].until.us < b->items[j].until.us)
			i++;
		else
			j++;
	}
	return STATUS_OK;
}

enum status
interval_set_subtract(const struct interval_set *a, const struct interval_set *b, struct interval_set *out)
{
	size_t j = 0;

	interval_set_clear(out);
	for (size_t i = 0; i < a->count; i++) {
		struct interval rest = a->items[i];

		while (j < b->count && b->items[j].until.us <= rest.from.us)
			j++;
		/* The last interval of b that touches `rest` may reach into the next one of a, so j itself stays behind. */
		for (size_t k = j; k < b->count && b->items[k].from.us < rest.until.us; k++) {
			const struct interval before = {rest.from, b->items[k].from};

			if (interval_set_add(out, before) != STATUS_OK)
				return STATUS_NO_MEMORY;
			rest.from = b->items[k].until;
		}
		if (interval_set_add(out, rest) != STATUS_OK)
			return STATUS_NO_MEMORY;
	}
	return STATUS_OK;
}

bool
interval_set_equal(const struct interval_set *a, const struct interval_set *b)
{
	return a->count == b->count && (a->count == 0 || memcmp(a->items, b->items, a->count * sizeof(*a->items)) == 0);
}

const struct interval *
interval_set_next(const struct interval_set *set, struct instant at)
{
	size_t index = first_reaching(set, at);

	if (index < set->count && set->items[index].until.us == at.us)
		index++; /* half-open: an interval that ends at `at` does not reach it */
	return index < set->count ? &set->items[index] : NULL;
}

const struct interval *
interval_set_find(const struct interval_set *set, struct instant at)
{
	const struct interval *next = interval_set_next(set, at);

	return next != NULL && next->from.us <= at.us ? next : NULL;
}
