/*
 * lane_pace - how fast messages of one sender may leave at this moment: its rate, halved while the provider complains, and the rests it asks for
 *
 *     lane_pace_open(&pace, 80000, clock);                        // 80 a second
 *     n = lane_pace_take(&pace, clock, 1000);                     // so many may leave now
 *     lane_pace_give_back(&pace, n - sent);
 *     if (n == 0) ... ask again at lane_pace_next(&pace, clock)
 *
 * How long there has been no complaint is told by lane_steady_now(), which nobody sets.
 */
#ifndef DAYPART_SCHEDULER_LANE_PACE_H
#define DAYPART_SCHEDULER_LANE_PACE_H

#include "clock.h"
#include "policy/token_bucket.h"

struct lane_pace {
	struct token_bucket bucket;
	int64_t per_1000_s; /* when the provider does not complain */
	unsigned slower;    /* how often that is halved */
	struct instant slowed_at;
	struct instant rests_until; /* the provider wants it to wait */
};

/* The clock of leases and complaints: this host's, never set, and going on while the host is suspended. Any thread. */
struct instant lane_steady_now(void);

void lane_pace_open(struct lane_pace *pace, int64_t per_1000_s, const struct clock *clock);
/* At each look: the sender's rate. One that was halved comes back by doubling, one step at a time. */
void lane_pace_set(struct lane_pace *pace, int64_t per_1000_s, const struct clock *clock);
/* A complaint. True: it goes at half its rate from now on; false: it was halved a moment ago, or is as slow as it gets. */
bool lane_pace_slow_down(struct lane_pace *pace, const struct clock *clock);
/* Nothing may leave before. */
void lane_pace_rest(struct lane_pace *pace, struct instant until);

/* How many of `wanted` may leave now; they are taken. */
int64_t lane_pace_take(struct lane_pace *pace, const struct clock *clock, int64_t wanted);
void lane_pace_give_back(struct lane_pace *pace, int64_t count);
/* From when on one message may leave. */
struct instant lane_pace_next(const struct lane_pace *pace, const struct clock *clock);

#endif
