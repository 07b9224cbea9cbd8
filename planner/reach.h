/*
 * reach - whom a campaign reaches, told by the laws they live under (F1, R-002)
 *
 *     reach_write_regimes(output, &(struct reach){rulebook, CHANNEL_SMS, CATEGORY_MARKETING, places});
 *     reach_write_held(output, &reach);
 *
 * The tables "audience" and "held" of `approve` and `plan --dry-run`; with the campaign's name before each row when there may be several. One person may
 * fall under several regimes. Places that are unknown are held.
 */
#ifndef DAYPART_PLANNER_REACH_H
#define DAYPART_PLANNER_REACH_H

#include "audience_places.h"
#include "output.h"
#include "planner/core/rulebook.h"

struct reach {
	const struct rulebook *rulebook;
	enum channel channel;
	enum category category;
	const struct audience_places *places;
	const char *campaign; /* NULL: there is only one, and it is known which */
};

/* How many people whose place is known live under the regime. */
int64_t reach_people_under(const struct reach *reach, const struct regime *regime);

/* Begins the tables; then the rows of each campaign follow. */
void reach_begin_regimes(struct output *output, bool names_campaign);
void reach_write_regimes(struct output *output, const struct reach *reach);
void reach_begin_held(struct output *output, bool names_campaign);
void reach_write_held(struct output *output, const struct reach *reach);

#endif
