/*
 * The law of each channel is merged as the planner merges it, with every word that a condition asks about and nobody answered marked as unknown. Then
 * one pass over the rulebook sorts its rules into the lists, by asking which laws hold them.
 */
#include "rules_view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "planner/core/grow.h"

struct builder {
	const struct rulebook *rulebook;
	const struct rules_question *question;
	struct rules_view *view;
	char **facts; /* own copies */
	size_t fact_count, fact_room;
	size_t rule_count;
	struct err *err;
};

static enum status
no_memory(const struct builder *builder)
{
	return err_set(builder->err, STATUS_NO_MEMORY, "out of memory");
}

/* Facts ----------------------------------------------------------------------------------------------------------------------------------- */

static const char NOT[] = "not ";

static bool
is_denial(const char *fact)
{
	return strncmp(fact, NOT, strlen(NOT)) == 0;
}

static bool
is_answered(const struct builder *builder, const char *word)
{
	for (size_t i = 0; i < builder->question->fact_count; i++) {
		const char *fact = builder->question->facts[i];
		if (strcmp(is_denial(fact) ? fact + strlen(NOT) : fact, word) == 0)
			return true;
	}
	for (size_t i = 0; i < builder->fact_count; i++)
		if (strcmp(builder->facts[i] + (builder->facts[i][0] == '?'), word) == 0)
			return true;
	return false;
}

static enum status
add_fact(struct builder *builder, const char *mark, const char *word)
{
	char **facts = grow(builder->facts, builder->fact_count, &builder->fact_room, sizeof *facts);
	if (facts == NULL)
		return no_memory(builder);
	builder->facts = facts;
	if (asprintf(&facts[builder->fact_count], "%s%s", mark, word) < 0)
		return no_memory(builder);
	builder->fact_count++;
	return STATUS_OK;
}

/* As of a number of the places: number:US is true in US-TX, unknown when only some of the places lie there, false when none does. */
static enum status
add_number(struct builder *builder, const char *word)
{
	char region[PREDICATE_WORD_MAX];
	struct class_facts facts = {.regions = builder->question->regions, .region_count = builder->question->region_count};
	snprintf(region, sizeof region, "region:%s", word + strlen("number:"));
	switch (class_truth(&facts, region)) {
	case TRUTH_TRUE:
		return add_fact(builder, "", word);
	case TRUTH_UNKNOWN:
		return add_fact(builder, "?", word);
	case TRUTH_FALSE:
		break;
	}
	return STATUS_OK;
}

static enum status
add_words(struct builder *builder, const struct predicate *predicate)
{
	for (size_t i = 0; i < predicate_word_count(predicate); i++) {
		const char *word = predicate_word(predicate, i);
		enum status status = STATUS_OK;
		if (strncmp(word, "region:", strlen("region:")) == 0 || is_answered(builder, word))
			continue;
		if (strncmp(word, "number:", strlen("number:")) == 0)
			status = add_number(builder, word);
		else
			status = add_fact(builder, "?", word);
		if (status != STATUS_OK)
			return status;
	}
	return STATUS_OK;
}

static enum status
add_words_of_rules(struct builder *builder)
{
	enum status status = STATUS_OK;
	for (size_t i = 0; i < builder->rulebook->regime_count; i++) {
		const struct regime *regime = &builder->rulebook->regimes[i];
		for (size_t r = 0; r < regime->rule_count && status == STATUS_OK; r++, builder->rule_count++) {
			const struct rule *rule = &regime->rules[r];
			status = add_words(builder, rule->when);
			for (size_t e = 0; e < rule->exception_count && status == STATUS_OK; e++)
				status = add_words(builder, rule->exceptions[e].condition);
		}
	}
	return status;
}

static enum status
add_answers(struct builder *builder)
{
	for (size_t i = 0; i < builder->question->fact_count; i++) {
		const char *fact = builder->question->facts[i];
		struct predicate *predicate;
		if (predicate_parse(fact, &predicate, builder->err) != STATUS_OK)
			return err_wrap(builder->err, "fact \"%s\"", fact);
		const bool plain =
			predicate_word_count(predicate) == 1 && strcmp(predicate_word(predicate, 0), fact + (is_denial(fact) ? strlen(NOT) : 0)) == 0;
		predicate_free(&predicate);
		if (!plain) {
			err_set(builder->err, STATUS_INVALID, "fact \"%s\": more than one word", fact);
			return err_hint(builder->err, "Give each of them with a --fact of its own, such as --fact tag:alcohol --fact 'not sender:IN'.");
		}
		if (!is_denial(fact) && add_fact(builder, "", fact) != STATUS_OK)
			return builder->err->status;
	}
	return STATUS_OK;
}

/* Lists ----------------------------------------------------------------------------------------------------------------------------------- */

static bool
list_holds(const struct rule_list *list, const struct rule *rule)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->items[i] == rule)
			return true;
	return false;
}

