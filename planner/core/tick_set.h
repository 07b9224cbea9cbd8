/*
 * tick_set - which ticks of a grid are held, and how: millions of numbers in some two bytes each
 *
 *     struct tick_set *set;
 *     tick_set_create(&set);
 *     tick_set_put(set, tick, TICK_KEPT);                    // in any order; whatever it was before
 *     tick_set_settle(set);                                  // before asking where something lies; again after more of them
 *     const struct tick_counts before = tick_set_count_before(set, tick);
 *
 * A tick is any number that 2^12 divides without leaving 64 bits. Memory: 2 bytes a tick where they lie close, at most 4 and what the allocator
 * adds for each 4096 ticks of the grid that hold any, 64. Errors: memory.
 */
#ifndef DAYPART_CORE_TICK_SET_H
#define DAYPART_CORE_TICK_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "status.h"

enum tick_holding { TICK_FREE, TICK_TAKEN, TICK_LENT, TICK_KEPT }; /* kept ones are taken as well: bit 0 */

struct tick_counts {
	int64_t taken, lent;
};

struct tick_set;

MUST_CHECK enum status tick_set_create(struct tick_set **out);
void tick_set_free(struct tick_set **set);

MUST_CHECK enum status tick_set_put(struct tick_set *set, int64_t tick, enum tick_holding holding);
void tick_set_clear(struct tick_set *set, int64_t tick);
/* O(1) but for a search among the ticks near it. */
enum tick_holding tick_set_get(const struct tick_set *set, int64_t tick);
/* The first tick at or after one that is free or lent. O(ticks taken in between). */
int64_t tick_set_pass_taken(const struct tick_set *set, int64_t tick);

/* For the functions below. */
void tick_set_settle(struct tick_set *set);
/* How many are held before a tick. O(log ticks). */
struct tick_counts tick_set_count_before(const struct tick_set *set, int64_t tick);
/* The nearest one held at or behind `tick` in the direction 1 or -1; false: there is none. */
bool tick_set_nearest(const struct tick_set *set, int64_t tick, int direction, int64_t *out);

#endif
