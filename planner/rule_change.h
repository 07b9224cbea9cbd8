/*
 * rule_change - two versions of a rule, part by part, and whether the change tightens or loosens
 *
 *     rule_compare(&old, &new, on_change, context, &err);   // "saturday": "09:00-20:00" -> "not at all", CHANGE_TIGHTENS
 *
 * A part is told when its words differ (rule_words.h). Tighter means that no message may leave that could not before; where two values cannot be
 * compared (another clock, overlapping hours) the direction is CHANGE_UNCLEAR, never guessed.
 *
 * Pure but for memory.
 */
#ifndef DAYPART_PLANNER_RULE_CHANGE_H
#define DAYPART_PLANNER_RULE_CHANGE_H

#include "planner/core/rulebook.h"

enum direction {
	CHANGE_UNCLEAR,
	CHANGE_TIGHTENS,
	CHANGE_LOOSENS,
	CHANGE_NEUTRAL /* sources, titles, what is only recorded: nothing more or less may leave */
};
/* "tightens", "loosens", "unclear"; "" for CHANGE_NEUTRAL */
const char *direction_words(enum direction direction);

/* The texts live until the call returns. */
typedef void part_change_fn(void *context, const char *part, const char *before, const char *after, enum direction direction);

/* Tells what differs between two rules of one kind, in a fixed order. STATUS_NO_MEMORY is the only error. */
MUST_CHECK enum status rule_compare(
	const struct rule *before, const struct rule *after, part_change_fn *on_change, void *context, struct err *err);

#endif
