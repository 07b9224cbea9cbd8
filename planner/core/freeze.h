/*
 * freeze - how many stored slots of a lane are due in each second of the freeze horizon
 *
 * Whoever watches a sender has seen what leaves within the next minutes; it stays as it is unless it is unlawful. After a change of throughput
 * such slots lie off the sender's ticks: they stay where they are as long as no second of the sender holds more than it may send.
 *
 *     struct freeze freeze = {.until = freeze_until, .lane = lane, .per_second = 10};
 *     if (freeze_holds(&freeze, queue, slot.due_at, &holds) == STATUS_OK && holds) ...
 *     freeze_clear(&freeze);
 *
 * The queue is counted at the first question and must not change between the questions. Memory: 4 bytes a second.
 */
#ifndef DAYPART_CORE_FREEZE_H
#define DAYPART_CORE_FREEZE_H

#include <stdbool.h>

#include "by_person.h"
#include "instant.h"

struct freeze {
	struct instant from, until; /* half-open, from now on; nothing when empty */
	int16_t lane;
	int64_t per_second; /* what the sender may send in any second */
	uint32_t *seconds;  /* of the freeze, counted; NULL before the first question */
};

/* Whether a slot that is due then keeps its instant, whatever the sender's ticks are. `queue` has rows of struct queued_slot (run_plan.h). Without
 * memory, or when the queue's storage fails, there is no answer: what is frozen must not move because of that. */
MUST_CHECK enum status freeze_holds(struct freeze *freeze, struct by_person *queue, struct instant due, bool *out);
void freeze_clear(struct freeze *freeze);

#endif
