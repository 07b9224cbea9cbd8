/*
 * planning_rows - reads the queue and the ledger of a business into the stores of a planning, in the place of those of another one
 *
 *     planning_rows_read(planning, business_id, &err);     // planning->queue, planning->ledger, planning->outside and the sums of its runs
 *
 * The streams of the planning are open, and nothing else is being read. In no order: that is several times cheaper (by_person.h). What is more than the
 * settings allow is spooled.
 */
#ifndef DAYPART_PLANNER_PLANNING_ROWS_H
#define DAYPART_PLANNER_PLANNING_ROWS_H

#include "planning.h"

MUST_CHECK enum status planning_rows_read(struct planning *planning, int32_t business_id, struct err *err);

#endif
