/*
 * interval - half-open stretches of the absolute time line, and sorted sets of them
 *
 * [from, until): 21:00:00 is outside a window that ends at 21:00. A set is sorted, disjoint and has no touching neighbours, so equal sets are
 * equal arrays. The empty set has count 0.
 *
 *     struct interval_set open = INTERVAL_SET_INIT;
 *     interval_set_intersect(&law, &campaign, &open);
 *     interval_set_free(&open);
 *
 * Ownership: a set owns its array; `out` may not alias an input. Cost: linear in the inputs. Errors: only memory (STATUS_NO_MEMORY).
 */
#ifndef DAYPART_CORE_INTERVAL_H
#define DAYPART_CORE_INTERVAL_H

#include "instant.h"

struct interval {
	struct instant from, until;
};

struct interval_set {
	struct interval *items;
	size_t count, capacity;
};

/* clang-format off */
#define INTERVAL_SET_INIT {.items = NULL}
/* clang-format on */

void interval_set_free(struct interval_set *set);
void interval_set_clear(struct interval_set *set);
/* Gives unused memory back, for sets that are kept in great numbers. */
void interval_set_trim(struct interval_set *set);

/* Unites one interval into the set, in any order (appending in order is O(1)); an empty one changes nothing. */
MUST_CHECK enum status interval_set_add(struct interval_set *set, struct interval interval);
MUST_CHECK enum status interval_set_intersect(const struct interval_set *a, const struct interval_set *b, struct interval_set *out);
MUST_CHECK enum status interval_set_subtract(const struct interval_set *a, const struct interval_set *b, struct interval_set *out);
bool interval_set_equal(const struct interval_set *a, const struct interval_set *b);

/* The interval that contains `at`, or NULL. O(log n). */
const struct interval *interval_set_find(const struct interval_set *set, struct instant at);
/* The first interval that ends after `at`, or NULL: where a search for the next lawful instant goes on. O(log n). */
const struct interval *interval_set_next(const struct interval_set *set, struct instant at);

#endif
