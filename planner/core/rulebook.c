/*
 * Regions form a forest of depth two: "US" holds "US-TX". A person known only to be in "US" may be in Texas, so a regime of a subdivision
 * covers the bare country as well: an unknown attaches (REGULATIONS 3.3, step 2).
 */
#include "rulebook.h"

#include <stdlib.h>
#include <string.h>

static const char *const kind_names[RULE_KIND_COUNT] = {
	[RULE_WINDOW] = "window",
	[RULE_CAP] = "cap",
	[RULE_PREFERENCE] = "preference",
	[RULE_CONSENT] = "consent",
	[RULE_CONTENT] = "content",
	[RULE_TEMPLATE] = "template",
	[RULE_SESSION] = "session",
	[RULE_RECORD] = "record",
	[RULE_PROHIBITION] = "prohibition",
	[RULE_VOLUME] = "volume",
	[RULE_RATE] = "rate",
	[RULE_BREAKER] = "breaker",
	[RULE_OPT_OUT] = "opt_out",
	[RULE_RETENTION] = "retention",
	[RULE_NOTE] = "note",
};

const char *
rule_kind_name(enum rule_kind kind)
{
	return kind_names[kind];
}

static void
rule_clear(struct rule *rule)
{
	predicate_free(&rule->when);
	for (size_t i = 0; i < rule->exception_count; i++)
		predicate_free(&rule->exceptions[i].condition);
	if (rule->kind == RULE_NOTE)
		free(rule->note.text);
}

/* What a regime owns, without the regime itself. */
static void
regime_clear(struct regime *regime)
{
	for (size_t i = 0; i < regime->rule_count; i++)
		rule_clear(&regime->rules[i]);
	free(regime->title);
	free(regime->file);
	free(regime->rules);
}

void
rulebook_free(struct rulebook **rulebook)
{
	if (!*rulebook)
		return;
	for (size_t i = 0; i < (*rulebook)->regime_count; i++)
		regime_clear(&(*rulebook)->regimes[i]);
	free((*rulebook)->regimes);
	free(*rulebook);
	*rulebook = NULL;
}

/* "US" contains "US" and "US-TX". */
static bool
region_contains(const char *outer, const char *inner)
{
	size_t length = strlen(outer);
	return strncmp(outer, inner, length) == 0 && (inner[length] == '\0' || inner[length] == '-');
}

bool
regime_covers(const struct regime *regime, const char *region)
{
	if (regime->everywhere)
		return true;
	for (size_t i = 0; i < regime->region_count; i++)
		if (region_contains(regime->regions[i], region) || region_contains(region, regime->regions[i]))
			return true;
	return false;
}

bool
rulebook_covers(const struct rulebook *rulebook, const char *region)
{
	for (size_t i = 0; i < rulebook->regime_count; i++) {
		const struct regime *regime = &rulebook->regimes[i];
		if (regime->kind == REGIME_LAW && regime->status == REGIME_ENFORCED && !regime->everywhere && regime_covers(regime, region))
			return true;
	}
	return false;
}

bool
rule_binds(const struct rulebook *rulebook, const struct regime *regime, const struct rule *rule)
{
	if (regime->status != REGIME_ENFORCED || rule->off)
		return false;
	return rule->strength == STRENGTH_MUST || rule->kind == RULE_PREFERENCE ||
		(rule->strength == STRENGTH_SHOULD && rulebook->should == SHOULD_BLOCK);
}

bool
rule_advises(const struct rulebook *rulebook, const struct regime *regime, const struct rule *rule)
{
	if (rule->strength == STRENGTH_INFO || rule->kind == RULE_NOTE || rule->off || regime->status == REGIME_OFF ||
		rule_binds(rulebook, regime, rule))
		return false;
	return regime->status == REGIME_ADVISORY || rulebook->should == SHOULD_WARN;
}

const char *
rule_calendar(const struct rule *rule)
{
	switch (rule->kind) {
	case RULE_WINDOW:
	case RULE_PREFERENCE:
		return rule->window.calendar;
	case RULE_CAP:
		return rule->cap.calendar;
	default:
		return "";
	}
}

const struct rule *
rulebook_find(const struct rulebook *rulebook, const char *id, const struct regime **out_regime)
{
	for (size_t i = 0; i < rulebook->regime_count; i++)
		for (size_t j = 0; j < rulebook->regimes[i].rule_count; j++)
			if (strcmp(rulebook->regimes[i].rules[j].id, id) == 0) {
				if (out_regime)
					*out_regime = &rulebook->regimes[i];
				return &rulebook->regimes[i].rules[j];
			}
	return NULL;
}
