/*
 * How it works: a tick_set knows how each tick is held. What lies on a tick that nothing else holds, as every slot does that was planned at this
 * throughput, goes there at once; what lies off the grid, or where something lies, is a stray, and settling finds the ticks it takes.
 *
 * An instant between two ticks could leave with either of them in one second, so it needs one on each side, and its own: of three messages
 * between the same two ticks each takes another tick before and another one after, and so does what follows them on its own tick, as long as
 * those are taken. With that, the messages of any second are at most as many as its taken ticks, unless all its ticks are taken. A tick a second away
 * is never in the same second, hence the reach. What keeps to its own tick in both directions, and shares it with nobody, holds it as it was put
 * there; whatever else is hit is taken. So settling walks through the strays and what they push on, and through nothing else.
 */
#include "capacity.h"

#include <assert.h>
#include <stdlib.h>

#include "grow.h"
#include "tick_set.h"

struct capacity {
	int64_t rate_milli;
	struct tick_set *ticks;
	int64_t *strays; /* instants; NULL once settled */
	size_t stray_count, stray_room;
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
	if (capacity == NULL || tick_set_create(&capacity->ticks) != STATUS_OK) {
		free(capacity);
		return err_set(err, STATUS_NO_MEMORY, "out of memory");
	}
	capacity->rate_milli = rate_milli;
	*out = capacity;
	return STATUS_OK;
}

void
capacity_free(struct capacity **capacity)
{
	if (*capacity != NULL) {
		tick_set_free(&(*capacity)->ticks);
		free((*capacity)->strays);
	}
	free(*capacity);
	*capacity = NULL;
}

static enum status
note_stray(struct capacity *capacity, struct instant at)
{
	int64_t *strays = grow(capacity->strays, capacity->stray_count, &capacity->stray_room, sizeof *strays);
	if (strays == NULL)
		return STATUS_NO_MEMORY;
	capacity->strays = strays;
	strays[capacity->stray_count++] = at.us;
	return STATUS_OK;
}

static enum status
hold(struct capacity *capacity, struct instant at, enum tick_holding holding)
{
	const int64_t tick = tick_from(capacity, at.us);
	assert(!capacity->settled);
	if (tick_instant(capacity, tick).us != at.us || tick_set_get(capacity->ticks, tick) != TICK_FREE)
		return note_stray(capacity, at);
	return tick_set_put(capacity->ticks, tick, holding);
}

enum status
capacity_take(struct capacity *capacity, struct instant at)
{
	return hold(capacity, at, TICK_TAKEN);
}

enum status
capacity_lend(struct capacity *capacity, struct instant at)
{
	return hold(capacity, at, TICK_LENT);
}

enum status
capacity_keep(struct capacity *capacity, struct instant at)
{
	return hold(capacity, at, TICK_KEPT);
}

/* Settling -------------------------------------------------------------------------------------------------------------------------------- */

