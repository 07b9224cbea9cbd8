/*
 * law_change - two rulebooks with their calendars, and what the later one changes
 *
 *     struct law_change_counts counts;
 *     law_compare(&before, &after, on_change, context, &counts, &err);
 *
 * Told in this order: the policy, the later book's regimes with their rules, regimes that are gone, calendars. A rule whose kind changed is one removed
 * and one added. Directions are those of what binds: a rule of an advisory regime changes nothing that may leave.
 *
 * Pure but for memory.
 */
#ifndef DAYPART_PLANNER_LAW_CHANGE_H
#define DAYPART_PLANNER_LAW_CHANGE_H

#include "conf/law_text.h"
#include "rule_change.h"

enum change_kind { CHANGE_ADDED, CHANGE_REMOVED, CHANGE_CHANGED, CHANGE_KIND_COUNT };
const char *change_kind_words(enum change_kind kind); /* "added" */

/* The texts live until the call returns. */
struct law_change {
	enum change_kind kind;
	const char *regime;  /* its id; "" of a calendar or of the whole rulebook */
	const char *subject; /* id of the rule; the regime's own when the regime changed; name of the calendar */
	const char *part;    /* what of it; "" when it is all of it */
	const char *before, *after;
	enum direction direction;
};

struct law_change_counts {
	int rules[CHANGE_KIND_COUNT];            /* different rules, calendars and regimes not among them */
	int tightens, loosens, unclear, neutral; /* changes of any kind */
};

typedef void law_change_fn(void *context, const struct law_change *change);

MUST_CHECK enum status law_compare(const struct parsed_law *before, const struct parsed_law *after, law_change_fn *on_change, void *context,
	struct law_change_counts *out_counts, struct err *err);

#endif
