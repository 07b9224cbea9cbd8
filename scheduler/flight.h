/*
 * flight - messages on their way to a sink outside the database: from a committed claim to a recorded answer
 *
 *     flight_open(&options, &flight, &err);
 *     limit = flight_reserve(flight, wanted);                      // before a claim: not more than the sink and the limit take
 *     ... in a worker, after the claim: flight_read(session, &claim, &rows, &err) ...
 *     flight_give_back(flight, limit);
 *     flight_take(flight, lane, &claim, rows);                     // and off they go
 *     flight_look(flight);                                         // now and then: what was left behind
 *     flight_drain(flight); ... once flight_is_idle(flight): flight_close(&flight)
 *
 * A message is handed to the wire only while its lane is held under the epoch of its claim, before not_after less the commit margin, and within
 * a second of being read, because what was true of its person then may not be any more: else it goes back into the queue as if it had not been
 * claimed, and through the whole gate again. The wire asks all that once more when its first byte is about to leave (sink.h), with clocks read
 * anew, and allows in addition what it may need to connect: a process that stood still in between sends nothing on waking that is unlawful, stale,
 * or another one's by then.
 *
 * Its answer becomes an event of policy/slot_state.h by policy/answer_fate.h; answers are recorded in batches, each in one statement
 * (settle_flight() of the database), after what they ask for beyond the message (obey_provider()).
 *
 * Bounded by release.in_flight: messages read, at the sink, and answered but not recorded yet, and room reserved for claims under way. A sink that
 * takes nothing therefore stops the claims, and slots stay in the queue.
 *
 * What a crash leaves behind lies in inflight under an epoch that is over; flight_look makes it uncertain, and asks the sink where that can say.
 * Where the receiver is known to take a key once only (can_repeat of sink.h), an uncertain message whose lane is held and that may still leave is sent
 * again, at the sender's pace, a minute apart and for a day at most: an acceptance settles it, anything else leaves it uncertain.
 * It does so whatever the sink: another one may have been set since. A sink inside the database has no other use for this module.
 *
 * Belongs to the loop's thread, but for flight_read.
 */
#ifndef DAYPART_SCHEDULER_FLIGHT_H
#define DAYPART_SCHEDULER_FLIGHT_H

#include <uv.h>

#include "clock.h"
#include "scheduler/sink/sink.h"
#include "worker.h"

struct lane;
struct lane_list;
struct flight;

struct flight_tally {
	int64_t handed_over, refused, expired, failed, held, queued, uncertain;
};

struct flight_options {
	uv_loop_t *loop;
	struct worker_pool *pool;
	const struct clock *clock;
	const struct sink *sink;
	const struct settings *settings;                                     /* of the start; they outlive the flight */
	const struct lane_list *lanes;                                       /* likewise */
	void (*on_room)(void *owner);                                        /* flight_reserve gave nothing, and would now */
	void (*on_back)(void *owner, struct lane *lane);                     /* a message of the lane is in the queue again */
	void (*on_rest)(void *owner, int16_t lane_id, struct instant until); /* a provider wants this sender to wait */
	void (*on_change)(void *owner);                                      /* something has ended */
	void *owner;
};

/* What identifies the messages of one claim. */
struct flight_claim {
	int16_t lane;
	int64_t epoch, number;
	bool now_is_given; /* a simulated clock */
	struct instant now;
};

MUST_CHECK enum status flight_open(const struct flight_options *options, struct flight **out, struct err *err);
/* Nothing may be in flight: flight_is_idle. Frees itself when the loop has closed its handles. */
void flight_close(struct flight **flight);

/* How many of `wanted` messages may be claimed now; they are kept free until flight_give_back. */
size_t flight_reserve(struct flight *flight, size_t wanted);
void flight_give_back(struct flight *flight, size_t count);

/* In a worker: the messages of a claim that has committed, and `*out` for flight_take. On an error the claim is for flight_reread. */
MUST_CHECK enum status flight_read(struct session *session, const struct flight_claim *claim, PGresult **out, struct err *err);
void flight_take(struct flight *flight, struct lane *lane, const struct flight_claim *claim, PGresult *rows);
/* The claim may have committed, but its messages could not be read: flight_look does it. */
void flight_reread(struct flight *flight, struct lane *lane, const struct flight_claim *claim);

void flight_look(struct flight *flight);

/* No more is handed to the sink; what it has is waited for, until release.drain has passed, then cut off. */
void flight_drain(struct flight *flight);
bool flight_is_idle(const struct flight *flight);
/* The sink takes nothing any more, whatever comes. */
bool flight_is_over(const struct flight *flight);
struct flight_tally flight_tally(const struct flight *flight);

#endif
