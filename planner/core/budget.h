/*
 * budget - how much a sender may send: volume tiers and rates of the law, as limits for the planner and the daemon
 *
 *     struct budget_limit limits[BUDGET_LIMITS_MAX];
 *     size_t count = budget_limits(&law, &sender, date, limits);
 *
 * Rows: R-141 (US carriers, by recorded trust), R-142 (Brazil, until a raise is granted), P-30, P-64 (portfolio), P-66, P-67. Limits are kept apart,
 * each must hold; equal scope and period: the least counts. Nothing is raised by age alone (F19).
 */
#ifndef DAYPART_CORE_BUDGET_H
#define DAYPART_CORE_BUDGET_H

#include "merge.h"

enum { BUDGET_LIMITS_MAX = 8 };

struct sender_facts {
	const char *trust;         /* "" when unknown or new */
	struct date registered_on; /* INT32_MIN: not known */
	int32_t granted_limit;     /* messages a day, 0: no raise granted */
	struct date granted_on;
	int32_t portfolio_limit; /* as the platform's interface states it, 0: not known */
	int32_t daily_limit;     /* of our own, 0: none */
	int64_t rate_milli;      /* throughput_per_s * 1000 */
};

struct budget_limit {
	const struct rule *rule; /* NULL: the sender's own daily_limit */
	enum volume_scope scope;
	bool people;
	struct duration length; /* rolling; 0: calendar days of `zone` */
	const char *zone;
	int64_t n; /* INT64_MAX: no limit */
};

size_t budget_limits(
	const struct law *law, const struct sender_facts *sender, struct date date, struct budget_limit out[BUDGET_LIMITS_MAX]);

/* The sender's pace: its throughput, or less when a rate rule says so. */
int64_t budget_rate_milli(const struct law *law, const struct sender_facts *sender, struct date date);
/* The least time between two messages to one person, 0 when no rule states one. */
struct duration budget_pair_gap(const struct law *law, struct date date);

#endif
