/*
 * How it works: each limit keeps its own counts (quota_limit.h); a mask says which of them bind a message, and it has as much room as the one with the
 * least.
 */
#include "quota.h"

#include <stdlib.h>
#include <string.h>

#include "quota_limit.h"

enum { OWN_LIMIT = QUOTA_RULES_MAX, LIMITS_MAX = QUOTA_RULES_MAX + 1 };
#define UNLIMITED INT64_MAX

struct quota {
	struct quota_setup setup;
	int16_t *portfolio;
	uint32_t present;                      /* limits that there are */
	struct quota_limit limits[LIMITS_MAX]; /* by bit */
};

static enum status
no_memory(struct err *err)
{
	return err_set(err, STATUS_NO_MEMORY, "out of memory for the limits of a sender");
}

static enum status
add_limit(struct quota *quota, unsigned bit, const struct rule *rule, struct err *err)
{
	const enum status status = quota_limit_make(&quota->setup, rule, &quota->limits[bit], err);
	if (status == STATUS_OK && quota->limits[bit].left != NULL)
		quota->present |= UINT32_C(1) << bit;
	return status;
}

static enum status
add_rules(struct quota *quota, struct err *err)
{
	const struct rulebook *rulebook = quota->setup.rulebook;
	unsigned bit = 0;
	enum status status = STATUS_OK;
	for (size_t i = 0; i < rulebook->regime_count; i++)
		for (size_t j = 0; j < rulebook->regimes[i].rule_count && status == STATUS_OK; j++) {
			const struct rule *rule = &rulebook->regimes[i].rules[j];
			if (rule->kind != RULE_VOLUME)
				continue;
			if (bit == QUOTA_RULES_MAX)
				return err_set(err, STATUS_INVALID, "the rulebook has more than %d volume rules", QUOTA_RULES_MAX);
			if (rule_binds(rulebook, &rulebook->regimes[i], rule))
				status = add_limit(quota, bit, rule, err);
			bit++;
		}
	return status;
}

static enum status
copy_portfolio(struct quota *quota)
{
	const size_t count = quota->setup.portfolio_count;
	quota->portfolio = malloc((count + 1) * sizeof *quota->portfolio);
	if (quota->portfolio == NULL)
		return STATUS_NO_MEMORY;
	if (count > 0)
		memcpy(quota->portfolio, quota->setup.portfolio, count * sizeof *quota->portfolio);
	quota->setup.portfolio = quota->portfolio;
	return STATUS_OK;
}

enum status
quota_create(const struct quota_setup *setup, struct quota **out, struct err *err)
{
	struct quota *quota = calloc(1, sizeof *quota);
	*out = NULL;
	if (quota == NULL)
		return no_memory(err);
	quota->setup = *setup;
	quota->setup.span.until = instant_max(setup->span.from, setup->span.until);
	enum status status = copy_portfolio(quota) == STATUS_OK ? STATUS_OK : no_memory(err);
	if (status == STATUS_OK)
		status = add_rules(quota, err);
	if (status == STATUS_OK)
		status = add_limit(quota, OWN_LIMIT, NULL, err);
	if (status != STATUS_OK || quota->present == 0)
		quota_free(&quota);
	*out = quota;
	return status;
}

void
quota_free(struct quota **quota)
{
	if (*quota == NULL)
		return;
	for (size_t i = 0; i < LIMITS_MAX; i++)
		quota_limit_clear(&(*quota)->limits[i]);
	free((*quota)->portfolio);
	free(*quota);
	*quota = NULL;
}

/* Masks ---------------------------------------------------------------------------------------------------------------------------------- */

static bool
law_has(const struct law *law, const struct rule *rule)
{
	for (size_t i = 0; i < law->of[RULE_VOLUME].count; i++)
		if (law->of[RULE_VOLUME].items[i] == rule)
			return true;
	return false;
}

