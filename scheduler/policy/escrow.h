/*
 * escrow - how much of its limits of volume a lane may take now, for itself alone: a block
 *
 *     quota_create(&setup, &quota, &err);                                  // planner/core/quota.h: the planner's limits and the planner's cells
 *     quota_count(quota, ...);                                             // what the lanes have sent, and what others have taken
 *     escrow_decide(quota, &(struct escrow_ask){.now = now, ...}, waits, &answer);
 *     ... until answer.until the lane sends answer.n messages of the classes that need not wait ...
 *
 * A block is so small that whatever is sent by it keeps every limit that counts any class that may leave; so nobody need know which class a
 * message was of until the next block is taken. A class of which some limit leaves nothing waits; the others leave.
 *
 *     alone                        the lane takes all there is, for the rest of the quarter of an hour: nobody else wants it
 *     with others of a portfolio   an equal share of what is left, at most a minute's worth of its throughput, for a minute: what it does not
 *                                  send is soon the others' again
 *
 * A block never reaches over the end of a quarter of an hour, by which messages are counted. Pure; no allocation.
 */
#ifndef DAYPART_SCHEDULER_POLICY_ESCROW_H
#define DAYPART_SCHEDULER_POLICY_ESCROW_H

#include "planner/core/quota.h"

struct escrow_ask {
	struct instant now;
	const uint32_t *rules; /* of each class: quota_rules_of */
	size_t class_count;
	size_t lanes; /* that share the portfolio, this one included */
	int64_t per_1000_s;
};

struct escrow_answer {
	int64_t n;               /* 0: everything waits; INT64_MAX: what may leave is counted by no limit */
	bool reserved;           /* others must leave it to the lane: some limit counts it */
	struct instant until;    /* exclusive */
	bool limited;            /* false: no limit counts any of the classes, and n and until are as large as can be */
	struct instant again;    /* when something may have come free for those that wait; INT64_MAX: none waits */
	int64_t left;            /* what the tightest limit leaves; INT64_MAX: see limited */
	const struct rule *rule; /* of that limit, NULL: the sender's own */
};

/* `quota` NULL: nothing limits the sender. `out_waits` has room for class_count. */
void escrow_decide(const struct quota *quota, const struct escrow_ask *ask, bool *out_waits, struct escrow_answer *out);

/* The quarter of an hour by which messages are counted. */
struct instant escrow_quarter(struct instant at);

#endif
