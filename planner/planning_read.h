/*
 * planning_read - what a plan starts from: snapshot, campaigns, stored runs and classes; the small tables
 *
 * Internal to planning.
 */
#ifndef DAYPART_PLANNER_PLANNING_READ_H
#define DAYPART_PLANNER_PLANNING_READ_H

#include "planning.h"

/* Sets STATUS_NO_MEMORY. */
enum status planning_no_memory(struct err *err);

#endif
