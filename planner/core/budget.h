/*
 * budget - how much a sender may send: volume tiers and rates of the law, as limits for the planner and the daemon
 *
 *     struct budget_limit limits[BUDGET_LIMITS_MAX];
 *     size_t count = budget_limits(&law, &sender, date, limits);
 *
 * Rows: R-141 (US carriers, by recorded trust), R-142 (Brazil, until a raise is granted), P-30, P-64 (portfolio), P-66, P-67. Limits are kept apart,
 * each must hold; equal scope, unit and period: the least counts. Nothing is raised by age alone (F19).
 *
 *     sender       the first tier of its trust, else n. A raise that was granted on or before the date, and raise_after or later after the
 *                  registration, counts instead, up to granted_max; an unknown registration never is long enough ago
 *     portfolio    of people: what the platform states, when it is recorded; else, and for messages, the tier, else n
 *     its own      daily_limit, or the last of its daily_tiers (a warm-up curve) that began on or before the date, holds over any 24 hours, which
 *                  keeps it on the days of every zone
 *
 * Pure; no allocation.
 */
#ifndef DAYPART_CORE_BUDGET_H
#define DAYPART_CORE_BUDGET_H

#include "merge.h"

/* Of different scope, unit and period; when there are more, the last one lets nothing leave. */
enum { BUDGET_LIMITS_MAX = 8 };

struct daily_tier {
	struct date from;
	int32_t limit; /* 0: none */
};

struct sender_facts {
	const char *trust;         /* "" when unknown or new */
	struct date registered_on; /* INT32_MIN: not known */
	int32_t granted_limit;     /* messages a day, 0: no raise granted */
	struct date granted_on;
	int32_t portfolio_limit; /* people in 24 hours, as the platform's interface states it, 0: not known, INT32_MAX: unlimited */
	int32_t daily_limit;     /* of our own, 0: none */
	const struct daily_tier *daily_tiers; /* instead of it from the first one on, by date */
	size_t daily_tier_count;
	int64_t rate_milli; /* throughput_per_s * 1000 */
};

struct budget_limit {
	const struct rule *rule; /* NULL: the sender's own daily_limit */
	enum volume_scope scope;
	bool people;
	struct duration length; /* rolling; 0: calendar days of `zone` */
	const char *zone;       /* "" when rolling */
	int64_t n;              /* INT64_MAX: no limit */
};

/* In force on the date, in the order of their rules, the sender's own first. Returns how many. */
size_t budget_limits(
	const struct law *law, const struct sender_facts *sender, struct date date, struct budget_limit out[BUDGET_LIMITS_MAX]);

/* What a volume rule allows on the date, INT64_MAX: no limit, also on a date on which it is not in force. */
int64_t budget_rule_amount(const struct rule *rule, const struct sender_facts *sender, struct date date);

/* The sender's pace: its throughput, or less when a rate rule says so. 0, nothing may leave, for less than one message in 1000 seconds. */
int64_t budget_rate_milli(const struct law *law, const struct sender_facts *sender, struct date date);
/* What is left of a pace when a share of it is kept free for what people send: at least one message in 1000 seconds of a pace that is one. */
int64_t budget_headroom(int64_t rate_milli, int headroom_percent);
/* Between two messages to one person, by a rule for each pair of sender and person. */
struct duration budget_rule_gap(const struct rule *rule);
/* The least time between two messages to one person, 0 when no rule states one. */
struct duration budget_pair_gap(const struct law *law, struct date date);

#endif
