/*
 * capacity - a sender's throughput as a fixed grid of ticks, and which of them are taken
 *
 * A sender of r messages a second owns one tick every 1/r seconds, counted from the epoch, and one message at most leaves at a tick. So no
 * second of a sender ever holds more than r (rounded up) messages, however many campaigns share it, and two slots of a lane never coincide.
 *
 * Why a grid, where daypartd has a bucket (scheduler/policy/token_bucket.h) at the same rate (lawbook_rate_milli, for both): the grid is the bucket
 * with a burst of one message whose instants do not depend on what left before, so that campaigns planned at different times share a second exactly
 * and planning again finds the same ticks. A burst of a second's worth, after a pause and on top of the rate, would fill a second twice. The daemon
 * cannot live on the grid: whatever it finds late, after an outage or by some milliseconds, lies between its ticks.
 *
 *     struct capacity *lane;
 *     capacity_create(10000, &lane, &err);                  // 10 a second, in thousandths
 *     capacity_take(lane, slot.due_at);                     // what is already planned, in any order
 *     capacity_lend(lane, lower.due_at);                    // likewise, by a slot that may have to give way
 *     capacity_keep(lane, own.due_at);                      // likewise, by a slot that may be moved
 *     capacity_settle(lane);                                // once, after the last of them
 *     struct tick_cursor free = capacity_free_from(lane, now);
 *     due = tick_cursor_next(&free, not_before);            // the first free tick at or after that instant
 *
 * A slot that lies off the grid, because the throughput was another one when it was planned, is planned anew with its campaign; until then
 * such instants take ticks on both sides, so that no second gets over r because of a free tick; a second that was over r before stays as it
 * is. A tick is lent when nothing holds it but one slot that lies on it and may give way; whoever is given a lent tick displaces that slot. A tick is
 * kept when nothing holds it but one slot that lies on it and may be moved: it is taken until it is released.
 * Memory: 2 to 4 bytes an instant that lies alone on a tick, 8 more for each other, and those of tick_set.h.
 */
#ifndef DAYPART_CORE_CAPACITY_H
#define DAYPART_CORE_CAPACITY_H

#include "interval.h"

struct capacity;

/* `rate_milli`: messages per 1000 seconds, 1..10^9. */
MUST_CHECK enum status capacity_create(int64_t rate_milli, struct capacity **out, struct err *err);
void capacity_free(struct capacity **capacity);

/* Whether `at` lies on the grid: a slot planned at another throughput may not. */
bool capacity_is_tick(const struct capacity *capacity, struct instant at);

MUST_CHECK enum status capacity_take(struct capacity *capacity, struct instant at);
/* A slot that may give way. One that lies off the grid, or where another lies, cannot: it is taken. */
MUST_CHECK enum status capacity_lend(struct capacity *capacity, struct instant at);
/* A slot that stays, but may be released. */
MUST_CHECK enum status capacity_keep(struct capacity *capacity, struct instant at);
/* From what was taken to ticks. Called once, before the functions below. */
MUST_CHECK enum status capacity_settle(struct capacity *capacity);

/* How many ticks of the stretch are free, and how many are lent. O(log ticks held). */
int64_t capacity_count_free(const struct capacity *capacity, struct interval stretch);
int64_t capacity_count_lent(const struct capacity *capacity, struct interval stretch);
/* The last free tick of a stretch that has one. O(ticks taken behind it). */
struct instant capacity_last_free(const struct capacity *capacity, struct interval stretch);

/* Whether the tick at that instant is kept. */
bool capacity_is_kept(const struct capacity *capacity, struct instant at);
/* These ticks, which are kept, become free. */
void capacity_release(struct capacity *capacity, const struct instant *at, size_t count);

/* Walks the free ticks forwards; each call costs O(1) amortised. */
struct tick_cursor {
	const struct capacity *capacity;
	int64_t tick; /* not given yet, perhaps taken */
};
struct tick_cursor capacity_free_from(const struct capacity *capacity, struct instant from);
/* The first free tick at or after `not_before` that this cursor has not given yet; the cursor moves behind it. */
struct instant tick_cursor_next(struct tick_cursor *cursor, struct instant not_before);
/* Likewise the first tick that is free or lent. */
struct instant tick_cursor_next_lent(struct tick_cursor *cursor, struct instant not_before, bool *out_lent);

#endif
