/*
 * planning_class - the classes of a campaign as rows of table class
 *
 * Internal to planning and publish.
 */
#ifndef DAYPART_PLANNER_PLANNING_CLASS_H
#define DAYPART_PLANNER_PLANNING_CLASS_H

#include "planning.h"

/* The zone hashes of a class over its campaign's span: what tells a host with other zone data. */
void class_hashes(const struct plan_class *class, const struct planned_campaign *campaign, struct array_text *out);

/* Of the text that people of the class get; "" when there is none. */
const char *class_template(const struct plan_class *class, const struct planned_campaign *campaign);
const char *class_language(const struct plan_class *class, const struct planned_campaign *campaign);

/* The stored row of a class: run_plan_setup.class_id, for people whose slot may stay. */
int32_t class_lookup_id(void *class_lookup, size_t index);
/* run_plan_setup.is_settled: what is planned after this campaign may still move. */
bool class_lookup_is_settled(void *class_lookup, int32_t run_id);

#endif
