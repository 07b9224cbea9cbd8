/*
 * advice - caps, windows, rates and volumes that only advise, and whether a message would go against them (F11, R-063)
 *
 * What an advisory regime says, and what a rule of strength `should` says where such rules only warn, holds nothing back. It is judged as it would be
 * if it bound, so that a plan can tell how many messages go against it:
 *
 *     advice_fill(&setup, &class, &err);                  // part of plan_class_fill
 *     for (size_t i = 0; i < class.advised_count; i++)
 *         advice_judge(&class, &class.advised[i], &message, &against);
 *
 * A rate for each pair of sender and person is a cap. Against a rate of the sender's go all its messages while it is planned at a faster pace. A
 * volume cannot be judged by one message: advice_volume.h.
 *
 * Windows are those of the class's span; one whose calendar or zone is not there is left out. A class without advice has none and costs nothing.
 * Errors: memory, and those of window_expand.
 */
#ifndef DAYPART_CORE_ADVICE_H
#define DAYPART_CORE_ADVICE_H

#include "plan_class.h"

MUST_CHECK enum status advice_fill(const struct class_setup *setup, struct plan_class *class, struct err *err);
void advice_clear(struct plan_class *class);

/* Whether rules of this kind are judged at all. What else only advises is about texts and records, of which approval and lint tell. */
bool advice_judges(enum rule_kind kind);

/* A message that leaves at `at`, which lies within the span of the class, and what else its person has been and will be sent. */
struct advised_message {
	struct instant at;
	const struct cap_event *events;
	size_t event_count;
	int64_t rate_milli; /* at which its sender is planned */
};
/* Not of volumes: no message goes against one alone. */
MUST_CHECK enum status advice_judge(
	const struct plan_class *class, const struct advised_rule *advised, const struct advised_message *message, bool *out_against);

#endif
