/*
 * Texts are lists of words that grow while rules and tests are looked through. All lists are short enough to be searched for each row.
 */
#include "rules_coverage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test_list.h"

enum { ROW_NAME_MAX = 16 };

struct judgement {
	const struct coverage_row *row;
	const struct rulebook *rulebook;
	struct coverage_line *line;
	char name[ROW_NAME_MAX]; /* "R-007" */
	int enforced;            /* how many of its rules are */
	bool no_memory;
};

/* Lists of words -------------------------------------------------------------------------------------------------------------------------- */

static bool
has_word(const char *words, const char *word, size_t length)
{
	for (const char *at = words; *at != '\0'; at += strspn(at, " ")) {
		const size_t size = strcspn(at, " ");
		if (size == length && strncmp(at, word, length) == 0)
			return true;
		at += size;
	}
	return false;
}

/* Adds to a list whose separator is `between`; frees the old one. */
static void
add(struct judgement *judgement, char **words, const char *between, const char *word, size_t length)
{
	char *longer;
	if (asprintf(&longer, "%s%s%.*s", *words, **words != '\0' ? between : "", (int)length, word) < 0) {
		judgement->no_memory = true;
		return;
	}
	free(*words);
	*words = longer;
}

static void
add_word(struct judgement *judgement, char **words, const char *word)
{
	if (!has_word(*words, word, strlen(word)))
		add(judgement, words, " ", word, strlen(word));
}

static void
lacks(struct judgement *judgement, const char *what, const char *which)
{
	char text[256];
	const int length = snprintf(text, sizeof text, "%s%s", what, which);
	add(judgement, &judgement->line->missing, "; ", text, (size_t)length < sizeof text ? (size_t)length : sizeof text - 1);
}

/* Rules ----------------------------------------------------------------------------------------------------------------------------------- */

/* As rulebook.h says. */
static const char *const where_kinds[RULE_KIND_COUNT] = {
	[RULE_WINDOW] = "planner/core/window.c",
	[RULE_CAP] = "planner/core/cap.c",
	[RULE_PREFERENCE] = "planner/core/preference.c",
	[RULE_CONSENT] = "planner/core/eligibility.c",
	[RULE_CONTENT] = "planner/core/content.c",
	[RULE_TEMPLATE] = "planner/core/admission.c",
	[RULE_SESSION] = "planner/core/admission.c",
	[RULE_RECORD] = "planner/core/admission.c",
	[RULE_PROHIBITION] = "planner/core/admission.c",
	[RULE_VOLUME] = "planner/core/budget.c",
	[RULE_RATE] = "planner/core/budget.c",
	[RULE_BREAKER] = "planner/core/breaker.c",
};

bool
rule_cites(const struct rule *rule, int row)
{
	char name[ROW_NAME_MAX];
	const int length = snprintf(name, sizeof name, "R-%03d", row);
	if (has_word(rule->sources, name, (size_t)length))
		return true;
	for (size_t i = 0; i < rule->exception_count; i++)
		if (has_word(rule->exceptions[i].sources, name, (size_t)length))
			return true;
	return false;
}

/* A prohibition of sources of consent acts where consents come in. */
static const char *
where_of(const struct rule *rule)
{
	return rule->kind == RULE_PROHIBITION && rule->prohibition.sources ? "planner/install_consent_words.c" : where_kinds[rule->kind];
}

/* Rules that are enforced, in a first pass, or else, in a second one, any. */
static void
add_rules(struct judgement *judgement, bool enforced)
{
	for (size_t i = 0; i < judgement->rulebook->regime_count; i++) {
		const struct regime *regime = &judgement->rulebook->regimes[i];
		for (size_t r = 0; r < regime->rule_count; r++) {
			const struct rule *rule = &regime->rules[r];
			const bool binds = regime->status == REGIME_ENFORCED && !rule->off;
			if (binds != enforced || !rule_cites(rule, judgement->row->number))
				continue;
			judgement->enforced += binds;
			add_word(judgement, &judgement->line->rules, rule->id);
			if (binds && where_of(rule) != NULL)
				add_word(judgement, &judgement->line->where, where_of(rule));
		}
	}
}

/* Tests ----------------------------------------------------------------------------------------------------------------------------------- */

