/*
 * backoff - how long to wait before trying again: doubling from `least` to `most`, with jitter, until something succeeds
 *
 *     struct backoff backoff = {.least = {100 * 1000}, .most = {30 * US_PER_SECOND}, .seed = seed};
 *     wait = backoff_next(&backoff);
 *     backoff_reset(&backoff);                                    // after a success
 *
 * The wait is between half of the doubled value and all of it, so that many clients of one server that came back do not come in step.
 * Deterministic: the same seed gives the same waits.
 */
#ifndef DAYPART_SCHEDULER_POLICY_BACKOFF_H
#define DAYPART_SCHEDULER_POLICY_BACKOFF_H

#include "planner/core/instant.h"

struct backoff {
	struct duration least, most;
	uint64_t seed;
	unsigned failures; /* since the last success */
};

struct duration backoff_next(struct backoff *backoff);
void backoff_reset(struct backoff *backoff);

#endif
