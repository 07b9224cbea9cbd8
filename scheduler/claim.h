/*
 * claim - one batch of one lane, from queue to ledger: the parameters and the answer of sql/query/release_claim.sql
 *
 *     status = claim_release(session, &request, &answer, &err);
 *
 * A batch that the database refuses because of a value in it is tried again by halves until the one bad slot stands alone; that one is held,
 * logged and left to the next plan, and its neighbours leave. A lost connection after the statement was sent is STATUS_UNCERTAIN and harmless:
 * the statement is one transaction, so the slots are either in the queue still, where the next claim finds them, or in the ledger. The caller
 * simply goes on.
 *
 * Called in worker threads.
 */
#ifndef DAYPART_SCHEDULER_CLAIM_H
#define DAYPART_SCHEDULER_CLAIM_H

#include "scheduler/sink/sink.h"
#include "sql/session.h"

/* The law of some classes as text parameters of the statement; see gate.h. */
struct claim_law {
	const char *class_ids, *open_from, *open_until, *evidence, *good_for, *later;
	int32_t rulebook_id;
};

struct claim_request {
	int16_t lane;
	const char *lane_name; /* for the log */
	bool now_is_given;     /* a simulated clock: `now` decides instead of the server's */
	struct instant now;
	int limit;
	struct duration commit_margin;
	enum sink_place place;
	int64_t epoch;         /* under which the lane is held */
	int64_t number;        /* of this claim within the epoch */
	const char *waiting;   /* "{3,4}": classes that wait for a budget; NULL: none */
	struct instant before; /* nothing is done from then on: the budget that was taken is good until then */
	struct claim_law law;
};

enum { CLAIM_UNKNOWN_MAX = 512 }; /* classes reported at once; the others are reported by the next claim */

struct claim_answer {
	struct instant now;        /* by the clock that decided */
	struct instant oldest;     /* when the first of the slots looked at was due; now, when there was none */
	bool stopped, stale, lost; /* nothing was done: see release_claim.sql */
	int limit;                 /* what was asked for in the end: less than the request's after a batch was cut */
	int64_t locked, handed_over, refused, expired, held, conflicts, flown;
	int32_t unknown[CLAIM_UNKNOWN_MAX];
	size_t unknown_count;
};

MUST_CHECK enum status claim_release(
	struct session *session, const struct claim_request *request, struct claim_answer *out, struct err *err);

/* Claims nothing of no lane, so that the server has parsed and planned the statement before something is due: its first run in a session takes tens of
 * milliseconds. Whatever fails here will fail, and be told, when it matters. */
void claim_warm_up(struct session *session);

/* The next due instants of a lane, overdue ones included, at most `limit`; without those of the classes that wait, when there are any. */
MUST_CHECK enum status claim_look_ahead(
	struct session *session, int16_t lane, const char *waiting, struct instant *out, size_t limit, size_t *out_count, struct err *err);

#endif
