/*
 * lateness - how long after their instants messages left, as a histogram from a millisecond to an hour
 *
 *     struct lateness lateness = {0};
 *     lateness_note(&lateness, (struct duration){1200}, 80);          // 80 messages, the latest 1.2 ms late
 *     for (int i = 0; i < LATENESS_STEPS; i++) ... lateness_step(i).us: lateness.counts[i] messages, those of earlier steps not among them ...
 *
 * Messages that leave together count as the latest of them: the histogram says "at most", never less.
 */
#ifndef DAYPART_SCHEDULER_POLICY_LATENESS_H
#define DAYPART_SCHEDULER_POLICY_LATENESS_H

#include "planner/core/instant.h"

enum { LATENESS_STEPS = 15 };

struct lateness {
	int64_t counts[LATENESS_STEPS + 1]; /* the last: later than every step */
	struct duration sum;
};

void lateness_note(struct lateness *lateness, struct duration latest, int64_t messages);
/* What is at most this late is in step `i` or before it. */
struct duration lateness_step(int i);

#endif
