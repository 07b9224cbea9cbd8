/*
 * planning_terms - what stands behind each campaign that can be planned: its terms, its sender's pace, and which facts about people the law may
 * ask for
 *
 * Internal to planning.
 */
#ifndef DAYPART_PLANNER_PLANNING_TERMS_H
#define DAYPART_PLANNER_PLANNING_TERMS_H

#include "planning.h"

/* Whether a rule may have a say in the campaign's messages. */
bool planning_rule_may_bind(
	const struct rulebook *rulebook, const struct regime *regime, const struct rule *rule, const struct planned_campaign *campaign);

/* Needs campaigns, their stored runs and the law. */
MUST_CHECK enum status planning_terms_read(struct planning *planning, struct err *err);

#endif
