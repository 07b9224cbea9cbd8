/*
 * How it works: taken ticks are a sorted array of tick numbers without repetition. The number of free ticks before tick t is t minus the
 * number of taken ones below t, a binary search; the k-th free tick inverts that by a search over the array. A bitmap was rejected: a week at
 * 1,000 a second is 600 million bits for a few million messages.
 */
#include "capacity.h"

#include <stdlib.h>

struct capacity {
	int64_t rate_milli;
	int64_t *taken; /* sorted and distinct up to `settled` */
	size_t count, settled, room;
};

#define MILLI_US_PER_SECOND INT64_C(1000000000) /* microseconds of a second, times the thousand that rate_milli carries */

__extension__ typedef __int128 wide; /* an instant times a rate does not fit 64 bits */

static int64_t
floor_div(wide numerator, int64_t denominator)
{
	wide quotient = numerator / denominator;
	return (int64_t)(quotient - (numerator % denominator < 0));
}

static struct instant
tick_instant(const struct capacity *capacity, int64_t tick)
{
	return (struct instant){floor_div((wide)tick * MILLI_US_PER_SECOND, capacity->rate_milli)};
}

/* The smallest tick whose instant is at or after `at`. */
static int64_t
tick_from(const struct capacity *capacity, struct instant at)
{
	int64_t tick = floor_div((wide)at.us * capacity->rate_milli, MILLI_US_PER_SECOND);
	while (tick_instant(capacity, tick).us < at.us)
		tick++;
	while (tick_instant(capacity, tick - 1).us >= at.us)
		tick--;
	return tick;
}

enum status
capacity_create(int64_t rate_milli, struct capacity **out, struct err *err)
{
	if (rate_milli < 1 || rate_milli > MILLI_US_PER_SECOND)
		return err_set(err, STATUS_INVALID, "a throughput of %lld/1000 a second is out of range", (long long)rate_milli);
	struct capacity *capacity = calloc(1, sizeof *capacity);
	if (capacity == NULL)
		return err_set(err, STATUS_NO_MEMORY, "out of memory");
	capacity->rate_milli = rate_milli;
	*out = capacity;
	return STATUS_OK;
}

void
capacity_free(struct capacity **capacity)
{
	if (*capacity != NULL)
		free((*capacity)->taken);
	free(*capacity);
	*capacity = NULL;
}

static enum status
push_tick(struct capacity *capacity, int64_t tick)
{
	if (capacity->count == capacity->room) {
		size_t room = capacity->room != 0 ? capacity->room + capacity->room / 2 : 64;
		int64_t *taken = realloc(capacity->taken, room * sizeof *taken);
		if (taken == NULL)
			return STATUS_NO_MEMORY;
		capacity->taken = taken;
		capacity->room = room;
	}
	capacity->taken[capacity->count++] = tick;
	return STATUS_OK;
}

enum status
capacity_take(struct capacity *capacity, struct instant at)
{
	int64_t tick = tick_from(capacity, at);
	if (tick_instant(capacity, tick).us != at.us && push_tick(capacity, tick - 1) != STATUS_OK)
		return STATUS_NO_MEMORY;
	return push_tick(capacity, tick);
}

static int
compare_ticks(const void *a, const void *b)
{
	const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return (x > y) - (x < y);
}

/* Merges two sorted neighbours of `taken` through a copy of the second, from the back. */
static enum status
merge_tail(struct capacity *capacity)
{
	size_t tail = capacity->count - capacity->settled;
	int64_t *copy = malloc(tail * sizeof *copy);
	if (copy == NULL)
		return STATUS_NO_MEMORY;
	for (size_t i = 0; i < tail; i++)
		copy[i] = capacity->taken[capacity->settled + i];
	size_t head = capacity->settled;
	for (size_t to = capacity->count; tail > 0;)
		capacity->taken[--to] = head > 0 && capacity->taken[head - 1] > copy[tail - 1] ? capacity->taken[--head] : copy[--tail];
	free(copy);
	return STATUS_OK;
}

enum status
capacity_settle(struct capacity *capacity)
{
	if (capacity->settled == capacity->count)
		return STATUS_OK;
	qsort(capacity->taken + capacity->settled, capacity->count - capacity->settled, sizeof *capacity->taken, compare_ticks);
	if (capacity->settled > 0 && merge_tail(capacity) != STATUS_OK)
		return STATUS_NO_MEMORY;
	size_t kept = 1;
	for (size_t i = 1; i < capacity->count; i++)
		if (capacity->taken[i] != capacity->taken[kept - 1])
			capacity->taken[kept++] = capacity->taken[i];
	capacity->count = capacity->settled = kept;
	return STATUS_OK;
}

struct instant
capacity_tick_at_or_after(const struct capacity *capacity, struct instant at)
{
	return tick_instant(capacity, tick_from(capacity, at));
}

/* How many taken ticks are below `tick`. */
static size_t
taken_below(const struct capacity *capacity, int64_t tick)
{
	size_t low = 0, high = capacity->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (capacity->taken[middle] < tick)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

int64_t
capacity_free_count(const struct capacity *capacity, struct interval interval)
{
	if (interval.until.us <= interval.from.us)
		return 0;
	int64_t from = tick_from(capacity, interval.from), until = tick_from(capacity, interval.until);
	return until - from - (int64_t)(taken_below(capacity, until) - taken_below(capacity, from));
}

struct instant
capacity_free_nth(const struct capacity *capacity, struct instant from, int64_t k)
{
	int64_t first = tick_from(capacity, from);
	size_t below = taken_below(capacity, first);
	/* The answer is first + k plus the number j of taken ticks at or after `first` that lie at or before it: the least j for which the j-th
	 * such tick, if there is one, lies behind first + k + j. taken[below + j] - j never falls, so a binary search finds it. */
	size_t low = 0, high = capacity->count - below;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (capacity->taken[below + middle] - (int64_t)middle <= first + k)
			low = middle + 1;
		else
			high = middle;
	}
	return tick_instant(capacity, first + k + (int64_t)low);
}

struct tick_cursor
capacity_free_from(const struct capacity *capacity, struct instant from)
{
	int64_t tick = tick_from(capacity, from);
	return (struct tick_cursor){.capacity = capacity, .tick = tick, .taken_index = taken_below(capacity, tick)};
}

struct instant
tick_cursor_next(struct tick_cursor *cursor, struct instant not_before)
{
	const struct capacity *capacity = cursor->capacity;
	if (tick_instant(capacity, cursor->tick).us < not_before.us) {
		cursor->tick = tick_from(capacity, not_before);
		if (cursor->taken_index < capacity->count && capacity->taken[cursor->taken_index] < cursor->tick)
			cursor->taken_index = taken_below(capacity, cursor->tick);
	}
	while (cursor->taken_index < capacity->count && capacity->taken[cursor->taken_index] == cursor->tick) {
		cursor->taken_index++;
		cursor->tick++;
	}
	return tick_instant(capacity, cursor->tick++);
}