uint32_t
quota_rules_of(const struct rulebook *rulebook, const struct law *law)
{
	uint32_t mask = 0;
	unsigned bit = 0;
	for (size_t i = 0; i < rulebook->regime_count; i++)
		for (size_t j = 0; j < rulebook->regimes[i].rule_count && bit < QUOTA_RULES_MAX; j++) {
			const struct rule *rule = &rulebook->regimes[i].rules[j];
			if (rule->kind == RULE_VOLUME && law_has(law, rule))
				mask |= UINT32_C(1) << bit;
			bit += rule->kind == RULE_VOLUME;
		}
	return mask;
}

uint32_t
quota_limits_of(const struct quota *quota, const struct law *law)
{
	return quota == NULL ? 0 : quota_limits_among(quota, quota_rules_of(quota->setup.rulebook, law));
}

uint32_t
quota_limits_among(const struct quota *quota, uint32_t rules)
{
	return quota == NULL ? 0 : quota->present & (rules | UINT32_C(1) << OWN_LIMIT);
}

struct instant
quota_counts_from(const struct quota *quota)
{
	struct instant from = {INT64_MAX};
	for (unsigned bit = 0; bit < LIMITS_MAX; bit++)
		if (quota->present >> bit & 1)
			from = instant_min(from, quota_limit_cell_start(&quota->limits[bit], quota->limits[bit].first));
	return from;
}

static int64_t
greatest_common_divisor(int64_t a, int64_t b)
{
	while (b != 0) {
		const int64_t rest = a % b;
		a = b;
		b = rest;
	}
	return a;
}

struct duration
quota_grain(const struct quota *quota, struct duration grain)
{
	for (unsigned bit = 0; bit < LIMITS_MAX; bit++)
		if (quota->present >> bit & 1)
			grain.us = greatest_common_divisor(grain.us, quota->limits[bit].cell_us);
	return grain;
}

/* Counting ------------------------------------------------------------------------------------------------------------------------------- */

static bool
in_scope(const struct quota *quota, const struct quota_limit *limit, int16_t lane)
{
	if (lane == quota->setup.lane)
		return true;
	for (size_t i = 0; limit->whole_portfolio && i < quota->setup.portfolio_count; i++)
		if (quota->portfolio[i] == lane)
			return true;
	return false;
}

/* In `left`, or `lent`. */
static void
count_use(struct quota *quota, const struct quota_use *use, bool lends)
{
	const uint32_t limits = quota->present & (use->rules | UINT32_C(1) << OWN_LIMIT);
	for (unsigned bit = 0; bit < LIMITS_MAX; bit++) {
		const struct quota_limit *limit = &quota->limits[bit];
		if ((limits >> bit & 1) && in_scope(quota, limit, use->lane))
			quota_limit_add(limit, lends ? limit->lent : limit->left, quota_limit_cell(limit, use->first),
				quota_limit_cell(limit, use->last), lends ? use->n : -use->n);
	}
}

void
quota_count(struct quota *quota, const struct quota_use *use)
{
	count_use(quota, use, false);
}

void
quota_lend(struct quota *quota, const struct quota_use *use)
{
	count_use(quota, use, true);
}

bool
quota_is_spread(const struct quota *quota, const struct quota_use *use)
{
	const uint32_t limits = quota->present & (use->rules | UINT32_C(1) << OWN_LIMIT);
	bool spread = false;
	for (unsigned bit = 0; bit < LIMITS_MAX && !spread; bit++) {
		const struct quota_limit *limit = &quota->limits[bit];
		spread = (limits >> bit & 1) && in_scope(quota, limit, use->lane) &&
			quota_limit_cell(limit, use->first) != quota_limit_cell(limit, use->last);
	}
	return spread;
}

void
quota_take(struct quota *quota, uint32_t limits, struct instant at, int64_t n)
{
	for (unsigned bit = 0; limits != 0 && bit < LIMITS_MAX; bit++) {
		const struct quota_limit *limit = &quota->limits[bit];
		if (limits >> bit & 1)
			quota_limit_add(limit, limit->left, quota_limit_cell(limit, at), quota_limit_cell(limit, at), -n);
	}
}

