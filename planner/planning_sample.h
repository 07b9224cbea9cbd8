/*
 * planning_sample - what a plan changes for the eye: ten people, and the classes of people that moved
 *
 *     planning_sample_read(planning, session, plan_run, &err);     // in the transaction that publishes, before it changes the queue
 *     ... planning->sample, planning->moved ...
 *
 * The people are spread evenly over the changes of the campaign with most of them, cancelled slots among them; each with the instant that was
 * stored before. Classes that moved are those of slots with another instant than before; they are kept with the plan run (plan_moved).
 */
#ifndef DAYPART_PLANNER_PLANNING_SAMPLE_H
#define DAYPART_PLANNER_PLANNING_SAMPLE_H

#include "planning.h"

/* Columns of planning->moved. */
enum {
	MOVED_CAMPAIGN,
	MOVED_REGIONS,
	MOVED_ZONES,
	MOVED_PEOPLE,
	MOVED_BEFORE_FROM,
	MOVED_BEFORE_UNTIL,
	MOVED_AFTER_FROM,
	MOVED_AFTER_UNTIL
};

MUST_CHECK enum status planning_sample_read(struct planning *planning, struct session *session, int32_t plan_run, struct err *err);

#endif
