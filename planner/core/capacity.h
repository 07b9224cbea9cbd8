/*
 * capacity - a sender's throughput as a fixed grid of ticks, and which of them are taken
 *
 * A sender of r messages a second owns one tick every 1/r seconds, counted from the epoch, and one message at most leaves at a tick. So no
 * second of a sender ever holds more than r (rounded up) messages, however many campaigns share it, and two slots of a lane never coincide.
 *
 *     struct capacity *lane;
 *     capacity_create(10000, &lane);                        // 10 a second, in thousandths
 *     capacity_take(lane, slot.due_at);                     // what is already planned, in any order
 *     capacity_settle(lane);
 *     struct tick_cursor free = capacity_free_from(lane, now);
 *     due = tick_cursor_next(&free, not_before);            // the first free tick at or after that instant
 *
 * An instant off the grid (planned at another throughput) takes the tick before and the tick after it. Memory: 8 bytes a taken tick.
 */
#ifndef DAYPART_CORE_CAPACITY_H
#define DAYPART_CORE_CAPACITY_H

#include "interval.h"

struct capacity;

/* `rate_milli`: messages per 1000 seconds, 1..10^9. */
MUST_CHECK enum status capacity_create(int64_t rate_milli, struct capacity **out, struct err *err);
void capacity_free(struct capacity **capacity);

MUST_CHECK enum status capacity_take(struct capacity *capacity, struct instant at);
/* Sorts what was taken since; must be called before the functions below and after the last capacity_take. */
MUST_CHECK enum status capacity_settle(struct capacity *capacity);

struct instant capacity_tick_at_or_after(const struct capacity *capacity, struct instant at);
/* Free ticks in the interval. O(log n). */
int64_t capacity_free_count(const struct capacity *capacity, struct interval interval);
/* The instant of the k-th (from 0) free tick at or after `from`. O(log n). */
struct instant capacity_free_nth(const struct capacity *capacity, struct instant from, int64_t k);

/* Walks the free ticks forwards; each call costs O(1) amortised. */
struct tick_cursor {
	const struct capacity *capacity;
	int64_t tick;
	size_t taken_index;
};
struct tick_cursor capacity_free_from(const struct capacity *capacity, struct instant from);
/* The first free tick at or after `not_before` that this cursor has not given yet; the cursor moves behind it. */
struct instant tick_cursor_next(struct tick_cursor *cursor, struct instant not_before);

#endif
