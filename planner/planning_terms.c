#include "planning_terms.h"

#include <stdlib.h>
#include <string.h>

#include "planning_read.h"

bool
planning_rule_may_bind(
	const struct rulebook *rulebook, const struct regime *regime, const struct rule *rule, const struct planned_campaign *campaign)
{
	return (rule->categories & CATEGORY_BIT(campaign->facts.category)) && (rule->channels & CHANNEL_BIT(campaign->facts.channel)) &&
		rule_binds(rulebook, regime, rule);
}

/* Whether some rule of a kind that may bind the campaign's messages is worth looking at. */
static bool
some_rule(
	const struct planning *planning, const struct planned_campaign *campaign, enum rule_kind kind, bool (*matters)(const struct rule *))
{
	const struct rulebook *rulebook = planning->law->law.rulebook;
	for (size_t i = 0; i < rulebook->regime_count; i++)
		for (size_t j = 0; j < rulebook->regimes[i].rule_count; j++) {
			const struct rule *rule = &rulebook->regimes[i].rules[j];
			if (rule->kind == kind && planning_rule_may_bind(rulebook, &rulebook->regimes[i], rule, campaign) && matters(rule))
				return true;
		}
	return false;
}

static bool
any_rule(const struct rule *rule)
{
	(void)rule;
	return true;
}

static bool
consent_grows_old(const struct rule *rule)
{
	return rule->consent.good_for.us > 0;
}

static size_t
count_variables(const struct terms *terms)
{
	size_t count = 0;
	for (size_t i = 0; i < terms->variant_count; i++)
		count += terms->variants[i].variable_count;
	return count;
}

static bool
has_name(const struct audience_query *query, const char *name)
{
	for (size_t i = 0; i < query->value_count; i++)
		if (strcmp(query->value_names[i], name) == 0)
			return true;
	return false;
}

static enum status
list_variables(const struct terms *terms, struct audience_query *query, struct err *err)
{
	const char **names = calloc(count_variables(terms) + 1, sizeof *names);
	if (names == NULL)
		return planning_no_memory(err);
	query->value_names = names;
	query->value_count = 0;
	for (size_t i = 0; i < terms->variant_count; i++)
		for (size_t j = 0; j < terms->variants[i].variable_count; j++)
			if (!has_name(query, terms->variants[i].variables[j].name))
				names[query->value_count++] = terms->variants[i].variables[j].name;
	return STATUS_OK;
}

/* Only a text that no platform approved, or a reply, asks who has written. */
static bool
asks_for_inbound(const struct planning *planning, const struct planned_campaign *campaign)
{
	const struct terms *terms = &campaign->book->terms;
	bool free_form = false;
	for (size_t i = 0; i < terms->variant_count; i++)
		free_form = free_form || terms->variants[i].free_form || !terms->variants[i].approved;
	return campaign->facts.category == CATEGORY_SERVICE_REPLY || (free_form && some_rule(planning, campaign, RULE_SESSION, any_rule));
}

static bool
asks_about(const struct predicate *predicate, const char *word)
{
	for (size_t i = 0; i < predicate_word_count(predicate); i++)
		if (strcmp(predicate_word(predicate, i), word) == 0)
			return true;
	return false;
}

static bool
asks_for_first(const struct rule *rule)
{
	bool asks = asks_about(rule->when, "first_message");
	for (size_t i = 0; i < rule->exception_count; i++)
		asks = asks || asks_about(rule->exceptions[i].condition, "first_message");
	return asks;
}

static void
on_text_problem(void *context, const struct rule *rule, const char *what)
{
	(void)rule;
	(void)what;
	*(bool *)context = true;
}

