/*
 * slot_state - the life of one message as a table: in this state, on this event, it goes there
 *
 *     next = slot_step(SLOT_IN_FLIGHT, SLOT_ACCEPT);               // SLOT_HANDED_OVER
 *
 * A sink inside the database takes a message in the claim's own statement: queued -> handed_over. For one outside it, the message is in flight from
 * the claim until its answer; an answer that got lost makes it uncertain, which counts as sent, until the provider or a person says what became of
 * it. Each state is a place in the database, and a message is in one place at a time:
 *
 *     queued       table slot
 *     in_flight    table inflight
 *     uncertain    table inflight, uncertain_at set
 *     handed_over, refused, expired, failed    table release: final
 *     held         table suppressed: the next plan looks again
 *
 * Pure. The README shows it as a diagram, which a test compares with slot_write_diagram().
 */
#ifndef DAYPART_SCHEDULER_POLICY_SLOT_STATE_H
#define DAYPART_SCHEDULER_POLICY_SLOT_STATE_H

#include <stdio.h>

enum slot_state {
	SLOT_QUEUED,
	SLOT_IN_FLIGHT,
	SLOT_UNCERTAIN,
	SLOT_HANDED_OVER,
	SLOT_REFUSED,
	SLOT_EXPIRED,
	SLOT_FAILED,
	SLOT_HELD,
	SLOT_STATE_COUNT
};

enum slot_event {
	SLOT_HAND_OVER,       /* claimed for a sink inside the database */
	SLOT_CLAIM,           /* claimed for a sink outside it */
	SLOT_REFUSE,          /* the gate says no: at the claim, or when its messages are read */
	SLOT_EXPIRE,          /* no lawful instant is left, and the campaign drops what is late */
	SLOT_HOLD,            /* something must change first, or the campaign takes the next window */
	SLOT_ACCEPT,          /* the provider has it */
	SLOT_RETRY,           /* the provider surely does not have it, and it may be tried again */
	SLOT_FAIL,            /* ... and never may */
	SLOT_LOSE,            /* nobody will hear what became of it: a lost answer, a daemon that is gone */
	SLOT_SETTLE_SENT,     /* a person decided that it was sent */
	SLOT_SETTLE_NOT_SENT, /* ... that it was not */
	SLOT_PLAN,            /* a plan found a new instant */
	SLOT_EVENT_COUNT
};

/* What is not listed changes nothing. */
enum slot_state slot_step(enum slot_state state, enum slot_event event);

/* As the database calls it: the outcome of release, or queued, in_flight, uncertain, held. */
const char *slot_state_name(enum slot_state state);
const char *slot_event_name(enum slot_event event);

/* The table as a Mermaid state diagram. */
void slot_write_diagram(FILE *out);

#endif
