/*
 * lane_limits - what is recorded of a sender that its limits of volume depend on, as planner/core/budget.h wants it
 *
 *     lane_limits_read(rows, row, FIRST_COLUMN, id, &limits, &err);     // columns of release_lanes
 *     if (!lane_limits_same(limits, known)) ...
 *     lane_limits_free(&limits);
 *
 * Does not change once it is read.
 */
#ifndef DAYPART_SCHEDULER_LANE_LIMITS_H
#define DAYPART_SCHEDULER_LANE_LIMITS_H

#include "planner/core/budget.h"
#include "sql/session.h"

struct lane_limits {
	struct sender_facts sender;
	struct daily_tier *tiers; /* of the sender */
	int16_t *lanes;           /* that share the portfolio; the lane alone when it has none */
	size_t lane_count;
	char *lanes_text; /* "{3,4}" */
	char *text;       /* as it was read */
};

enum {
	LANE_LIMITS_COLUMNS = 8
}; /* trust_level, registered_on, granted_daily_limit, granted_on, portfolio_limit, daily_limit, tiers, lanes */

MUST_CHECK enum status lane_limits_read(
	const PGresult *rows, int row, int first_column, int64_t per_1000_s, struct lane_limits **out, struct err *err);
void lane_limits_free(struct lane_limits **limits);
/* One of them may be NULL. */
bool lane_limits_same(const struct lane_limits *a, const struct lane_limits *b);

#endif
