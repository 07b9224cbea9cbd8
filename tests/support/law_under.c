/* Every change of the rulebook is a few bytes that are remembered and put back, last first. */
#include "tests/support/law_under.h"

#include <stdio.h>
#include <string.h>

static void
change(struct law_changes *changes, const struct law_case *row, void *where, const void *now, size_t size)
{
	struct law_change *item = &changes->items[changes->count];
	if (changes->count == LAW_CHANGES_MAX)
		law_row_fail(row, "too much is switched at once");
	*item = (struct law_change){.where = where, .size = size};
	memcpy(item->before, where, size);
	memcpy(where, now, size);
	changes->count++;
}

void
law_under_undo(struct law_changes *changes)
{
	while (changes->count > 0) {
		const struct law_change *item = &changes->items[--changes->count];
		memcpy(item->where, item->before, item->size);
	}
}

/* What follows `beginning` in `text`, or NULL. */
static const char *
after(const char *text, const char *beginning)
{
	const size_t length = strlen(beginning);
	return strncmp(text, beginning, length) == 0 ? text + length : NULL;
}

static void
set_status(
	struct rulebook *rulebook, const struct law_case *row, const char *regime, enum regime_status status, struct law_changes *changes)
{
	for (size_t i = 0; i < rulebook->regime_count; i++)
		if (strcmp(rulebook->regimes[i].id, regime) == 0) {
			change(changes, row, &rulebook->regimes[i].status, &status, sizeof(status));
			return;
		}
	law_row_fail(row, "there is no regime \"%s\"", regime);
}

/* "C31 strict": all rules of this reading. */
static void
choose_option(struct rulebook *rulebook, const struct law_case *row, const char *option, bool on, struct law_changes *changes)
{
	const bool off = !on;
	size_t chosen = 0;
	for (size_t i = 0; i < rulebook->regime_count; i++)
		for (size_t j = 0; j < rulebook->regimes[i].rule_count; j++) {
			struct rule *rule = &rulebook->regimes[i].rules[j];
			if (strcmp(rule->option, option) != 0)
				continue;
			change(changes, row, &rule->off, &off, sizeof(off));
			chosen++;
		}
	if (chosen == 0)
		law_row_fail(row, "no rule has the option \"%s\"", option);
}

static void
enable_exceptions(struct rulebook *rulebook, const struct law_case *row, const char *id, struct law_changes *changes)
{
	struct rule *rule = (struct rule *)rulebook_find(rulebook, id, NULL);
	const bool on = true;
	if (!rule || rule->exception_count == 0)
		law_row_fail(row, "there is no rule \"%s\" with exceptions", id);
	for (size_t i = 0; i < rule->exception_count; i++)
		change(changes, row, &rule->exceptions[i].on, &on, sizeof(on));
}

static void
set_should(struct rulebook *rulebook, const struct law_case *row, const char *word, struct law_changes *changes)
{
	static const char *const words[] = {"block", "warn", "ignore"};
	for (enum should_policy policy = SHOULD_BLOCK; policy <= SHOULD_IGNORE; policy++)
		if (strcmp(words[policy], word) == 0) {
			change(changes, row, &rulebook->should, &policy, sizeof(policy));
			return;
		}
	law_row_fail(row, "a should can block, warn or ignore, not \"%s\"", word);
}

/* "US-LA", "US-LA from 2026-08-29T12:00Z until 2026-09-02T00:00Z" */
static void
declare_emergency(struct law_question *question, char *text)
{
	const char *words[5];
	const size_t count = law_split(question->row, text, " ", words, 5);
	struct emergency emergency = {.area = words[0], .declared = {{INT64_MIN}, {INT64_MAX}}};
	for (size_t i = 1; i < count; i += 2) {
		const bool from = strcmp(words[i], "from") == 0;
		if (i + 1 == count || (!from && strcmp(words[i], "until") != 0))
			law_row_fail(question->row, "write: emergency in US-LA from INSTANT until INSTANT");
		*(from ? &emergency.declared.from : &emergency.declared.until) = law_instant(question->row, NULL, words[i + 1]);
	}
	if (question->context.emergency_count == LAW_PLACES_MAX)
		law_row_fail(question->row, "more than %d emergencies", LAW_PLACES_MAX);
	question->emergencies[question->context.emergency_count++] = emergency;
	question->context.emergencies = question->emergencies;
}

static const char first_message[] = "first_message", later_message[] = "not first_message", any_message[] = "?first_message";

static bool
is_fact(const char *word)
{
	static const char *const kinds[] = {"number:", "sender:", "sender_type:", "tag:", "template:", "consent:", "waived:"};
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (after(word + (*word == '?'), kinds[i]))
			return true;
	return strcmp(word, first_message) == 0;
}

static void
apply(struct rulebook *rulebook, struct law_question *question, const char *word, struct law_changes *changes)
{
	const struct law_case *row = question->row;
	const char *rest;
	if ((rest = after(word, "with option ")) != NULL) {
		choose_option(rulebook, row, rest, true, changes);
	} else if ((rest = after(word, "without option ")) != NULL) {
		choose_option(rulebook, row, rest, false, changes);
	} else if ((rest = after(word, "with ")) != NULL) {
		set_status(rulebook, row, rest, REGIME_ENFORCED, changes);
	} else if ((rest = after(word, "without ")) != NULL) {
		set_status(rulebook, row, rest, REGIME_OFF, changes);
	} else if ((rest = after(word, "exceptions of ")) != NULL) {
		enable_exceptions(rulebook, row, rest, changes);
	} else if ((rest = after(word, "should ")) != NULL) {
		set_should(rulebook, row, rest, changes);
	} else if ((rest = after(word, "emergency in ")) != NULL) {
		declare_emergency(question, (char *)rest);
	} else if (is_fact(word)) {
		if (question->class.fact_count == LAW_FACTS_MAX)
			law_row_fail(row, "more than %d facts", LAW_FACTS_MAX);
		question->facts[question->class.fact_count++] = word;
	} else if (strcmp(word, later_message) != 0) {
		question->under[question->under_count++] = word;
	}
}

void
law_under_apply(struct rulebook *rulebook, struct law_question *question, struct law_changes *changes)
{
	const char *words[LAW_WORDS_MAX];
	char *text = question->text;
	snprintf(text, sizeof(question->text), "%s", question->row->under);
	const size_t count = law_split(question->row, text, ",", words, LAW_WORDS_MAX);
	question->class.facts = question->facts;
	bool order_is_known = false;
	for (size_t i = 0; i < count; i++) {
		apply(rulebook, question, words[i], changes);
		order_is_known = order_is_known || strcmp(words[i], first_message) == 0 || strcmp(words[i], later_message) == 0;
	}
	if (!order_is_known && question->class.fact_count < LAW_FACTS_MAX)
		question->facts[question->class.fact_count++] = any_message;
}
