/*
 * advice - caps and windows that only advise, and whether a message would go against them (F11, R-063)
 *
 * What an advisory regime says, and what a rule of strength `should` says where such rules only warn, holds nothing back. It is judged as it would be
 * if it bound, so that a plan can tell how many messages go against it:
 *
 *     advice_fill(&setup, &class, &err);                  // part of plan_class_fill
 *     for (size_t i = 0; i < class.advised_count; i++)
 *         advice_judge(&class, &class.advised[i], &message, &against);
 *
 * Windows are those of the class's span; one whose calendar or zone is not there is left out. A class without advice has none and costs nothing. Errors: memory, and those of window_expand.
 */
#ifndef DAYPART_CORE_ADVICE_H
#define DAYPART_CORE_ADVICE_H

#include "plan_class.h"

MUST_CHECK enum status advice_fill(const struct class_setup *setup, struct plan_class *class, struct err *err);
void advice_clear(struct plan_class *class);

/* A message that leaves at `at`, which lies within the span of the class, and what else its person has been and will be sent. */
struct advised_message {
	struct instant at;
	const struct cap_event *events;
	size_t event_count;
};
MUST_CHECK enum status advice_judge(
	const struct plan_class *class, const struct advised_rule *advised, const struct advised_message *message, bool *out_against);

#endif
