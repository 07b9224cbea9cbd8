/*
 * planning_inputs - what the plan of a business is made from, as a text
 *
 *     planning_inputs_law(planning, &state, &err);         // settings and small tables: costs nothing
 *     planning_inputs_people(planning, &state, stored, &differs, &err);    // sums that the server makes of people and runs, from state.history_from on
 *     planning_inputs_gather(planning, &state, &err);      // or, once everybody was looked at: sums of the streams
 *     text = planning_inputs_write(planning, &state, INPUTS_AS_STORED);
 *
 * Internal to planning_change, which says what the inputs are and why these.
 */
#ifndef DAYPART_PLANNER_PLANNING_INPUTS_H
#define DAYPART_PLANNER_PLANNING_INPUTS_H

#include "planning.h"

/* States of plan_sum_runs. */
enum { STATE_QUEUED = 1, STATE_SENT = 2, STATE_CLOSED = 3, STATE_REASON = 64 };

/* Around the date of a rule: readings of it differ by up to three days between zones and between kinds of rules. */
static const struct duration DATE_BEFORE = {4 * US_PER_DAY}, DATE_AFTER = {5 * US_PER_DAY};

struct run_sum {
	int32_t run_id, state;
	struct people_change people;
};

struct business_state {
	int32_t business_id;
	bool unchanged;
	char *law, *people; /* lines */
	bool summed;        /* the server has given all sums */
	struct run_sum *sums;
	size_t sum_count;
	struct instant history_from;
};

static inline bool
campaign_is_of(const struct planned_campaign *campaign, int32_t business_id)
{
	return campaign->business_id == business_id;
}

MUST_CHECK enum status planning_inputs_law(const struct planning *planning, struct business_state *state, struct err *err);
/* `stored`: the lines of people that it is compared with; `*out_differs`: state->people ends with the first line that is another, and runs are not read. */
MUST_CHECK enum status planning_inputs_people(
	const struct planning *planning, struct business_state *state, const char *stored, bool *out_differs, struct err *err);
/* After planning the business: the same text, at next to no cost. */
MUST_CHECK enum status planning_inputs_gather(const struct planning *planning, struct business_state *state, struct err *err);
/* How many people of a run are in a state, and who. */
struct people_change planning_inputs_sum(const struct business_state *state, int32_t run_id, int32_t code);

/* As stored now, for comparing, or as they will be after the plan, for storing. */
enum inputs_when { INPUTS_AS_STORED, INPUTS_AFTER_PLAN };
/* All lines. The caller frees it; NULL without memory. */
char *planning_inputs_write(const struct planning *planning, const struct business_state *state, enum inputs_when when);

#endif
