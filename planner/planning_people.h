/*
 * planning_people - the lines of planning_inputs about people: who they are, what is known of them, and what other systems have sent them
 *
 *     planning_people_compare(planning, &state, stored, &differs, &err);    // asks the server, up to the first line that differs from `stored`
 *     planning_people_gather(planning, &state, &err);                       // once everybody was looked at: from the streams, where they were read
 *
 * Both leave the lines in state.people. Internal to planning_inputs.
 */
#ifndef DAYPART_PLANNER_PLANNING_PEOPLE_H
#define DAYPART_PLANNER_PLANNING_PEOPLE_H

#include "planning_inputs.h"

MUST_CHECK enum status planning_people_compare(
	const struct planning *planning, struct business_state *state, const char *stored, bool *out_differs, struct err *err);
MUST_CHECK enum status planning_people_gather(const struct planning *planning, struct business_state *state, struct err *err);

#endif
