/*
 * gate_class - the classes of people that claims ask about, as rows of table class, with the gate's verdict on each
 *
 *     status = gate_class_read(session, ids, count, classes, &err);       // in a worker
 *     ... gate_add(gate, classes, count, &err) takes them over, or gate_class_free(&classes[i]) ...
 *
 * What was read does not change; told and verdict are the gate's, which keeps them in the loop's thread.
 */
#ifndef DAYPART_SCHEDULER_GATE_CLASS_H
#define DAYPART_SCHEDULER_GATE_CLASS_H

#include "planner/core/merge.h"
#include "sql/session.h"

/* A text of words with blanks between. */
struct words {
	char *text;         /* cut into words */
	const char **items; /* into text */
	size_t count;
};

/* What the law says about a class. */
struct verdict {
	struct interval open; /* the present or the next window; empty: closed for as far as one can see */
	struct consent_need need;
	struct instant until;
};

struct gate_class {
	int32_t id;
	bool known; /* false: not in the table */
	bool told;  /* why it is closed was logged */
	struct words regions, zones, hashes, facts;
	uint64_t terms_hash; /* of the rules that it was planned under and that the gate does not judge anew */
	bool later;          /* planned as no first message: something must have left before it (F10) */
	enum category category;
	enum channel channel;
	struct interval hashed;
	uint32_t volumes;       /* rules of volume that count its messages, as quota_rules_of: with the verdict */
	struct verdict verdict; /* good while now < until */
};

/* `out` gets one for each id, in any order; an id that the table does not know becomes a class that is closed for good. On an error there is
 * nothing to free. */
MUST_CHECK enum status gate_class_read(struct session *session, const int32_t *ids, size_t count, struct gate_class **out, struct err *err);
void gate_class_free(struct gate_class **class);

/* What the law is merged from; points into the class. */
struct class_facts gate_class_facts(const struct gate_class *class);
/* Rules of volume that count its messages: all, when that cannot be told. Any thread. */
MUST_CHECK enum status gate_class_volumes(const struct rulebook *rulebook, const struct gate_class *class, uint32_t *out, struct err *err);

#endif
