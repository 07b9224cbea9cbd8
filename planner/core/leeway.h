/*
 * leeway - what is left of a class's instants to one person: within their service window, while their consent counts, under every cap
 *
 *     struct leeway leeway;
 *     leeway_find(class, &person, &leeway);
 *     ... leeway_lawful(class, &leeway) ...
 *     leeway_free(&leeway);
 *
 * Who gets a text that no template is (class->needs_session) may be sent it from their last message on for class->session; consent that is good for
 * a time counts until that time after it was given. Both end what is lawful, so not_after never lies beyond. Errors: only memory.
 *
 * The reason of somebody without instants is the first that holds: the class's own; NO_SERVICE_WINDOW; CONSENT_EXPIRED; CALENDAR_UNKNOWN where a
 * calendar leaves something open; FREQUENCY_CAP. The deciding cap is the first by id that alone leaves nothing, else the one that blocks the most.
 */
#ifndef DAYPART_CORE_LEEWAY_H
#define DAYPART_CORE_LEEWAY_H

#include "class_table.h"
#include "eligibility.h"

struct leeway_person {
	const struct person_facts *facts;
	const struct cap_event *events; /* their other messages */
	size_t event_count;
};

struct leeway {
	bool narrowed;              /* false: everything the class has */
	struct interval_set lawful; /* when narrowed */
};

MUST_CHECK enum status leeway_find(const struct plan_class *class, const struct leeway_person *person, struct leeway *out);
void leeway_free(struct leeway *leeway);

static inline const struct interval_set *
leeway_lawful(const struct plan_class *class, const struct leeway *leeway)
{
	return leeway->narrowed ? &leeway->lawful : &class->open;
}

/* Why nothing of it can be dealt. `out_rule` may be set to NULL. */
MUST_CHECK enum status leeway_refusal(const struct class_table *table, const struct plan_class *class, const struct leeway_person *person,
	enum reason *out_reason, const struct rule **out_rule);

#endif