/* The channels whose law holds the rule, as binding or as advice. */
static uint32_t
channels_of(const struct builder *builder, const struct rule *rule, bool advice)
{
	uint32_t channels = 0;
	for (int channel = 0; channel < CHANNEL_COUNT; channel++) {
		const struct law *law = &builder->view->laws[channel];
		if ((builder->question->channels & CHANNEL_BIT(channel)) != 0 && list_holds(advice ? &law->advice : &law->of[rule->kind], rule))
			channels |= CHANNEL_BIT(channel);
	}
	return channels;
}

static void
list_add(struct rule_view_list *list, const struct rule *rule, uint32_t channels)
{
	list->items[list->count++] = (struct viewed_rule){rule, channels};
}

static bool
regime_applies(const struct regime *regime, const struct rules_question *question)
{
	for (size_t i = 0; i < question->region_count; i++)
		if (regime_covers(regime, question->regions[i]))
			return true;
	return regime->everywhere;
}

static void
place(struct builder *builder, const struct rule *rule)
{
	struct rules_view *view = builder->view;
	const uint32_t asked = rule->channels & builder->question->channels;
	const uint32_t binding = channels_of(builder, rule, false), advice = channels_of(builder, rule, true);
	const bool dated = rule_is_dated(rule, builder->question->on);
	if ((rule->categories & CATEGORY_BIT(builder->question->category)) == 0 || asked == 0)
		return;
	if (rule->off)
		list_add(&view->readings, rule, asked);
	else if (rule->kind == RULE_NOTE || rule->strength == STRENGTH_INFO)
		list_add(&view->notes, rule, asked);
	else if ((binding | advice) != 0 && !dated)
		list_add(&view->other_dates, rule, binding | advice);
	else if (binding != 0)
		list_add(&view->binding, rule, binding);
	else if (advice != 0)
		list_add(&view->advice, rule, advice);
}

static int
compare(const void *a, const void *b)
{
	const struct rule *x = ((const struct viewed_rule *)a)->rule, *y = ((const struct viewed_rule *)b)->rule;
	return x->kind != y->kind ? (int)x->kind - (int)y->kind : strcmp(x->id, y->id);
}

static enum status
fill_lists(struct builder *builder)
{
	struct rules_view *view = builder->view;
	struct rule_view_list *const lists[] = {&view->binding, &view->advice, &view->other_dates, &view->readings, &view->notes};
	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
		if ((lists[i]->items = calloc(builder->rule_count + 1, sizeof *lists[i]->items)) == NULL)
			return no_memory(builder);
	for (size_t i = 0; i < builder->rulebook->regime_count; i++) {
		const struct regime *regime = &builder->rulebook->regimes[i];
		for (size_t r = 0; r < regime->rule_count && regime->status != REGIME_OFF && regime_applies(regime, builder->question); r++)
			place(builder, &regime->rules[r]);
	}
	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
		qsort(lists[i]->items, lists[i]->count, sizeof *lists[i]->items, compare);
	return STATUS_OK;
}

static enum status
merge(struct builder *builder)
{
	struct class_facts facts = {.regions = builder->question->regions,
		.region_count = builder->question->region_count,
		.category = builder->question->category,
		.facts = (const char *const *)builder->facts,
		.fact_count = builder->fact_count};
	for (int channel = 0; channel < CHANNEL_COUNT; channel++) {
		facts.channel = (enum channel)channel;
		if (law_merge(builder->rulebook, &facts, &builder->view->laws[channel], builder->err) != STATUS_OK)
			return builder->err->status;
	}
	return STATUS_OK;
}

enum status
rules_view_create(const struct rulebook *rulebook, const struct rules_question *question, struct rules_view **out, struct err *err)
{
	struct builder builder = {.rulebook = rulebook, .question = question, .view = calloc(1, sizeof **out), .err = err};
	enum status status = builder.view != NULL ? add_answers(&builder) : no_memory(&builder);
	if (status == STATUS_OK)
		status = add_words_of_rules(&builder);
	if (status == STATUS_OK)
		status = merge(&builder);
	if (status == STATUS_OK)
		status = fill_lists(&builder);
	for (size_t i = 0; i < builder.fact_count; i++)
		free(builder.facts[i]);
	free(builder.facts);
	if (status != STATUS_OK)
		rules_view_free(&builder.view);
	*out = builder.view;
	return status;
}

void
rules_view_free(struct rules_view **view)
{
	struct rules_view *gone = *view;
	*view = NULL;
	if (gone == NULL)
		return;
	for (int channel = 0; channel < CHANNEL_COUNT; channel++)
		law_free(&gone->laws[channel]);
	free(gone->binding.items);
	free(gone->advice.items);
	free(gone->other_dates.items);
	free(gone->readings.items);
	free(gone->notes.items);
	free(gone);
}
