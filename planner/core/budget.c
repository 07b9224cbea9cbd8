/*
 * Limits of equal scope, unit and period are one limit, the least of them. There are few: more of them than the array holds can only come of an odd
 * rulebook, and then nothing may leave, by the rule that found no room, rather than too much.
 */
#include "budget.h"

#include <assert.h>
#include <string.h>

static int64_t
amount(int32_t n)
{
	return n == INT32_MAX ? INT64_MAX : n;
}

/* Of the recorded trust, `n` when it is not known. */
static int64_t
tier_amount(const struct volume_rule *rule, const char *trust)
{
	for (size_t i = 0; i < rule->tier_count; i++)
		if (strcmp(rule->tiers[i].trust, trust) == 0)
			return amount(rule->tiers[i].n);
	return amount(rule->n);
}

/* A raise counts once it was granted, and only when it was granted late enough after registration. */
static bool
raise_counts(const struct volume_rule *rule, const struct sender_facts *sender, struct date date)
{
	const int64_t wait = (rule->raise_after.us + US_PER_DAY - 1) / US_PER_DAY;
	if (rule->granted_max <= 0 || sender->granted_limit <= 0 || sender->granted_on.days == INT32_MIN || sender->granted_on.days > date.days)
		return false;
	return wait == 0 || (sender->registered_on.days != INT32_MIN && sender->granted_on.days >= sender->registered_on.days + wait);
}

static int64_t
volume_amount(const struct volume_rule *rule, const struct sender_facts *sender, struct date date)
{
	if (rule->scope == VOLUME_PORTFOLIO && rule->people && sender->portfolio_limit > 0)
		return amount(sender->portfolio_limit);
	if (rule->scope == VOLUME_PORTFOLIO || !raise_counts(rule, sender, date))
		return tier_amount(rule, sender->trust);
	return amount(sender->granted_limit < rule->granted_max ? sender->granted_limit : rule->granted_max);
}

int64_t
budget_rule_amount(const struct rule *rule, const struct sender_facts *sender, struct date date)
{
	return rule_is_dated(rule, date) ? volume_amount(&rule->volume, sender, date) : INT64_MAX;
}

static bool
is_same_budget(const struct budget_limit *a, const struct budget_limit *b)
{
	return a->scope == b->scope && a->people == b->people && a->length.us == b->length.us &&
		(a->length.us > 0 || strcmp(a->zone, b->zone) == 0);
}

static size_t
add_limit(struct budget_limit out[BUDGET_LIMITS_MAX], size_t count, struct budget_limit limit)
{
	for (size_t i = 0; i < count; i++)
		if (is_same_budget(&out[i], &limit)) {
			if (limit.n < out[i].n)
				out[i] = limit;
			return count;
		}
	if (count < BUDGET_LIMITS_MAX) {
		out[count] = limit;
		return count + 1;
	}
	limit.n = 0;
	out[BUDGET_LIMITS_MAX - 1] = limit;
	return count;
}

static int32_t
daily_limit_on(const struct sender_facts *sender, struct date date)
{
	int32_t limit = sender->daily_limit;
	for (size_t i = 0; i < sender->daily_tier_count && sender->daily_tiers[i].from.days <= date.days; i++)
		limit = sender->daily_tiers[i].limit;
	return limit;
}

size_t
budget_limits(const struct law *law, const struct sender_facts *sender, struct date date, struct budget_limit out[BUDGET_LIMITS_MAX])
{
	const struct rule_list *list = &law->of[RULE_VOLUME];
	const int32_t daily_limit = daily_limit_on(sender, date);
	size_t count = 0;
	if (daily_limit > 0)
		count = add_limit(out, count, (struct budget_limit){.scope = VOLUME_SENDER, .length = {US_PER_DAY}, .zone = "", .n = daily_limit});
	for (size_t i = 0; i < list->count; i++) {
		const struct volume_rule *rule = &list->items[i]->volume;
		if (rule_is_dated(list->items[i], date))
			count = add_limit(out, count,
				(struct budget_limit){.rule = list->items[i],
					.scope = rule->scope,
					.people = rule->people,
					.length = rule->length,
					.zone = rule->fixed_zone,
					.n = volume_amount(rule, sender, date)});
	}
	return count;
}

int64_t
budget_rate_milli(const struct law *law, const struct sender_facts *sender, struct date date)
{
	const struct rule_list *list = &law->of[RULE_RATE];
	int64_t rate_milli = sender->rate_milli;
	for (size_t i = 0; i < list->count; i++) {
		const struct rate_rule *rule = &list->items[i]->rate;
		if (rule->pair || !rule_is_dated(list->items[i], date))
			continue;
		assert(rule->n > 0 && rule->per.us > 0); /* the loader refuses others */
		const int64_t allowed = rule->n * (US_PER_SECOND * 1000) / rule->per.us;
		rate_milli = allowed < rate_milli ? allowed : rate_milli;
	}
	return rate_milli;
}

int64_t
budget_headroom(int64_t rate_milli, int headroom_percent)
{
	assert(headroom_percent >= 0 && headroom_percent < 100);
	const int64_t left = rate_milli * (100 - headroom_percent) / 100;
	return left > 0 || rate_milli <= 0 ? left : 1;
}

struct duration
budget_rule_gap(const struct rule *rule)
{
	assert(rule->rate.n > 0); /* the loader refuses others */
	return (struct duration){(rule->rate.per.us + rule->rate.n - 1) / rule->rate.n};
}

struct duration
budget_pair_gap(const struct law *law, struct date date)
{
	const struct rule_list *list = &law->of[RULE_RATE];
	struct duration gap = {0};
	for (size_t i = 0; i < list->count; i++) {
		const struct rule *rule = list->items[i];
		if (!rule->rate.pair || !rule_is_dated(rule, date))
			continue;
		const struct duration needed = budget_rule_gap(rule);
		gap.us = needed.us > gap.us ? needed.us : gap.us;
	}
	return gap;
}