static bool
test_exists(const char *name, size_t length)
{
	for (const char *const *test = test_names; *test != NULL; test++)
		if (strlen(*test) == length && strncmp(*test, name, length) == 0)
			return true;
	return false;
}

static void
add_named_tests(struct judgement *judgement)
{
	for (const char *at = judgement->row->tests; *at != '\0'; at += strspn(at, " ")) {
		const size_t length = strcspn(at, " ");
		char name[128];
		snprintf(name, sizeof name, "%.*s", (int)length, at);
		add_word(judgement, &judgement->line->tests, name);
		if (!test_exists(at, length))
			lacks(judgement, "no test ", name);
		at += length;
	}
}

/* Case files that speak of the row, or of a rule that cites it. */
static void
add_case_files(struct judgement *judgement)
{
	for (const struct test_case_word *word = test_case_words; word->file != NULL; word++)
		if (strcmp(word->word, judgement->name) == 0 || has_word(judgement->line->rules, word->word, strlen(word->word)))
			add_word(judgement, &judgement->line->tests, word->file);
}

/* Judging --------------------------------------------------------------------------------------------------------------------------------- */

static bool
is_enforced(const struct coverage_row *row)
{
	return row->how == COVERAGE_RULE || row->how == COVERAGE_CODE;
}

/* What is missing of a row that is due. Of what only informs, it is enough that something accounts for it. */
static void
judge_due(struct judgement *judgement)
{
	const struct coverage_row *row = judgement->row;
	const struct coverage_line *line = judgement->line;
	const bool somewhere = line->where[0] != '\0' || line->rules[0] != '\0';
	if (row->how == COVERAGE_LATER)
		lacks(judgement, "it is due, and left for later", "");
	else if (row->strength == STRENGTH_INFO && !somewhere && row->note[0] == '\0')
		lacks(judgement, "nothing accounts for it", "");
	if (row->strength == STRENGTH_INFO)
		return;
	if (row->how == COVERAGE_RULE && judgement->enforced == 0)
		lacks(judgement, line->rules[0] != '\0' ? "no rule that is on cites it" : "no rule cites it", "");
	else if (row->how != COVERAGE_DUTY && !somewhere)
		lacks(judgement, "nothing says where", "");
	if (is_enforced(row) && line->tests[0] == '\0')
		lacks(judgement, "no test speaks of it", "");
	if (!is_enforced(row) && row->note[0] == '\0')
		lacks(judgement, "nothing says why software does not enforce it", "");
}

/* "done, later: release, people" */
static void
write_state(struct judgement *judgement)
{
	const struct coverage_row *row = judgement->row;
	char **state = &judgement->line->state;
	const char *due = row->how == COVERAGE_DUTY ? "duty" : "done";
	size_t length;
	if (coverage_is_due(row))
		add(judgement, state, "", due, strlen(due));
	const char *owner = coverage_later_owner(row, NULL, &length);
	if (owner != NULL)
		add(judgement, state, ", ", "later:", strlen("later:"));
	for (const char *between = " "; owner != NULL; owner = coverage_later_owner(row, owner, &length), between = ", ")
		add(judgement, state, between, owner, length);
}

enum status
rules_coverage_judge(const struct coverage_row *row, const struct rulebook *rulebook, struct coverage_line *out, struct err *err)
{
	struct judgement judgement = {.row = row, .rulebook = rulebook, .line = out};
	*out = (struct coverage_line){strdup(""), strdup(row->where), strdup(""), strdup(""), strdup("")};
	snprintf(judgement.name, sizeof judgement.name, "R-%03d", row->number);
	if (out->rules != NULL && out->where != NULL && out->tests != NULL && out->state != NULL && out->missing != NULL) {
		add_rules(&judgement, true);
		if (judgement.enforced == 0)
			add_rules(&judgement, false);
		add_named_tests(&judgement);
		add_case_files(&judgement);
		write_state(&judgement);
		if (coverage_is_due(row))
			judge_due(&judgement);
	} else
		judgement.no_memory = true;
	if (!judgement.no_memory)
		return STATUS_OK;
	coverage_line_clear(out);
	return err_set(err, STATUS_NO_MEMORY, "no memory for row %s", judgement.name);
}

void
coverage_line_clear(struct coverage_line *line)
{
	free(line->rules);
	free(line->where);
	free(line->tests);
	free(line->state);
	free(line->missing);
	*line = (struct coverage_line){.rules = NULL};
}
