#include "tests/support/naive_terms.h"

#include <string.h>

/* One message ----------------------------------------------------------------------------------------------------------------------------- */

static bool
consent_permits(const struct consent_rule *rule, const struct naive_send *send)
{
	return (!rule->required || send->consented) && (rule->evidence & ~send->evidence) == 0 &&
		(rule->good_for.us == 0 || send->consent_age.us < rule->good_for.us);
}

static bool
content_permits(const struct content_rule *rule, const struct naive_send *send)
{
	bool spoken = rule->language_count == 0;
	for (size_t i = 0; i < rule->language_count; i++)
		spoken |= strcmp(rule->languages[i], send->language) == 0 ||
			(strncmp(rule->languages[i], send->language, strlen(rule->languages[i])) == 0 &&
				send->language[strlen(rule->languages[i])] == '-');
	return spoken && (rule->items & ~send->items) == 0 && (rule->max_length == 0 || send->length <= rule->max_length) &&
		(rule->identifier_length == 0 || send->identifier_length == rule->identifier_length);
}

static bool
template_permits(const struct template_rule *rule, const struct naive_send *send)
{
	return (!rule->approved || send->approved) && (!rule->own_purpose || send->own_purpose) &&
		(rule->max_variables == 0 || send->variables <= rule->max_variables) && (rule->idle.us == 0 || send->idle.us < rule->idle.us);
}

/* "t3" */
static int
number_of(const char *name)
{
	return name[1] - '0';
}

static bool
prohibition_permits(const struct prohibition_rule *rule, const struct naive_send *send)
{
	for (size_t i = 0; i < rule->tag_count; i++) {
		const int number = number_of(rule->tags[i]);
		if (rule->sources ? send->source == number : (send->tags >> number & 1) != 0)
			return false;
	}
	return true;
}

static bool
volume_permits(const struct volume_rule *rule, const struct naive_send *send)
{
	int32_t n = rule->n;
	for (size_t i = rule->tier_count; i-- > 0;)
		if (strcmp(rule->tiers[i].trust, send->trust) == 0)
			n = rule->tiers[i].n;
	return send->sent < n;
}

static bool
retention_permits(const struct retention_rule *rule, const struct naive_send *send)
{
	return send->kept.us >= rule->min.us && (rule->max.us == 0 || send->kept.us <= rule->max.us);
}

bool
naive_terms_permit(const struct rule *rule, const struct naive_send *send)
{
	if (send->date.days < rule->from.days || send->date.days >= rule->until.days)
		return true;
	switch (rule->kind) {
	case RULE_CONSENT:
		return consent_permits(&rule->consent, send);
	case RULE_CONTENT:
		return content_permits(&rule->content, send);
	case RULE_TEMPLATE:
		return template_permits(&rule->template, send);
	case RULE_SESSION:
		return !send->free_form || send->since_reply.us < rule->session.length.us;
	case RULE_RECORD:
		return (send->records >> number_of(rule->record.item) & 1) != 0;
	case RULE_PROHIBITION:
		return prohibition_permits(&rule->prohibition, send);
	case RULE_VOLUME:
		return volume_permits(&rule->volume, send);
	case RULE_RATE:
		return send->gap.us * rule->rate.n >= rule->rate.per.us;
	case RULE_OPT_OUT:
		return rule->opt_out.confirmation == CONFIRMATION_ALLOWED ||
			send->confirms == (rule->opt_out.confirmation == CONFIRMATION_REQUIRED);
	case RULE_RETENTION:
		return retention_permits(&rule->retention, send);
	default:
		return true; /* windows, caps and notes are not asked here */
	}
}

/* Whom a rule binds ----------------------------------------------------------------------------------------------------------------------- */

/* The smallest places there are; a country is all of its own. */
static const char *const leaves[] = {"BR", "IN", "US-CA", "US-NY", "US-TX"};
enum { LEAF_COUNT = sizeof(leaves) / sizeof(leaves[0]) };

static unsigned
leaves_of(const char *region)
{
	unsigned mask = 0;
	for (unsigned i = 0; i < LEAF_COUNT; i++)
		if (strncmp(leaves[i], region, strlen(region)) == 0)
			mask |= 1u << i;
	return mask;
}

static unsigned
leaves_of_class(const struct class_facts *facts)
{
	unsigned mask = 0;
	for (size_t i = 0; i < facts->region_count; i++)
		mask |= leaves_of(facts->regions[i]);
	return mask;
}

static enum truth
naive_truth(const void *context, const char *word)
{
	const struct class_facts *facts = context;
	const unsigned possible = leaves_of_class(facts), inside = strncmp(word, "region:", 7) == 0 ? leaves_of(word + 7) : 0;
	enum truth truth = strncmp(word, "consent:", 8) == 0 ? TRUTH_UNKNOWN : TRUTH_FALSE;
	if (strncmp(word, "region:", 7) == 0)
		return (possible & ~inside) == 0 ? TRUTH_TRUE : (possible & inside) == 0 ? TRUTH_FALSE : TRUTH_UNKNOWN;
	for (size_t i = 0; i < facts->fact_count; i++)
		if (strcmp(facts->facts[i], word) == 0)
			truth = TRUTH_TRUE;
		else if (facts->facts[i][0] == '?' && strcmp(facts->facts[i] + 1, word) == 0)
			truth = TRUTH_UNKNOWN;
	return truth;
}

static bool
is_lifted(const struct rule *rule, const struct class_facts *facts)
{
	bool lifted = predicate_judge(rule->when, naive_truth, facts) == TRUTH_FALSE;
	for (size_t i = 0; i < rule->exception_count; i++)
		lifted |= rule->exceptions[i].on && predicate_judge(rule->exceptions[i].condition, naive_truth, facts) == TRUTH_TRUE;
	for (size_t i = 0; rule->waivable && i < facts->fact_count; i++)
		lifted |= strncmp(facts->facts[i], "waived:", 7) == 0 && strcmp(facts->facts[i] + 7, rule->id) == 0;
	return lifted;
}

bool
naive_rule_binds(const struct rulebook *rulebook, const struct regime *regime, const struct rule *rule, const struct class_facts *facts)
{
	const bool times = rule->kind == RULE_WINDOW || rule->kind == RULE_CAP;
	bool here = regime->everywhere;
	for (size_t i = 0; i < regime->region_count; i++)
		here |= (leaves_of(regime->regions[i]) & leaves_of_class(facts)) != 0;
	if (!here || regime->status != REGIME_ENFORCED || rule->off || (times && facts->category == CATEGORY_OPT_OUT_CONFIRMATION))
		return false;
	if (rule->kind != RULE_PREFERENCE &&
		(rule->strength == STRENGTH_INFO || (rule->strength == STRENGTH_SHOULD && rulebook->should != SHOULD_BLOCK)))
		return false;
	return (rule->categories >> facts->category & 1) != 0 && (rule->channels >> facts->channel & 1) != 0 && !is_lifted(rule, facts);
}
