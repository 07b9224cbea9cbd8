/*
 * How it works: taken ticks are a sorted array of tick numbers without repetition, through which a cursor walks; lent ones another. A bit of a taken
 * tick tells whether it is kept. A bitmap of all ticks was rejected: a week at 1,000 a second is 600 million bits for a few million messages.
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
	int64_t *planned; /* instants and what lies there, see mark; NULL once settled */
	size_t planned_count, planned_room;
	int64_t *taken; /* tick numbers, sorted and distinct, times two, plus one for those kept */
	size_t taken_count;
	int64_t *lent; /* tick numbers likewise, and none of them taken */
	size_t lent_count;
	bool settled;
};

enum holding { TAKEN, LENT, KEPT, HOLDINGS = 4 };

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

/* An instant, or a tick, leaves two bits free: they say how it is held. */
static int64_t
mark(int64_t number, enum holding holding)
{
	return number * HOLDINGS + holding;
}

static enum holding
holding_of(int64_t marked)
{
	return (enum holding)(marked & (HOLDINGS - 1));
}

static int64_t
number_of(int64_t marked)
{
	return (marked - holding_of(marked)) / HOLDINGS;
}

static enum status
note_planned(struct capacity *capacity, struct instant at, enum holding holding)
{
	assert(!capacity->settled);
	int64_t *planned = grow(capacity->planned, capacity->planned_count, &capacity->planned_room, sizeof *planned);
	if (planned == NULL)
		return STATUS_NO_MEMORY;
	capacity->planned = planned;
	planned[capacity->planned_count++] = mark(at.us, holding);
	capacity->lent_count += holding == LENT;
	return STATUS_OK;
}

enum status
capacity_take(struct capacity *capacity, struct instant at)
{
	return note_planned(capacity, at, TAKEN);
}

enum status
capacity_lend(struct capacity *capacity, struct instant at)
{
	return note_planned(capacity, at, capacity_is_tick(capacity, at) ? LENT : TAKEN);
}

