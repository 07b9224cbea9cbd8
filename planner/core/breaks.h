/*
 * breaks - stretches of time in which something is broken, united in a short array of fixed size
 *
 *     struct breaks breaks = {.count = 0};
 *     breaks_add(&breaks, interval);
 *     struct interval whole = breaks_first_gap(&breaks, span);
 *
 * Where there are more stretches than it holds, the two that lie closest become one: what is united never gets smaller than it should be. interval.h
 * has exact sets, which allocate. Pure.
 */
#ifndef DAYPART_CORE_BREAKS_H
#define DAYPART_CORE_BREAKS_H

#include "interval.h"

enum { BREAKS_MAX = 16 };

struct breaks {
	struct interval items[BREAKS_MAX + 1]; /* sorted, disjoint, not touching; the last one is room to work */
	size_t count;
};

bool interval_is_empty(struct interval interval);
/* What both have; may be empty. */
struct interval interval_clip(struct interval a, struct interval b);

/* An empty stretch changes nothing. */
void breaks_add(struct breaks *breaks, struct interval interval);
/* The first stretch of the span that is whole; empty, at the span's end, when there is none. */
struct interval breaks_first_gap(const struct breaks *breaks, struct interval span);

#endif
