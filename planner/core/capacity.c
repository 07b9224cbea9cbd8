/*
 * How it works: taken ticks are a sorted array of tick numbers without repetition, through which a cursor walks; lent ones another. A bitmap was rejected: a week at
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
	int64_t *planned; /* instants and whether they are lent, see note_planned; NULL once settled */
	size_t planned_count, planned_room;
	int64_t *taken; /* tick numbers, sorted and distinct */
	size_t taken_count;
	int64_t *lent; /* likewise, and none of them taken */
	size_t lent_count;
	bool settled;
};

#define NOT_LENT INT64_MIN
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
		free((*capacity)->lent);
	}
	free(*capacity);
	*capacity = NULL;
}

/* The sign of an instant leaves a bit free: it says whether the slot may give way. */
static enum status
note_planned(struct capacity *capacity, struct instant at, bool lent)
{
	assert(!capacity->settled);
	int64_t *planned = grow(capacity->planned, capacity->planned_count, &capacity->planned_room, sizeof *planned);
	if (planned == NULL)
		return STATUS_NO_MEMORY;
	capacity->planned = planned;
	planned[capacity->planned_count++] = at.us * 2 + lent;
	capacity->lent_count += lent;
	return STATUS_OK;
}

static int64_t
planned_us(int64_t planned)
{
	return (planned - (planned & 1)) / 2;
}

enum status
capacity_take(struct capacity *capacity, struct instant at)
{
	return note_planned(capacity, at, false);
}

