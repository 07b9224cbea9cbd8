/*
 * planning_read - what a plan starts from: snapshot, campaigns, stored runs and classes; the small tables
 *
 * Internal to planning.
 */
#ifndef DAYPART_PLANNER_PLANNING_READ_H
#define DAYPART_PLANNER_PLANNING_READ_H

#include "planning.h"

/* Here, so that the analyser sees that it never returns STATUS_OK. */
static inline enum status
planning_no_memory(struct err *err)
{
	return err_set(err, STATUS_NO_MEMORY, "out of memory while planning");
}

#endif
