/*
 * rules_summary - how much there is in a rulebook, and what in it somebody should look at
 *
 *     rules_attention(&law, today, on_attention, context);
 *
 * Used by `daypart rules check` (of files) and `daypart status` (of what is in force). Pure.
 */
#ifndef DAYPART_PLANNER_RULES_SUMMARY_H
#define DAYPART_PLANNER_RULES_SUMMARY_H

#include "conf/law_text.h"

enum { CALENDAR_ATTENTION_DAYS = 366 }; /* a calendar that ends within a year: holidays of the next year are published about then */

struct rules_summary {
	size_t regimes[REGIME_OFF + 1];
	size_t rules, binding; /* all, and those that bind today or some day */
};
struct rules_summary rules_summarise(const struct rulebook *rulebook);

/* What it is, which one, and what to do. The texts live until the call returns. */
typedef void rules_attention_fn(void *context, const char *what, const char *which, const char *cure);

/* Regimes that are not off and whose review_by is past (F2), and calendars of rules that bind which end within a year or have ended. */
void rules_attention(const struct parsed_law *law, struct date today, rules_attention_fn *on_attention, void *context);

#endif