enum status
capacity_lend(struct capacity *capacity, struct instant at)
{
	return note_planned(capacity, at, capacity_is_tick(capacity, at));
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
ticks_after(const struct capacity *capacity, int64_t *out)
{
	for (size_t i = 0; i < capacity->planned_count; i++) {
		const int64_t tick = tick_from(capacity, planned_us(capacity->planned[i]));
		out[i] = i > 0 ? greatest(tick, least(out[i - 1] + 1, tick + reach(capacity) - 1)) : tick;
	}
}

/* The ticks of the slots that may give way, in their order; NOT_LENT where another slot is in the way. */
static void
collect_lent(struct capacity *capacity, const int64_t *after)
{
	size_t count = 0;
	for (size_t i = 0; i < capacity->planned_count; i++)
		if (capacity->planned[i] & 1)
			capacity->lent[count++] = after[i] == tick_from(capacity, planned_us(capacity->planned[i])) ? after[i] : NOT_LENT;
}

/* Likewise the last tick at or before it. In place, from the back. */
static void
ticks_before(struct capacity *capacity)
{
	int64_t *instants = capacity->planned;
	const size_t count = capacity->planned_count;
	for (size_t i = count, lent = capacity->lent_count; i-- > 0;) {
		const bool may_give_way = instants[i] & 1;
		const int64_t tick = last_tick_until(capacity, planned_us(instants[i]));
		instants[i] = i + 1 < count ? least(tick, greatest(instants[i + 1] - 1, tick - reach(capacity) + 1)) : tick;
		if (may_give_way && capacity->lent[--lent] != instants[i])
			capacity->lent[lent] = NOT_LENT;
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

/* The first of the sorted ticks that is at or after `tick`. */
static size_t
index_from(const int64_t *ticks, size_t count, int64_t tick)
{
	size_t low = 0, high = count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (ticks[middle] < tick)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* From ticks with repetition, sorted, to those taken and those lent: a lent one is found twice, after its slot and before it, and no third time. */
static void
part_ticks(struct capacity *capacity, int64_t *ticks, size_t count)
{
	size_t lent = 0, lent_kept = 0;
	for (size_t i = 0, next; i < count; i = next) {
		for (next = i + 1; next < count && ticks[next] == ticks[i];)
			next++;
		while (lent < capacity->lent_count && (capacity->lent[lent] == NOT_LENT || capacity->lent[lent] < ticks[i]))
			lent++;
		if (lent < capacity->lent_count && capacity->lent[lent] == ticks[i] && next - i == 2)
			capacity->lent[lent_kept++] = ticks[i];
		else
			ticks[capacity->taken_count++] = ticks[i];
	}
	capacity->lent_count = lent_kept;
}

enum status
capacity_settle(struct capacity *capacity)
{
	const size_t count = capacity->planned_count;
	assert(!capacity->settled);
	capacity->taken = calloc(2 * count + 1, sizeof *capacity->taken);
	capacity->lent = calloc(capacity->lent_count + 1, sizeof *capacity->lent);
	if (capacity->taken == NULL || capacity->lent == NULL)
		return STATUS_NO_MEMORY;
	if (count > 1)
		qsort(capacity->planned, count, sizeof *capacity->planned, compare_int64);
	ticks_after(capacity, capacity->taken);
	collect_lent(capacity, capacity->taken);
	ticks_before(capacity);
	merge(capacity->taken, capacity->planned, count);
	free(capacity->planned);
	capacity->planned = NULL;
	part_ticks(capacity, capacity->taken, 2 * count);
	int64_t *fitting = realloc(capacity->taken, (capacity->taken_count + 1) * sizeof *fitting);
	capacity->taken = fitting != NULL ? fitting : capacity->taken; /* not smaller, but good */
	capacity->settled = true;
	return STATUS_OK;
}

struct tick_cursor
capacity_free_from(const struct capacity *capacity, struct instant from)
{
	const int64_t tick = tick_from(capacity, from.us);
	assert(capacity->settled);
	return (struct tick_cursor){.capacity = capacity,
		.tick = tick,
		.taken_index = index_from(capacity->taken, capacity->taken_count, tick),
		.lent_index = index_from(capacity->lent, capacity->lent_count, tick)};
}

static size_t
count_between(const int64_t *ticks, size_t count, int64_t from, int64_t until)
{
	return index_from(ticks, count, until) - index_from(ticks, count, from);
}

int64_t
capacity_count_lent(const struct capacity *capacity, struct interval stretch)
{
	assert(capacity->settled);
	const int64_t from = tick_from(capacity, stretch.from.us), until = greatest(from, tick_from(capacity, stretch.until.us));
	return (int64_t)count_between(capacity->lent, capacity->lent_count, from, until);
}

int64_t
capacity_count_free(const struct capacity *capacity, struct interval stretch)
{
	assert(capacity->settled);
	const int64_t from = tick_from(capacity, stretch.from.us), until = greatest(from, tick_from(capacity, stretch.until.us));
	return until - from - (int64_t)count_between(capacity->taken, capacity->taken_count, from, until) -
		(int64_t)count_between(capacity->lent, capacity->lent_count, from, until);
}

struct instant
capacity_last_free(const struct capacity *capacity, struct interval stretch)
{
	int64_t tick = tick_from(capacity, stretch.until.us) - 1;
	size_t taken = index_from(capacity->taken, capacity->taken_count, tick + 1);
	size_t lent = index_from(capacity->lent, capacity->lent_count, tick + 1);
	for (bool held = true; held; tick -= held) {
		held = false;
		if (taken > 0 && capacity->taken[taken - 1] == tick) {
			held = true;
			taken--;
		}
		if (lent > 0 && capacity->lent[lent - 1] == tick) {
			held = true;
			lent--;
		}
	}
	return tick_instant(capacity, tick);
}

/* Whether the cursor's tick is the next of these; then the index moves behind it. */
static bool
passes(const int64_t *ticks, size_t count, size_t *index, int64_t tick)
{
	const bool found = *index < count && ticks[*index] == tick;
	*index += found;
	return found;
}

struct instant
tick_cursor_next_lent(struct tick_cursor *cursor, struct instant not_before, bool *out_lent)
{
	const struct capacity *capacity = cursor->capacity;
	if (tick_instant(capacity, cursor->tick).us < not_before.us)
		*cursor = capacity_free_from(capacity, not_before);
	while (passes(capacity->taken, capacity->taken_count, &cursor->taken_index, cursor->tick))
		cursor->tick++;
	*out_lent = passes(capacity->lent, capacity->lent_count, &cursor->lent_index, cursor->tick);
	return tick_instant(capacity, cursor->tick++);
}

struct instant
tick_cursor_next(struct tick_cursor *cursor, struct instant not_before)
{
	while (true) {
		bool lent;
		const struct instant tick = tick_cursor_next_lent(cursor, not_before, &lent);
		if (!lent)
			return tick;
	}
}
