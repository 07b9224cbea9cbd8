#include <string.h>

#include "planner/core/breaker.h"
#include "rulebook_kinds.h"

enum { SAMPLES_MAX = 1000000, PERCENT_DIGITS = 4 }; /* of a percent, after the point */

/* "0.5%" in millionths; 0 after a problem. */
static int32_t
read_percent(const struct rulebook_reader *reader, const config_setting_t *group, const char *key)
{
	const char *text = rulebook_read_text(reader, group, key), *at = text;
	int64_t value = 0;
	int after = 0;
	bool pointed = false;
	if (text[0] == '\0')
		return 0; /* told already */
	for (; (*at >= '0' && *at <= '9') || (*at == '.' && !pointed && at > text); at++) {
		pointed |= *at == '.';
		after += pointed && *at != '.';
		value = *at == '.' ? value : value * 10 + (*at - '0');
		if (after > PERCENT_DIGITS || value > BREAKER_WHOLE)
			break;
	}
	for (; after < PERCENT_DIGITS; after++)
		value *= 10;
	if (strcmp(at, "%") == 0 && value > 0 && value < BREAKER_WHOLE)
		return (int32_t)value;
	rulebook_complain(reader, group, key, "\"%s\" is no share; write it as \"0.5%%\", more than 0%% and less than 100%%", text);
	return 0;
}

/* What the metric is told in. */
static int32_t
read_value(const struct rulebook_reader *reader, const config_setting_t *group, const char *key, enum breaker_metric metric)
{
	const char *ratings[RATING_COUNT - 1];
	if (breaker_is_rate(metric))
		return read_percent(reader, group, key);
	if (metric == BREAKER_COMPLAINT_COUNT)
		return rulebook_read_number(reader, group, key, 1, SAMPLES_MAX);
	for (int i = RATING_GREEN; i < RATING_COUNT; i++)
		ratings[i - RATING_GREEN] = rating_name((enum rating)i);
	return (int32_t)rulebook_read_word(reader, group, key, ratings, RATING_COUNT - 1) + RATING_GREEN;
}

/* Without them the first message would trip it, or no message at all. */
static void
read_samples(const struct rulebook_reader *reader, const config_setting_t *group, struct breaker_rule *out)
{
	const int32_t ceiling = breaker_ceiling(out);
	if (!breaker_is_rate(out->metric)) {
		if (rulebook_has(group, "min_samples"))
			rulebook_complain(reader, group, "min_samples", "belongs to rates; take it out");
		return;
	}
	out->min_samples = rulebook_read_number(reader, group, "min_samples", 1, SAMPLES_MAX);
	if (ceiling > 0 && out->min_samples > 0 && out->min_samples < breaker_least_samples(ceiling))
		rulebook_complain(reader, group, "min_samples", "must be at least %d, or it would trip before anybody has said anything",
			breaker_least_samples(ceiling));
}

static void
read_levels(const struct rulebook_reader *reader, const config_setting_t *group, struct breaker_rule *out)
{
	out->limit = read_value(reader, group, "limit", out->metric);
	if (rulebook_has(group, "stop_at") && !breaker_is_rate(out->metric))
		rulebook_complain(reader, group, "stop_at", "belongs to rates; take it out");
	else if (rulebook_has(group, "stop_at"))
		out->stop_at = read_value(reader, group, "stop_at", out->metric);
	if (out->stop_at > out->limit)
		rulebook_complain(reader, group, "stop_at", "must not be more than limit");
	if (rulebook_has(group, "warn_at"))
		out->warn_at = read_value(reader, group, "warn_at", out->metric);
	if (out->warn_at > breaker_ceiling(out))
		rulebook_complain(reader, group, "warn_at", "must not be more than limit and stop_at: it would trip before it warns");
}

void
rulebook_read_breaker(const struct rulebook_reader *reader, const config_setting_t *group, struct rule *out)
{
	const char *metrics[BREAKER_METRIC_COUNT], *scopes[BREAKER_SCOPE_COUNT], *needs[BREAKER_NEEDS_COUNT];
	struct breaker_rule *breaker = &out->breaker;
	for (int i = 0; i < BREAKER_METRIC_COUNT; i++)
		metrics[i] = breaker_metric_name((enum breaker_metric)i);
	for (int i = 0; i < BREAKER_SCOPE_COUNT; i++)
		scopes[i] = breaker_scope_name((enum breaker_scope)i);
	for (int i = 0; i < BREAKER_NEEDS_COUNT; i++)
		needs[i] = breaker_needs_name((enum breaker_needs)i);
	breaker->metric = (enum breaker_metric)rulebook_read_word(reader, group, "metric", metrics, BREAKER_METRIC_COUNT);
	breaker->scope = (enum breaker_scope)rulebook_read_word(reader, group, "scope", scopes, BREAKER_SCOPE_COUNT);
	breaker->per = rulebook_read_duration(reader, group, "per", 366);
	if (rulebook_has(group, "resume"))
		breaker->needs = (enum breaker_needs)rulebook_read_word(reader, group, "resume", needs, BREAKER_NEEDS_COUNT);
	read_levels(reader, group, breaker);
	read_samples(reader, group, breaker);
}
