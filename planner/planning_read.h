/*
 * planning_read - what a plan starts from: snapshot, campaigns with their terms, stored runs and classes; the small tables
 *
 * Internal to planning.
 */
#ifndef DAYPART_PLANNER_PLANNING_READ_H
#define DAYPART_PLANNER_PLANNING_READ_H

#include "planning.h"

/* A plan takes time to make and to publish; a slot due before that would leave late. */
static const struct duration PLANNING_LEAD = {60 * US_PER_SECOND};
/* Before the end of each lawful stretch: the gate claims nothing two seconds before it, the rest is room for a slow commit. */
static const struct duration PLANNING_MARGIN = {10 * US_PER_SECOND};

/* A campaign may end this far ahead; further ahead the law is anybody's guess. */
static const struct duration LONGEST_CAMPAIGN = {730 * US_PER_DAY};

static inline bool
planning_is_plannable(const struct planned_campaign *campaign)
{
	return campaign->problem == NULL && !campaign->ended && !campaign->waits;
}

/* From the first instant that may be planned. */
static inline struct interval
planning_span(const struct planning *planning, const struct planned_campaign *campaign)
{
	return (struct interval){instant_add(planning->now, PLANNING_LEAD), campaign->last_at};
}

/* plan.memory, in bytes. */
size_t planning_memory(const struct planning *planning);

void planned_campaign_clear(struct planned_campaign *campaign);

/* Makes what is wrong with one campaign's row (STATUS_INVALID) its problem, so that the others are planned; any other error stays one. */
MUST_CHECK enum status planning_set_aside(struct planned_campaign *campaign, struct err *err);

/* Joins the streams to the snapshot, unless they have. */
MUST_CHECK enum status planning_open_streams(struct planning *planning, struct err *err);

/* How far back the history of a business (0: of all) matters to what is planned of it. */
struct instant planning_lookback(const struct planning *planning, int32_t business_id);

/* Here, so that the analyser sees that it never returns STATUS_OK. */
static inline enum status
planning_no_memory(struct err *err)
{
	return err_set(err, STATUS_NO_MEMORY, "out of memory while planning");
}

#endif
