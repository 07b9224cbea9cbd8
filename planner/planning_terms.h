/*
 * planning_terms - what stands behind each campaign that can be planned: its terms, its sender's pace, and which facts about people the law may
 * ask for
 *
 * Internal to planning_read.
 */
#ifndef DAYPART_PLANNER_PLANNING_TERMS_H
#define DAYPART_PLANNER_PLANNING_TERMS_H

#include "planning.h"

/* Needs campaigns, their stored runs and the law. */
MUST_CHECK enum status planning_terms_read(struct planning *planning, struct err *err);

#endif
