/*
 * rules - the parts of `daypart rules`, each with its own name in argv[0]
 *
 * They report their own errors and return an exit code, as verbs do (planner/verb.h).
 */
#ifndef DAYPART_PLANNER_VERB_RULES_H
#define DAYPART_PLANNER_VERB_RULES_H

#include "planner/context.h"
#include "planner/law_change.h"
#include "planner/rules_view.h"

int rules_check(struct context *context, int argc, char **argv);
int rules_load(struct context *context, int argc, char **argv);
int rules_show(struct context *context, int argc, char **argv);
int rules_diff(struct context *context, int argc, char **argv);
int rules_coverage(struct context *context, int argc, char **argv);

/* Begins table "changes" and writes one row a change. */
MUST_CHECK enum status rules_write_changes(struct output *output, const struct parsed_law *before, const struct parsed_law *after,
	struct law_change_counts *out_counts, struct err *err);

/* Table "hours": what the windows in the person's own clock leave, by day. */
MUST_CHECK enum status rules_write_hours(
	struct output *output, const struct rules_question *question, const struct rules_view *view, struct err *err);

#endif