static int64_t
least_room(const struct quota *quota, uint32_t limits, struct instant at, bool with_lent, const struct rule **out_rule)
{
	int64_t room = UNLIMITED;
	*out_rule = NULL;
	for (unsigned bit = 0; limits != 0 && bit < LIMITS_MAX; bit++) {
		const struct quota_limit *limit = &quota->limits[bit];
		if (!(limits >> bit & 1))
			continue;
		const bool in_margin = quota_limit_cell_end(limit, at).us - at.us <= quota->setup.margin.us;
		const int64_t here = in_margin ? 0 : quota_limit_room(limit, quota_limit_cell(limit, at), with_lent);
		if (here >= room)
			continue;
		room = here;
		*out_rule = limit->rule;
	}
	return room;
}

int64_t
quota_room_by(const struct quota *quota, uint32_t limits, struct instant at, const struct rule **out_rule)
{
	return least_room(quota, limits, at, true, out_rule);
}

int64_t
quota_room(const struct quota *quota, uint32_t limits, struct instant at)
{
	const struct rule *rule;
	return least_room(quota, limits, at, true, &rule);
}

int64_t
quota_room_free(const struct quota *quota, uint32_t limits, struct instant at)
{
	const struct rule *rule;
	return least_room(quota, limits, at, false, &rule);
}

struct instant
quota_change_after(const struct quota *quota, uint32_t limits, struct instant at)
{
	struct instant change = {INT64_MAX};
	for (unsigned bit = 0; limits != 0 && bit < LIMITS_MAX; bit++) {
		if (!(limits >> bit & 1))
			continue;
		const struct instant end = quota_limit_cell_end(&quota->limits[bit], at), margin = {end.us - quota->setup.margin.us};
		change = instant_min(change, margin.us > at.us ? margin : end);
	}
	return change;
}

bool
quota_is_daily(const struct quota *quota, uint32_t limits)
{
	const struct quota_limit *first = NULL;
	bool daily = true;
	for (unsigned bit = 0; limits != 0 && bit < LIMITS_MAX; bit++) {
		const struct quota_limit *limit = &quota->limits[bit];
		if (!(limits >> bit & 1))
			continue;
		first = first != NULL ? first : limit;
		daily = daily && limit->window == 1 && limit->zone == first->zone && limit->cell_us == first->cell_us;
	}
	return daily;
}

bool
quota_has_room(const struct quota *quota, uint32_t limits, struct instant at)
{
	bool room = true;
	for (unsigned bit = 0; limits != 0 && bit < LIMITS_MAX && room; bit++)
		if (limits >> bit & 1)
			room = quota_limit_has_room(&quota->limits[bit], quota_limit_cell(&quota->limits[bit], at));
	return room;
}

struct quota_answer
quota_ready(const struct quota *quota, uint32_t limits, struct instant at)
{
	struct quota_answer answer = {.ready = at};
	for (bool moved = limits != 0; moved;) {
		moved = false;
		for (unsigned bit = 0; bit < LIMITS_MAX; bit++) {
			bool away = false;
			if (!(limits >> bit & 1))
				continue;
			const struct instant ready = quota_limit_ready(&quota->limits[bit], quota->setup.margin, answer.ready, &away);
			if (away && !answer.turned_away) {
				answer.turned_away = true;
				answer.rule = quota->limits[bit].rule;
			}
			moved = moved || ready.us != answer.ready.us;
			answer.ready = ready;
		}
	}
	return answer;
}

struct instant
quota_edge_after(const struct quota *quota, uint32_t limits, struct instant at)
{
	struct instant edge = {INT64_MAX};
	for (unsigned bit = 0; limits != 0 && bit < LIMITS_MAX; bit++)
		if (limits >> bit & 1)
			edge = instant_min(edge, quota_limit_cell_end(&quota->limits[bit], at));
	return edge;
}
