/*
 * Two passes over the rulebook: collect the rules that bind into one array a kind, then sort each by id. A rulebook has some hundred rules and
 * a plan some hundred classes, so nothing is indexed.
 *
 * There is no operator that combines two rules into a third: all are kept and all must hold. So the algebra of the header needs no proof for
 * each kind; conjunction of windows (intersection), of caps (union of what they block) and of consent needs (union) has it by nature.
 */
#include "merge.h"

#include <stdlib.h>
#include <string.h>

static bool
regime_applies(const struct regime *regime, const struct class_facts *facts)
{
	if (regime->status != REGIME_ENFORCED)
		return false;
	for (size_t i = 0; i < facts->region_count; i++)
		if (regime_covers(regime, facts->regions[i]))
			return true;
	return regime->everywhere;
}

static bool
rule_applies(const struct rulebook *rulebook, const struct regime *regime, const struct rule *rule, const struct class_facts *facts)
{
	/* C31, F7: the answer to a STOP at 23:00 keeps its deadline, whatever a rule file says. */
	if (rule->kind != RULE_CONSENT && facts->category == CATEGORY_OPT_OUT_CONFIRMATION)
		return false;
	return rule_binds(rulebook, regime, rule) && (rule->categories & CATEGORY_BIT(facts->category)) &&
		(rule->channels & CHANNEL_BIT(facts->channel));
}

static void
law_take(struct law *law, const struct rule *rule)
{
	switch (rule->kind) {
	case RULE_WINDOW:
		law->windows[law->window_count++] = rule;
		break;
	case RULE_CAP:
		law->caps[law->cap_count++] = rule;
		break;
	case RULE_CONSENT:
		law->consents[law->consent_count++] = rule;
		break;
	}
}

static int
compare_rules(const void *a, const void *b)
{
	return strcmp((*(const struct rule *const *)a)->id, (*(const struct rule *const *)b)->id);
}

static int
compare_ids(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static enum status
law_allocate(struct law *law, const struct rulebook *rulebook)
{
	size_t rules = 1;
	for (size_t i = 0; i < rulebook->regime_count; i++)
		rules += rulebook->regimes[i].rule_count;
	law->windows = calloc(rules, sizeof(*law->windows));
	law->caps = calloc(rules, sizeof(*law->caps));
	law->consents = calloc(rules, sizeof(*law->consents));
	law->regimes = calloc(rulebook->regime_count + 1, REGIME_ID_MAX + 1);
	return law->windows && law->caps && law->consents && law->regimes ? STATUS_OK : STATUS_NO_MEMORY;
}

static void
join_ids(const char **ids, size_t count, char *out)
{
	qsort(ids, count, sizeof(*ids), compare_ids);
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			strcat(out, " ");
		strcat(out, ids[i]);
	}
}

enum status
law_merge(const struct rulebook *rulebook, const struct class_facts *facts, struct law *out, struct err *err)
{
	*out = (struct law)LAW_INIT;
	const char **ids = calloc(rulebook->regime_count + 1, sizeof(*ids));
	size_t id_count = 0;
	if (!ids || law_allocate(out, rulebook) != STATUS_OK) {
		free(ids);
		law_free(out);
		return err_set(err, STATUS_NO_MEMORY, "no memory for the law of a class");
	}
	for (size_t i = 0; i < rulebook->regime_count; i++) {
		const struct regime *regime = &rulebook->regimes[i];
		if (!regime_applies(regime, facts))
			continue;
		ids[id_count++] = regime->id;
		for (size_t j = 0; j < regime->rule_count; j++)
			if (rule_applies(rulebook, regime, &regime->rules[j], facts))
				law_take(out, &regime->rules[j]);
	}
	join_ids(ids, id_count, out->regimes);
	free(ids);
	qsort(out->windows, out->window_count, sizeof(*out->windows), compare_rules);
	qsort(out->caps, out->cap_count, sizeof(*out->caps), compare_rules);
	qsort(out->consents, out->consent_count, sizeof(*out->consents), compare_rules);
	return STATUS_OK;
}

void
law_free(struct law *law)
{
	free(law->windows);
	free(law->caps);
	free(law->consents);
	free(law->regimes);
	*law = (struct law)LAW_INIT;
}

struct consent_need
law_consent_need(const struct law *law, struct date date)
{
	struct consent_need need = {0};
	for (size_t i = 0; i < law->consent_count; i++) {
		const struct rule *rule = law->consents[i];
		if (date.days < rule->from.days || date.days >= rule->until.days)
			continue;
		need.required |= rule->consent.required;
		need.evidence |= rule->consent.evidence;
	}
	return need;
}
