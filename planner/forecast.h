/*
 * forecast - tells what a plan does: per campaign, per reason, and ten people for the eye
 *
 * The same tables for `plan` and `plan --dry-run`, in the format asked for: "plan", "reasons", "sample". Phones are masked.
 */
#ifndef DAYPART_PLANNER_FORECAST_H
#define DAYPART_PLANNER_FORECAST_H

#include "planning.h"

MUST_CHECK enum status forecast_print(const struct planning *planning, struct err *err);

#endif
