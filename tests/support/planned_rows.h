/*
 * planned_rows - single rows of what a plan decided
 *
 *     const struct planned_slot slot = run_plan_slot(plan, 0);
 */
#ifndef DAYPART_TESTS_SUPPORT_PLANNED_ROWS_H
#define DAYPART_TESTS_SUPPORT_PLANNED_ROWS_H

#include <stdlib.h>

#include "planner/core/run_plan.h"

static inline struct planned_slot
run_plan_slot(const struct run_plan *plan, size_t index)
{
	struct planned_slot slot;
	if (run_plan_slots(plan, index, 1, &slot, &(struct err)ERR_INIT) != STATUS_OK)
		abort();
	return slot;
}

static inline struct planned_refusal
run_plan_refusal(const struct run_plan *plan, size_t index)
{
	struct planned_refusal refusal;
	if (run_plan_refusals(plan, index, 1, &refusal, &(struct err)ERR_INIT) != STATUS_OK)
		abort();
	return refusal;
}

#endif
