/*
 * How it works: taken ticks are a sorted array of tick numbers without repetition, through which a cursor walks. A bitmap was rejected: a week at
 * 1,000 a second is 600 million bits for a few million messages.
 *
 * An instant between two ticks could leave with either of them in one second, so it needs one on each side, and its own: of three messages
 * between the same two ticks each takes another tick before and another one after. With that, the messages of any second are at most as many
 * as its taken ticks, unless all its ticks are taken. A tick a second away is never in the same second, hence the reach.
 */
#include "capacity.h"

#include <assert.h>
#include <stdlib.h>

#include "grow.h"

struct capacity {
	int64_t rate_milli;
	int64_t *planned; /* instants, as capacity_take got them; NULL once settled */
	size_t planned_count, planned_room;
	int64_t *taken; /* tick numbers, sorted and distinct */
	size_t taken_count;
	bool settled;
};

#define MILLI_US_PER_SECOND INT64_C(1000000000) /* microseconds of a second, times the thousand that rate_milli carries */

__extension__ typedef __int128 wide; /* an instant times a rate does not fit 64 bits */

static int64_t
floor_div(wide numerator, int64_t denominator)
{
	return (int64_t)(numerator / denominator - (numerator % denominator < 0));
}

static struct instant
tick_instant(const struct capacity *capacity, int64_t tick)
{
	return (struct instant){floor_div((wide)tick * MILLI_US_PER_SECOND, capacity->rate_milli)};
}

/* The first tick whose instant is at or after `us`. An instant is a tick's time rounded down, which changes nothing for a whole `us`. */
static int64_t
tick_from(const struct capacity *capacity, int64_t us)
{
	return -floor_div(-(wide)us * capacity->rate_milli, MILLI_US_PER_SECOND);
}

bool
capacity_is_tick(const struct capacity *capacity, struct instant at)
{
	return tick_instant(capacity, tick_from(capacity, at.us)).us == at.us;
}

static int64_t
last_tick_until(const struct capacity *capacity, int64_t us)
{
	return tick_from(capacity, us + 1) - 1;
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
	if (*capacity != NULL) {
		free((*capacity)->planned);
		free((*capacity)->taken);
	}
	free(*capacity);
	*capacity = NULL;
}

enum status
capacity_take(struct capacity *capacity, struct instant at)
{
	assert(!capacity->settled);
	int64_t *planned = grow(capacity->planned, capacity->planned_count, &capacity->planned_room, sizeof *planned);
	if (planned == NULL)
		return STATUS_NO_MEMORY;
	capacity->planned = planned;
	planned[capacity->planned_count++] = at.us;
	return STATUS_OK;
}

static int
compare_int64(const void *a, const void *b)
{
	const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return (x > y) - (x < y);
}

static int64_t
least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t
greatest(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* How many ticks a second holds at most. */
static int64_t
reach(const struct capacity *capacity)
{
	return (capacity->rate_milli + 999) / 1000;
}

/* To each instant the first tick at or after it that is not another's yet; beyond the reach, one that is. Sorted as the instants are. */
static void
ticks_after(const struct capacity *capacity, const int64_t *instants, int64_t *out)
{
	for (size_t i = 0; i < capacity->planned_count; i++) {
		const int64_t tick = tick_from(capacity, instants[i]);
		out[i] = i > 0 ? greatest(tick, least(out[i - 1] + 1, tick + reach(capacity) - 1)) : tick;
	}
}

/* Likewise the last tick at or before it. In place, from the back. */
static void
ticks_before(const struct capacity *capacity, int64_t *instants)
{
	const size_t count = capacity->planned_count;
	for (size_t i = count; i-- > 0;) {
		const int64_t tick = last_tick_until(capacity, instants[i]);
		instants[i] = i + 1 < count ? least(tick, greatest(instants[i + 1] - 1, tick - reach(capacity) + 1)) : tick;
	}
}

/* Merges `other` into the first half of `ticks`, from the back; both sorted, of `count` items. */
static void
merge(int64_t *ticks, const int64_t *other, size_t count)
{
	size_t left = count;
	for (size_t to = 2 * count; count > 0;)
		ticks[--to] = left > 0 && ticks[left - 1] > other[count - 1] ? ticks[--left] : other[--count];
}

static size_t
drop_repeated(int64_t *ticks, size_t count)
{
	size_t kept = 0;
	for (size_t i = 0; i < count; i++)
		if (kept == 0 || ticks[i] != ticks[kept - 1])
			ticks[kept++] = ticks[i];
	return kept;
}

enum status
capacity_settle(struct capacity *capacity)
{
	const size_t count = capacity->planned_count;
	assert(!capacity->settled);
	int64_t *ticks = malloc((2 * count + 1) * sizeof *ticks);
	if (ticks == NULL)
		return STATUS_NO_MEMORY;
	if (count > 1)
		qsort(capacity->planned, count, sizeof *capacity->planned, compare_int64);
	ticks_after(capacity, capacity->planned, ticks);
	ticks_before(capacity, capacity->planned);
	merge(ticks, capacity->planned, count);
	free(capacity->planned);
	capacity->planned = NULL;
	capacity->taken_count = drop_repeated(ticks, 2 * count);
	capacity->taken = realloc(ticks, (capacity->taken_count + 1) * sizeof *ticks);
	if (capacity->taken == NULL)
		capacity->taken = ticks; /* not smaller, but good */
	capacity->settled = true;
	return STATUS_OK;
}

/* The first taken tick at or after `tick`. */
static size_t
taken_from(const struct capacity *capacity, int64_t tick)
{
	size_t low = 0, high = capacity->taken_count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (capacity->taken[middle] < tick)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct tick_cursor
capacity_free_from(const struct capacity *capacity, struct instant from)
{
	const int64_t tick = tick_from(capacity, from.us);
	assert(capacity->settled);
	return (struct tick_cursor){.capacity = capacity, .tick = tick, .taken_index = taken_from(capacity, tick)};
}

struct instant
tick_cursor_next(struct tick_cursor *cursor, struct instant not_before)
{
	const struct capacity *capacity = cursor->capacity;
	if (tick_instant(capacity, cursor->tick).us < not_before.us)
		*cursor = capacity_free_from(capacity, not_before);
	while (cursor->taken_index < capacity->taken_count && capacity->taken[cursor->taken_index] == cursor->tick) {
		cursor->taken_index++;
		cursor->tick++;
	}
	return tick_instant(capacity, cursor->tick++);
}
