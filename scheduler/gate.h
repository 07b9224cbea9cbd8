/*
 * gate - what the law says right now about each class of people, computed on this host from the active rulebook and this host's zones
 *
 * The law is decided by planner/core alone, at the instant of dispatch and not of planning: the same functions that planned a slot judge it
 * again with what holds now. A class is closed, so that its slots are held, when its windows are closed (an emergency closes them within one look
 * of the daemon), when a zone is missing here, when this host's offsets of a zone differ from those it was planned with, and when those rules
 * have changed that only the planner judges: caps, content, registrations and the like (law_terms_hash). The next plan judges them.
 *
 *     gate_set_law(gate, &book);                        // takes the lawbook over; everything is judged anew
 *     gate_add(gate, classes, count);                   // takes the classes over
 *     struct gate_laws *laws = gate_laws(gate, now);    // parameters for claims, shared until a window's edge is reached
 *     ... laws->claim ...
 *     gate_laws_drop(&laws);
 *
 * Everything here belongs to the loop's thread, but the texts of a gate_laws that is held: those are for workers. Cost: a verdict is computed
 * once a class and window edge, never per message.
 */
#ifndef DAYPART_SCHEDULER_GATE_H
#define DAYPART_SCHEDULER_GATE_H

#include "claim.h"
#include "gate_class.h"
#include "planner/law/lawbook.h"

struct gate_book;

struct gate_laws {
	struct claim_law claim;
	uint64_t number;            /* each has another one */
	const struct lawbook *book; /* lives as long as these laws, whatever the gate goes by meanwhile; its emergencies are the loop's */
	struct gate_book *shared;   /* the gate's own */
	size_t class_count;         /* in the order of claim.class_ids: */
	int32_t *class_ids;
	uint32_t *volumes;    /* as gate_class */
	struct instant until; /* from then on it must be asked for anew */
	unsigned users;
};

struct gate;

struct gate *gate_create(void); /* NULL: out of memory */
void gate_free(struct gate **gate);

void gate_set_law(struct gate *gate, struct lawbook **book);
/* Takes the emergencies over; what they change is judged anew. Needs a law. */
void gate_set_emergencies(struct gate *gate, struct emergencies *emergencies);
bool gate_has_law(const struct gate *gate);
const struct lawbook *gate_law(const struct gate *gate); /* NULL before there is one */
int32_t gate_rulebook_id(const struct gate *gate);       /* 0 before there is a law */

/* Takes each class over and sets it to NULL; one that is known already is freed. */
MUST_CHECK enum status gate_add(struct gate *gate, struct gate_class **classes, size_t count, struct err *err);

/* NULL: out of memory. Needs a law. */
struct gate_laws *gate_laws(struct gate *gate, struct instant now);
void gate_laws_drop(struct gate_laws **laws);

#endif
