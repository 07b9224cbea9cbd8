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

/* "C31 strict": rules of this reading hold, those of other readings of C31 do not. */
static void
choose_reading(struct rulebook *rulebook, const struct law_case *row, const char *reading, struct law_changes *changes)
{
	const size_t family = strcspn(reading, " ") + 1;
	size_t chosen = 0;
	for (size_t i = 0; i < rulebook->regime_count; i++)
		for (size_t j = 0; j < rulebook->regimes[i].rule_count; j++) {
			struct rule *rule = &rulebook->regimes[i].rules[j];
			const bool off = strcmp(rule->option, reading) != 0;
			if (strncmp(rule->option, reading, family) != 0)
				continue;
			change(changes, row, &rule->off, &off, sizeof(off));
			chosen += !off;
		}
	if (chosen == 0)
		law_row_fail(row, "no rule is of the reading \"%s\"", reading);
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

static bool
is_fact(const char *word)
{
	static const char *const kinds[] = {"number:", "sender:", "sender_type:", "tag:", "template:", "consent:", "waived:"};
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (after(word + (*word == '?'), kinds[i]))
			return true;
	return false;
}

static void
apply(struct rulebook *rulebook, struct law_question *question, const char *word, struct law_changes *changes)
{
	const struct law_case *row = question->row;
	const char *rest;
	if ((rest = after(word, "with ")) != NULL) {
		set_status(rulebook, row, rest, REGIME_ENFORCED, changes);
	} else if ((rest = after(word, "without ")) != NULL && strchr(rest, '.') == NULL) {
		set_status(rulebook, row, rest, REGIME_OFF, changes);
	} else if ((rest = after(word, "reading ")) != NULL) {
		choose_reading(rulebook, row, rest, changes);
	} else if ((rest = after(word, "exceptions of ")) != NULL) {
		enable_exceptions(rulebook, row, rest, changes);
	} else if ((rest = after(word, "should ")) != NULL) {
		set_should(rulebook, row, rest, changes);
	} else if (is_fact(word)) {
		if (question->class.fact_count == LAW_FACTS_MAX)
			law_row_fail(row, "more than %d facts", LAW_FACTS_MAX);
		question->facts[question->class.fact_count++] = word;
	} else {
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
	for (size_t i = 0; i < count; i++)
		apply(rulebook, question, words[i], changes);
}
