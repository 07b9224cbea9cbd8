/*
 * forecast - tells what a plan does: per campaign, per reason, per class of people that moved, and ten people for the eye
 *
 * The same tables for `plan` and `plan --dry-run`, in the format asked for: "plan", "reasons", "advice", "left_over", "moved", "sample"; with
 * audiences, before them whom each campaign reaches by regime and whose place is unknown ("audience", "held": F1). Phones are masked.
 */
#ifndef DAYPART_PLANNER_FORECAST_H
#define DAYPART_PLANNER_FORECAST_H

#include "planning.h"

MUST_CHECK enum status forecast_print(const struct planning *planning, bool with_audiences, struct err *err);

#endif
