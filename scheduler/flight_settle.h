/*
 * flight_settle - records what became of messages in flight, in batches
 *
 *     flight_settle_open(&options, &settle, &err);
 *     flown->fate = ...; flown->next = ...; flight_settle_add(settle, flown);
 *     flight_settle_pass(settle);                         // begins a statement, unless one is under way
 *     ... on_settled(owner, flown) for each, then on_done(owner) ...
 *     flight_settle_close(&settle);
 *
 * One statement is under way at most, so what is answered meanwhile becomes the next batch: batches grow with the load by themselves. Recording is
 * repeated until it succeeds: a row that is settled already is left alone by the statement. An answer that the database refuses for a value in it is
 * cut off from its neighbours by halving, and then left: its message stays in flight and becomes uncertain when the lease ends.
 *
 * Belongs to the loop's thread; messages are lent from flight_settle_add to on_settled. Bounded by what is in flight (flight.h).
 */
#ifndef DAYPART_SCHEDULER_FLIGHT_SETTLE_H
#define DAYPART_SCHEDULER_FLIGHT_SETTLE_H

#include "flown.h"

struct flight_settle;

struct flight_settle_options {
	uv_loop_t *loop;
	struct worker_pool *pool;
	const struct clock *clock;
	struct duration margin;                               /* see flight_record.h */
	void (*on_settled)(void *owner, struct flown *flown); /* `next` says where it is: SLOT_IN_FLIGHT, where it cannot be recorded */
	void (*on_rest)(void *owner, int16_t lane_id, struct instant until); /* a provider wants this sender to wait */
	void (*on_done)(void *owner);                                        /* a statement has ended, well or not */
	void *owner;
};

MUST_CHECK enum status flight_settle_open(const struct flight_settle_options *options, struct flight_settle **out, struct err *err);
void flight_settle_add(struct flight_settle *settle, struct flown *flown);
void flight_settle_pass(struct flight_settle *settle);
/* Messages that are not recorded yet. */
size_t flight_settle_count(const struct flight_settle *settle);
/* A statement is under way. */
bool flight_settle_is_busy(const struct flight_settle *settle);
struct flight_tally flight_settle_tally(const struct flight_settle *settle);
/* No statement may be under way. What is not recorded is forgotten. Frees itself when the loop has closed its handle. */
void flight_settle_close(struct flight_settle **settle);

#endif