static int
compare_int64(const void *a, const void *b)
{
	const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return (x > y) - (x < y);
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

/* One walk through what is held, in the direction 1 or -1. Everything takes the first tick from its own on that the one before it did not; beyond the
 * reach, one that it did. */
struct walk {
	const struct capacity *capacity;
	struct tick_set *hits;
	int direction;
	bool begun;
	int64_t last; /* taken by what was walked over last, once begun */
	int64_t next; /* the first tick that was not walked over */
};

/* What the next one takes, whose own tick that is. */
static int64_t
takes(const struct walk *walk, int64_t own)
{
	const int64_t most = walk->last * walk->direction + 1, far = own * walk->direction + reach(walk->capacity) - 1;
	return walk->begun ? greatest(own * walk->direction, most < far ? most : far) * walk->direction : own;
}

/* Walks over what lies on ticks up to `until`, as long as it is pushed on. */
static enum status
push_on(struct walk *walk, int64_t until)
{
	enum status status = STATUS_OK;
	int64_t own;
	while (status == STATUS_OK && tick_set_nearest(walk->capacity->ticks, walk->next, walk->direction, &own) &&
		own * walk->direction <= until * walk->direction) {
		walk->last = takes(walk, own);
		walk->next = own + walk->direction;
		if (walk->last == own)
			break;
		status =
			tick_set_put(walk->hits, walk->last, TICK_TAKEN); /* and its own was hit by one before it, else it would not be pushed on */
	}
	return status;
}

/* Walks on to a stray, behind `until`: nothing of what is not pushed on matters but the last. */
static enum status
walk_to(struct walk *walk, int64_t until)
{
	const enum status status = walk->begun ? push_on(walk, until) : STATUS_OK;
	int64_t own;
	if (tick_set_nearest(walk->capacity->ticks, until, -walk->direction, &own) &&
		(!walk->begun || own * walk->direction >= walk->next * walk->direction)) {
		walk->last = own;
		walk->begun = true;
	}
	walk->next = until + walk->direction;
	return status;
}

/* Where the ticks begin that lie behind an instant in a direction, that of the instant among them. */
static int64_t
own_tick(const struct walk *walk, int64_t us)
{
	return walk->direction > 0 ? tick_from(walk->capacity, us) : last_tick_until(walk->capacity, us);
}

/* What lies on the tick of a stray comes before it on the time line. */
static enum status
walk_strays(struct walk *walk)
{
	const struct capacity *capacity = walk->capacity;
	enum status status = STATUS_OK;
	for (size_t i = 0; i < capacity->stray_count && status == STATUS_OK; i++) {
		const int64_t us = capacity->strays[walk->direction > 0 ? i : capacity->stray_count - 1 - i];
		status = walk_to(walk, last_tick_until(capacity, us) + (walk->direction < 0));
		walk->last = takes(walk, own_tick(walk, us));
		walk->begun = true;
		if (status == STATUS_OK)
			status = tick_set_put(walk->hits, walk->last, TICK_TAKEN);
	}
	return status == STATUS_OK ? push_on(walk, INT64_MAX * walk->direction) : status;
}

/* What was hit is taken, whatever it was. */
static enum status
take_hits(struct capacity *capacity, struct tick_set *hits)
{
	enum status status = STATUS_OK;
	tick_set_settle(hits);
	for (int64_t tick = -INT64_MAX; status == STATUS_OK && tick_set_nearest(hits, tick, 1, &tick); tick++)
		status = tick_set_put(capacity->ticks, tick, TICK_TAKEN);
	return status;
}

static enum status
settle_strays(struct capacity *capacity)
{
	struct tick_set *hits;
	enum status status = tick_set_create(&hits);
	qsort(capacity->strays, capacity->stray_count, sizeof *capacity->strays, compare_int64);
	for (int direction = 1; direction >= -1 && status == STATUS_OK; direction -= 2)
		status = walk_strays(&(struct walk){.capacity = capacity, .hits = hits, .direction = direction});
	if (status == STATUS_OK)
		status = take_hits(capacity, hits);
	tick_set_free(&hits);
	return status;
}

enum status
capacity_settle(struct capacity *capacity)
{
	assert(!capacity->settled);
	tick_set_settle(capacity->ticks);
	const enum status status = capacity->stray_count > 0 ? settle_strays(capacity) : STATUS_OK;
	tick_set_settle(capacity->ticks);
	free(capacity->strays);
	capacity->strays = NULL;
	capacity->settled = true;
	return status;
}

/* Looking --------------------------------------------------------------------------------------------------------------------------------- */

bool
capacity_is_kept(const struct capacity *capacity, struct instant at)
{
	const int64_t tick = tick_from(capacity, at.us);
	assert(capacity->settled);
	return tick_set_get(capacity->ticks, tick) == TICK_KEPT && tick_instant(capacity, tick).us == at.us;
}

void
capacity_release(struct capacity *capacity, const struct instant *at, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		assert(capacity_is_kept(capacity, at[i]));
		tick_set_clear(capacity->ticks, tick_from(capacity, at[i].us));
	}
	tick_set_settle(capacity->ticks);
}

struct tick_cursor
capacity_free_from(const struct capacity *capacity, struct instant from)
{
	assert(capacity->settled);
	return (struct tick_cursor){.capacity = capacity, .tick = tick_from(capacity, from.us)};
}

/* Those of a stretch, and how many ticks it has. */
static struct tick_counts
count_held(const struct capacity *capacity, struct interval stretch, int64_t *out_ticks)
{
	const int64_t from = tick_from(capacity, stretch.from.us), until = greatest(from, tick_from(capacity, stretch.until.us));
	const struct tick_counts before = tick_set_count_before(capacity->ticks, from), behind = tick_set_count_before(capacity->ticks, until);
	assert(capacity->settled);
	*out_ticks = until - from;
	return (struct tick_counts){behind.taken - before.taken, behind.lent - before.lent};
}

int64_t
capacity_count_lent(const struct capacity *capacity, struct interval stretch)
{
	int64_t ticks;
	return count_held(capacity, stretch, &ticks).lent;
}

int64_t
capacity_count_free(const struct capacity *capacity, struct interval stretch)
{
	int64_t ticks;
	const struct tick_counts held = count_held(capacity, stretch, &ticks);
	return ticks - held.taken - held.lent;
}

struct instant
capacity_last_free(const struct capacity *capacity, struct interval stretch)
{
	int64_t tick = tick_from(capacity, stretch.until.us) - 1;
	while (tick_set_get(capacity->ticks, tick) != TICK_FREE)
		tick--;
	return tick_instant(capacity, tick);
}

struct instant
tick_cursor_next_lent(struct tick_cursor *cursor, struct instant not_before, bool *out_lent)
{
	const struct capacity *capacity = cursor->capacity;
	if (tick_instant(capacity, cursor->tick).us < not_before.us)
		cursor->tick = tick_from(capacity, not_before.us);
	cursor->tick = tick_set_pass_taken(capacity->ticks, cursor->tick);
	*out_lent = tick_set_get(capacity->ticks, cursor->tick) == TICK_LENT;
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