/* Whether all texts of the campaign satisfy the rule, whoever gets them: true only where no person's values and no date matter. */
static bool
texts_satisfy(const struct terms *terms, const struct rule *rule)
{
	const struct content_rule *content = &rule->content;
	bool broken = rule->kind != RULE_CONTENT ||
		(content->items & ~(CONTENT_BIT(CONTENT_SENDER_NAME) | CONTENT_BIT(CONTENT_OPT_OUT))) != 0 || content->max_length > 0 ||
		content->language_count > 0;
	for (size_t i = 0; i < terms->variant_count && !broken; i++) {
		const struct content_facts facts = admission_content_facts(terms, &terms->variants[i]);
		content_judge_text(rule, &facts, on_text_problem, &broken);
	}
	return !broken;
}

/* Whether it matters which message is the first to somebody (F10). Texts that do for a first message do for all: then nobody needs to know. */
static bool
asks_for_contacts(const struct planning *planning, const struct planned_campaign *campaign)
{
	const struct terms *terms = &campaign->book->terms;
	const struct rulebook *rulebook = planning->law->law.rulebook;
	if (terms->has_first_text)
		return true;
	for (size_t i = 0; i < rulebook->regime_count; i++)
		for (size_t j = 0; j < rulebook->regimes[i].rule_count; j++) {
			const struct rule *rule = &rulebook->regimes[i].rules[j];
			if (asks_for_first(rule) && planning_rule_may_bind(rulebook, &rulebook->regimes[i], rule, campaign) &&
				!texts_satisfy(terms, rule))
				return true;
		}
	return false;
}

/* Which facts about people the law may ask for; a campaign that needs none reads none. */
static enum status
ask_for(const struct planning *planning, struct planned_campaign *campaign, struct err *err)
{
	const struct terms *terms = &campaign->book->terms;
	struct audience_query *query = &campaign->asks;
	*query = (struct audience_query){.audiences = campaign->audiences,
		.excepted = campaign->excepted,
		.business_id = campaign->business_id,
		.run_id = campaign->facts.run_id > 0 ? campaign->facts.run_id : 0,
		.category = campaign->facts.category,
		.channel = campaign->facts.channel,
		.ages = some_rule(planning, campaign, RULE_CONSENT, consent_grows_old),
		.inbound = asks_for_inbound(planning, campaign),
		.contacts = asks_for_contacts(planning, campaign)};
	const bool values = count_variables(terms) > 0 && some_rule(planning, campaign, RULE_CONTENT, any_rule);
	return values ? list_variables(terms, query, err) : STATUS_OK;
}

static enum status
read_terms(struct planning *planning, struct planned_campaign *campaign, struct err *err)
{
	enum status status = terms_book_read(planning->options.context->session, campaign->name, &campaign->book, err);
	if (status == STATUS_OK)
		status = terms_book_bind_provider(planning->options.context->session, planning->law->law.rulebook, campaign->book, err);
	if (status != STATUS_OK)
		return planning_set_aside(campaign, err);
	const struct terms_book *book = campaign->book;
	campaign->words = (struct campaign_words){.sender_country = book->sender_country,
		.sender_type = book->sender_type,
		.tags = book->terms.tags,
		.tag_count = book->terms.tag_count,
		.partial_tags = book->partial_tags,
		.partial_tag_count = book->partial_tag_count,
		.waived = book->waived,
		.waived_until = book->waived_until,
		.waived_count = book->waived_count};
	const struct lawbook_sender sender = {.channel = book->channel,
		.country = book->sender_country,
		.type = book->sender_type,
		.rate_milli = book->sender.rate_milli,
		.headroom_percent = book->headroom_percent};
	campaign->rate_milli = lawbook_rate_milli(planning->law, &sender, planning->now);
	if (campaign->rate_milli < 1) {
		campaign->problem = strdup("a rule about rates lets its sender send nothing");
		return campaign->problem != NULL ? STATUS_OK : planning_no_memory(err);
	}
	return ask_for(planning, campaign, err);
}

enum status
planning_terms_read(struct planning *planning, struct err *err)
{
	enum status status = STATUS_OK;
	for (size_t i = 0; i < planning->campaign_count && status == STATUS_OK; i++)
		if (planning_is_plannable(&planning->campaigns[i]))
			status = read_terms(planning, &planning->campaigns[i], err);
	return status;
}
