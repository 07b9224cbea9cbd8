/*
 * planning_series - one planned campaign for each occurrence that can be planned, and what was planned of occurrences that are no more
 *
 * Internal to planning_read. A row of `campaign` is read as its first occurrence; expanding makes the ones that lie between now and the horizon of
 * it, and those further ahead that were planned before. Of a campaign that recurs and has none of them one stays, which ended (the series is over)
 * or waits (for an occurrence beyond the horizon). A stored run is adopted by the occurrence of its date; the one run of a campaign that does not
 * recur also when an edit gave it another date, so that nobody gets it twice. A run that is not over and belongs to no occurrence is dropped.
 */
#ifndef DAYPART_PLANNER_PLANNING_SERIES_H
#define DAYPART_PLANNER_PLANNING_SERIES_H

#include "planning.h"

/* Needs campaigns as read and their stored runs. */
MUST_CHECK enum status planning_expand(struct planning *planning, struct err *err);

/* When an occurrence can leave, in whatever zone, and whether that can be planned now: sets first_at, last_at, ended and perhaps problem. */
MUST_CHECK enum status planning_set_bounds(const struct planning *planning, struct planned_campaign *campaign, struct err *err);

#endif
