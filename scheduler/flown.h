/*
 * flown - one message in flight, and lists of them, for the files of flight.h
 *
 * Its texts lie in the result that its claim was read with, which lives as long as one of its messages does.
 */
#ifndef DAYPART_SCHEDULER_FLOWN_H
#define DAYPART_SCHEDULER_FLOWN_H

#include "flight.h"
#include "policy/answer_fate.h"

enum { FLOWN_WORDS_MAX = 256 }; /* of each text that a provider said: enough for a person to look further */

struct flown;

/* What was read together. */
struct flown_batch {
	PGresult *rows;
	struct flown *items;
	size_t open;
};

struct flown {
	struct message message;
	struct flight *flight;
	struct flown_batch *batch;
	struct lane *lane; /* NULL: asked about, by whoever holds the lane now */
	int16_t lane_id;
	int64_t epoch, claim;
	struct instant read_at; /* by lane_steady_now() */
	int64_t held_epoch;     /* of the lease under which it may leave; of a message that is sent again not that of its claim */
	bool repeated;          /* it may have left before: only an acceptance says what became of it */
	bool left;              /* it was handed to the wire */
	struct instant left_at; /* when; 0: nobody knows */
	/* With the answer: */
	enum provider_action action;
	struct answer_fate fate;
	enum slot_state next;
	struct duration retry_after;
	char provider_id[FLOWN_WORDS_MAX], code[FLOWN_WORDS_MAX], words[FLOWN_WORDS_MAX];
	struct flown *following;
};

struct flown_list {
	struct flown *first, **last;
	size_t count;
};

void flown_list_clear(struct flown_list *list);
void flown_list_append(struct flown_list *list, struct flown *flown);
struct flown *flown_list_take(struct flown_list *list); /* NULL: empty */
void flown_list_forget(struct flown_list *list);        /* all of it */
/* It is in no list and nobody needs it any more. */
void flown_forget(struct flown *flown);

#endif