enum status
capacity_keep(struct capacity *capacity, struct instant at)
{
	return note_planned(capacity, at, capacity_is_tick(capacity, at) ? KEPT : TAKEN);
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

/* What lies on its tick holds that one, else it cannot give it up. */
static enum holding
holding_at(int64_t planned, int64_t own, int64_t tick)
{
	return own == tick ? holding_of(planned) : TAKEN;
}

/* To each instant the first tick at or after it that is not another's yet; beyond the reach, one that is. Sorted as the instants are. */
static void
ticks_after(struct capacity *capacity, int64_t *out)
{
	int64_t *instants = capacity->planned;
	for (size_t i = 0; i < capacity->planned_count; i++) {
		const int64_t own = tick_from(capacity, number_of(instants[i]));
		const int64_t tick = i > 0 ? greatest(own, least(number_of(out[i - 1]) + 1, own + reach(capacity) - 1)) : own;
		instants[i] = mark(number_of(instants[i]), holding_at(instants[i], own, tick));
		out[i] = mark(tick, TAKEN);
	}
}

/* Likewise the last tick at or before it. In place, from the back. */
static void
ticks_before(struct capacity *capacity)
{
	int64_t *instants = capacity->planned;
	const size_t count = capacity->planned_count;
	for (size_t i = count; i-- > 0;) {
		const int64_t own = last_tick_until(capacity, number_of(instants[i]));
		const int64_t tick = i + 1 < count ? least(own, greatest(number_of(instants[i + 1]) - 1, own - reach(capacity) + 1)) : own;
		instants[i] = mark(tick, holding_at(instants[i], own, tick));
	}
}

/* Merges `other` into the first half of `ticks`, from the back; both sorted by tick, of `count` items. */
static void
merge(int64_t *ticks, const int64_t *other, size_t count)
{
	size_t left = count;
	for (size_t to = 2 * count; count > 0;)
		ticks[--to] = left > 0 && number_of(ticks[left - 1]) > number_of(other[count - 1]) ? ticks[--left] : other[--count];
}

/* The first of the sorted numbers that is at least as great. */
static size_t
index_from(const int64_t *numbers, size_t count, int64_t least_number)
{
	size_t low = 0, high = count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (numbers[middle] < least_number)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static int64_t
as_taken(int64_t tick, bool kept)
{
	return tick * 2 + kept;
}

/* From ticks with repetition, sorted, to those taken and those lent: one that may be given up is found twice, after its slot and before it, and no
 * third time. */
static void
part_ticks(struct capacity *capacity, int64_t *ticks, size_t count)
{
	size_t lent_kept = 0;
	for (size_t i = 0, next; i < count; i = next) {
		const int64_t tick = number_of(ticks[i]);
		enum holding holding = TAKEN;
		for (next = i; next < count && number_of(ticks[next]) == tick; next++)
			holding |= holding_of(ticks[next]);
		if (next - i == 2 && holding == LENT)
			capacity->lent[lent_kept++] = tick;
		else
			ticks[capacity->taken_count++] = as_taken(tick, next - i == 2 && holding == KEPT);
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

/* The first taken tick at or after one. */
static size_t
taken_from(const struct capacity *capacity, int64_t tick)
{
	return index_from(capacity->taken, capacity->taken_count, as_taken(tick, false));
}

static size_t
lent_from(const struct capacity *capacity, int64_t tick)
{
	return index_from(capacity->lent, capacity->lent_count, tick);
}

bool
capacity_is_kept(const struct capacity *capacity, struct instant at)
{
	const int64_t tick = tick_from(capacity, at.us);
	const size_t index = taken_from(capacity, tick);
	assert(capacity->settled);
	return index < capacity->taken_count && capacity->taken[index] == as_taken(tick, true) && tick_instant(capacity, tick).us == at.us;
}

void
capacity_release(struct capacity *capacity, const struct instant *at, size_t count)
{
	size_t released = 0, left = 0;
	for (size_t i = 0; i < capacity->taken_count; i++)
		if (released < count && capacity->taken[i] == as_taken(tick_from(capacity, at[released].us), true))
			released++;
		else
			capacity->taken[left++] = capacity->taken[i];
	assert(released == count);
	capacity->taken_count = left;
}

struct tick_cursor
capacity_free_from(const struct capacity *capacity, struct instant from)
{
	const int64_t tick = tick_from(capacity, from.us);
	assert(capacity->settled);
	return (struct tick_cursor){
		.capacity = capacity, .tick = tick, .taken_index = taken_from(capacity, tick), .lent_index = lent_from(capacity, tick)};
}

int64_t
capacity_count_lent(const struct capacity *capacity, struct interval stretch)
{
	assert(capacity->settled);
	const int64_t from = tick_from(capacity, stretch.from.us), until = greatest(from, tick_from(capacity, stretch.until.us));
	return (int64_t)(lent_from(capacity, until) - lent_from(capacity, from));
}

int64_t
capacity_count_free(const struct capacity *capacity, struct interval stretch)
{
	assert(capacity->settled);
	const int64_t from = tick_from(capacity, stretch.from.us), until = greatest(from, tick_from(capacity, stretch.until.us));
	return until - from - (int64_t)(taken_from(capacity, until) - taken_from(capacity, from)) -
		(int64_t)(lent_from(capacity, until) - lent_from(capacity, from));
}

struct instant
capacity_last_free(const struct capacity *capacity, struct interval stretch)
{
	int64_t tick = tick_from(capacity, stretch.until.us) - 1;
	size_t taken = taken_from(capacity, tick + 1), lent = lent_from(capacity, tick + 1);
	for (bool held = true; held; tick -= held) {
		held = false;
		if (taken > 0 && capacity->taken[taken - 1] >= as_taken(tick, false)) {
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

/* Whether the cursor's tick is the next number between these; then the index moves behind it. */
static bool
passes(const int64_t *numbers, size_t count, size_t *index, int64_t least_number, int64_t greatest_number)
{
	const bool found = *index < count && numbers[*index] >= least_number && numbers[*index] <= greatest_number;
	*index += found;
	return found;
}

struct instant
tick_cursor_next_lent(struct tick_cursor *cursor, struct instant not_before, bool *out_lent)
{
	const struct capacity *capacity = cursor->capacity;
	if (tick_instant(capacity, cursor->tick).us < not_before.us)
		*cursor = capacity_free_from(capacity, not_before);
	while (
		passes(capacity->taken, capacity->taken_count, &cursor->taken_index, as_taken(cursor->tick, false), as_taken(cursor->tick, true)))
		cursor->tick++;
	*out_lent = passes(capacity->lent, capacity->lent_count, &cursor->lent_index, cursor->tick, cursor->tick);
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
