/*
 * verdict - may this member of an audience be sent this campaign's message at all, and if not, why and by which rule?
 *
 *     struct verdict_maker maker = {.campaign = &campaign, .terms = &terms, .classes = classes};
 *     verdict_make(&maker, &member, ORDER_ANY, &verdict, &err);
 *     ... verdict.reason, or verdict.class ...
 *     verdict_maker_close(&maker);
 *
 * Everything but instants, in the order in which it is told: not a recipient, opted out, excepted, place unknown, consent and its evidence,
 * holdout, a reply to somebody who has never written, the text with the person's own values, and what holds the whole campaign. Which text it is,
 * the split of the campaign tells, by a keyed hash, and the order of the message; who is refused that text is refused.
 */
#ifndef DAYPART_CORE_VERDICT_H
#define DAYPART_CORE_VERDICT_H

#include "class_table.h"
#include "eligibility.h"

struct member {
	int64_t recipient_id;
	bool known;    /* false: in the audience, but no recipient any more */
	bool excepted; /* in an audience that the campaign leaves out */
	uint64_t phone;
	const char *region, *timezone; /* "" when not declared */
	const char *language;          /* "" when unknown */
	int8_t preferred_hour;         /* local, 0 to 23; -1: none */
	const char *const *values;     /* of the maker's value_names, each NULL when there is none; NULL when not read */
	bool contacted;                /* the business has sent them something; false when not read */
	struct person_facts facts;
	enum reason stored;      /* what `suppressed` says now, or REASON_NONE */
	const char *stored_rule; /* and which rule it names, "" when none */
};

struct verdict_maker {
	const struct campaign_facts *campaign;
	const struct terms *terms; /* as in class_setup */
	struct class_table *classes;
	const char *const *value_names;
	size_t value_count;
	const struct rule *hold_rule; /* that decided on it, or NULL */
	enum reason hold;             /* REASON_NONE, or what holds everybody who might be sent the message */

	struct content_variable *variables; /* of one person, reused */
	size_t variable_room;
};

struct verdict {
	enum reason reason;
	const struct rule *rule; /* that decided, or NULL */
	size_t class;            /* when nothing stands against it */
};

/* `order`: what the message is to the person, ORDER_ANY when that does not matter. */
MUST_CHECK enum status verdict_make(
	struct verdict_maker *maker, const struct member *member, enum message_order order, struct verdict *out, struct err *err);
void verdict_maker_close(struct verdict_maker *maker);

#endif
