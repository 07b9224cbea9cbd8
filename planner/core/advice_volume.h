/*
 * advice_volume - how many messages of one campaign are more than volumes that only advise would let leave (F11)
 *
 *     struct advice_volumes volumes = {.from = span.from};
 *     advice_volumes_add(&volumes, &advised, due, 1);          // a slot; -1: it is there no more
 *     over = advice_volumes_over(&volumes, i, sender);         // of volumes.items[i]
 *     advice_volumes_clear(&volumes);
 *
 * A volume is held against the campaign's own slots, so what is told is the least it can be: what else the sender or its portfolio sends comes on
 * top. Time is counted in quarters of an hour, and a rolling period in those that lie wholly within it, which can only make it less. Of each period
 * as many are too many as do not fit, the later ones.
 *
 * Memory: 4 bytes for each quarter of an hour up to the last slot, for each rule. Not for several threads.
 */
#ifndef DAYPART_CORE_ADVICE_VOLUME_H
#define DAYPART_CORE_ADVICE_VOLUME_H

#include "budget.h"
#include "plan_class.h"

enum { ADVICE_VOLUMES_MAX = 16 }; /* rules that are told apart; a rulebook has a handful */

struct advice_volumes {
	struct instant from; /* no slot is earlier */
	struct {
		const struct rule *rule;
		const struct zone *zone; /* of calendar days */
		int32_t *quarters;
		size_t count;
	} items[ADVICE_VOLUMES_MAX];
	size_t count;
};

MUST_CHECK enum status advice_volumes_add(struct advice_volumes *volumes, const struct advised_rule *advised, struct instant due, int n);
/* Once for each. */
int64_t advice_volumes_over(struct advice_volumes *volumes, size_t index, const struct sender_facts *sender);
void advice_volumes_clear(struct advice_volumes *volumes);

#endif
