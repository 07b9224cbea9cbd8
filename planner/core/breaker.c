/*
 * Products stay below 2^63: a limit is at most a million, messages and events are less than 2^40.
 */
#include "breaker.h"

#include <stdio.h>

static const char *const metric_names[BREAKER_METRIC_COUNT] = {
	[BREAKER_OPT_OUT_RATE] = "opt_out_rate",
	[BREAKER_COMPLAINT_RATE] = "complaint_rate",
	[BREAKER_COMPLAINT_COUNT] = "complaint_count",
	[BREAKER_NEGATIVE_RATE] = "negative_rate",
	[BREAKER_VIOLATION_RATE] = "violation_rate",
	[BREAKER_QUALITY] = "quality",
};

static const char *const events_words[BREAKER_METRIC_COUNT] = {
	[BREAKER_OPT_OUT_RATE] = "opt-outs",
	[BREAKER_COMPLAINT_RATE] = "complaints",
	[BREAKER_COMPLAINT_COUNT] = "complaints",
	[BREAKER_NEGATIVE_RATE] = "complaints and blocks",
	[BREAKER_VIOLATION_RATE] = "violations",
	[BREAKER_QUALITY] = "rating",
};

const char *
breaker_metric_name(enum breaker_metric metric)
{
	return metric_names[metric];
}

const char *
breaker_events_words(enum breaker_metric metric)
{
	return events_words[metric];
}

const char *
breaker_scope_name(enum breaker_scope scope)
{
	static const char *const names[BREAKER_SCOPE_COUNT] = {
		[BREAKER_BUSINESS] = "business", [BREAKER_SENDER] = "sender", [BREAKER_CAMPAIGN] = "campaign", [BREAKER_TEMPLATE] = "template"};
	return names[scope];
}

const char *
breaker_needs_name(enum breaker_needs needs)
{
	return needs == BREAKER_NEEDS_NEW_TEMPLATE ? "new_template" : "reason";
}

const char *
rating_name(enum rating rating)
{
	static const char *const names[RATING_COUNT] = {
		[RATING_UNKNOWN] = "unknown", [RATING_GREEN] = "green", [RATING_YELLOW] = "yellow", [RATING_RED] = "red"};
	return names[rating];
}

/* Judging --------------------------------------------------------------------------------------------------------------------------------- */

bool
breaker_is_rate(enum breaker_metric metric)
{
	return metric != BREAKER_COMPLAINT_COUNT && metric != BREAKER_QUALITY;
}

int32_t
breaker_ceiling(const struct breaker_rule *rule)
{
	return rule->stop_at > 0 && rule->stop_at < rule->limit ? rule->stop_at : rule->limit;
}

int32_t
breaker_least_samples(int32_t ceiling)
{
	return (BREAKER_WHOLE + ceiling - 1) / ceiling;
}

static int64_t
messages_counted(const struct breaker_rule *rule, int64_t sent)
{
	return sent > rule->min_samples ? sent : rule->min_samples;
}

/* Of which nobody knows yet. */
static int64_t
events_ahead(const struct breaker_counts *counts)
{
	return counts->events + (counts->recent > 1 ? counts->recent : 1);
}

static enum breaker_verdict
verdict(bool trips, bool warns)
{
	return trips ? BREAKER_TRIPS : warns ? BREAKER_WARNS : BREAKER_RESTS;
}

enum breaker_verdict
breaker_judge(const struct breaker_rule *rule, const struct breaker_counts *counts)
{
	const bool warned = rule->warn_at > 0;
	if (rule->metric == BREAKER_QUALITY)
		return verdict((int32_t)counts->rating > rule->limit, warned && (int32_t)counts->rating >= rule->warn_at);
	if (!breaker_is_rate(rule->metric))
		return verdict(events_ahead(counts) > rule->limit, warned && counts->events >= rule->warn_at);
	const int64_t messages = messages_counted(rule, counts->sent);
	return verdict(events_ahead(counts) * BREAKER_WHOLE > breaker_ceiling(rule) * messages,
		warned && counts->events > 0 && counts->events * BREAKER_WHOLE >= rule->warn_at * messages);
}

int64_t
breaker_messages_needed(const struct breaker_rule *rule, const struct breaker_counts *counts)
{
	const int32_t ceiling = breaker_ceiling(rule);
	if (!breaker_is_rate(rule->metric))
		return 0;
	const int64_t events = counts->events, rests = (events_ahead(counts) * BREAKER_WHOLE + ceiling - 1) / ceiling;
	const int64_t silent = rule->warn_at > 0 && events > 0 ? events * BREAKER_WHOLE / rule->warn_at + 1 : 0;
	return messages_counted(rule, rests > silent ? rests : silent);
}

/* Telling --------------------------------------------------------------------------------------------------------------------------------- */

void
breaker_tell_value(const struct breaker_rule *rule, int32_t value, char out[BREAKER_TEXT_MAX])
{
	if (rule->metric == BREAKER_QUALITY)
		snprintf(out, BREAKER_TEXT_MAX, "%s", rating_name((enum rating)value));
	else if (breaker_is_rate(rule->metric))
		snprintf(out, BREAKER_TEXT_MAX, "%.6g %%", value / 10000.0);
	else
		snprintf(out, BREAKER_TEXT_MAX, "%d", value);
}

void
breaker_tell(const struct breaker_rule *rule, const struct breaker_counts *counts, char out[BREAKER_TEXT_MAX])
{
	char limit[BREAKER_TEXT_MAX];
	const char *words = events_words[rule->metric];
	const double days = (double)rule->per.us / US_PER_DAY;
	breaker_tell_value(rule, rule->limit, limit);
	if (rule->metric == BREAKER_QUALITY)
		snprintf(out, BREAKER_TEXT_MAX, "rated %s; no worse than %.16s is right", rating_name(counts->rating), limit);
	else if (breaker_is_rate(rule->metric))
		snprintf(out, BREAKER_TEXT_MAX, "%lld %s among %lld messages within %.4g days; the limit is %.16s", (long long)counts->events,
			words, (long long)counts->sent, days, limit);
	else
		snprintf(out, BREAKER_TEXT_MAX, "%lld %s within %.4g days; the limit is %.16s", (long long)counts->events, words, days, limit);
}
