/*
 * lane_budget - the limits of volume of a lane at work: how much it has taken of its budgets, and when it must take more
 *
 *     lane_budget_set_limits(&budget, &limits);                        // what is recorded of the sender, at each look
 *     lane_budget_prepare(&budget, &situation, &err);                  // before a claim, in the loop's thread
 *     status = lane_budget_take(&budget, session, &err);               // in the worker; asks the database only when a block is used up
 *     lane_budget_bind(&budget, &request);                             // the claim's limit, its end, the classes that wait
 *     lane_budget_spend(&budget, left);                                // after it, in the loop's thread
 *
 * What left is counted by the claims themselves, by class and quarter of an hour (table lane_sent), in the transaction that lets it leave. What may leave is
 * taken in blocks (policy/escrow.h), under a lock of all lanes of the portfolio; the table lane_block says what others must leave to it. So
 *
 *     a crash      loses nothing: what was sent is counted, and a block counts as sent for as long as some claim may still go by it: until its
 *                  lane has another holder (a claim locks the lease, so the old ones have ended), or a minute after it ran out
 *     a paused process that wakes up finds its block run out by the server's clock, which the claim compares
 *     a claim of which nobody knows is waited for before the next block is taken
 *
 * A lane without limits costs nothing: no statement is sent for it, and its claims count nothing. One that gets its first limit is counted from
 * then on, and what it sent before is read from the ledger once.
 *
 * Belongs to the loop's thread; between prepare and spend to the worker.
 */
#ifndef DAYPART_SCHEDULER_LANE_BUDGET_H
#define DAYPART_SCHEDULER_LANE_BUDGET_H

#include "claim.h"
#include "gate.h"
#include "lane_limits.h"

struct lane_budget_class {
	int32_t id;
	uint32_t rules;
};

struct lane_budget {
	struct lane_limits *limits; /* NULL: not known yet, so nothing limits it. The loop's at all times, with */
	bool limits_are_new;
	bool has_landed; /* something that had left: perhaps it counts no more. The loop's as well */
	/* The block. */
	bool limited;
	int64_t left;         /* of it; INT64_MAX without limits */
	struct instant until; /* from then on it must be asked anew */
	struct instant again; /* something that waits may leave then; INT64_MAX: nothing waits */
	uint64_t laws_number; /* of the law that it was taken under */
	char *waiting;        /* classes that wait, "{3,4}"; NULL: none */
	/* What the worker needs to take another one. */
	bool asks;
	int16_t lane;
	int64_t epoch, per_1000_s;
	bool now_is_given;
	struct instant now;
	struct quota *quota;
	const struct gate_laws *laws;
	char *lanes_text;
	size_t lane_count;
	/* Classes that were sent to lately and that the gate does not know. */
	struct lane_budget_class *past;
	size_t past_count, past_room;
	int32_t past_rulebook_id;
};

struct lane_budget_situation {
	int16_t lane;
	int64_t epoch, per_1000_s;
	bool now_is_given;
	struct instant now;
	const struct gate_laws *laws; /* held until lane_budget_spend */
};

void lane_budget_clear(struct lane_budget *budget);
/* Takes them over; at any time. */
void lane_budget_set_limits(struct lane_budget *budget, struct lane_limits **limits);

MUST_CHECK enum status lane_budget_prepare(struct lane_budget *budget, const struct lane_budget_situation *situation, struct err *err);
/* Never uncertain: a block that was perhaps taken is taken again. */
MUST_CHECK enum status lane_budget_take(struct lane_budget *budget, struct session *session, struct err *err);
void lane_budget_bind(const struct lane_budget *budget, struct claim_request *request);
/* An answer has come: at any time. */
void lane_budget_land(struct lane_budget *budget);
/* When to look again for room for what waits: now, when the limits have changed or there may be room. INT64_MAX: nothing waits. */
struct instant lane_budget_again(const struct lane_budget *budget, struct instant now);
/* After each claim: so many left. Negative: nobody knows how many. */
void lane_budget_spend(struct lane_budget *budget, int64_t count);

#endif
