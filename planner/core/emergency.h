/*
 * emergency - which of the emergencies that are declared somewhere touch a class of people
 *
 * An area touches a class when somebody of it may be there: a person known only as "US" may be in "US-FL" (P-20, P-21: what is unknown tightens).
 */
#ifndef DAYPART_CORE_EMERGENCY_H
#define DAYPART_CORE_EMERGENCY_H

#include "window.h"

/* window_expand, with those emergencies of `context` that touch the regions. */
MUST_CHECK enum status window_expand_in(const struct law *law, const struct class_facts *facts, const struct zone *const *zones,
	const struct window_context *context, struct interval span, struct windows *out, struct err *err);

#endif
