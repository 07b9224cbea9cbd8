/* Rows of law_content.txt: what a text must show and avoid. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "planner/core/content.h"
#include "tests/support/law_answer.h"

enum { VARIABLES_MAX = 16 };

/* What `under` says about campaign, sender and template. */
struct message {
	struct content_facts facts;
	struct content_variable variables[VARIABLES_MAX];
	struct date date;
	char name[VARIABLES_MAX][32];
};

/* "variable shop 40": at most 40 characters. */
static void
read_variable(const struct law_case *row, const char *text, struct message *out)
{
	size_t i = out->facts.variable_count++;
	if (i == VARIABLES_MAX || sscanf(text, "%31s %d", out->name[i], &out->variables[i].max_length) != 2) /* NOLINT(cert-err34-c) */
		law_row_fail(row, "write: variable NAME LENGTH");
	out->variables[i].name = out->name[i];
}

static void
read_word(const struct law_case *row, const char *word, struct message *out)
{
	struct err err = ERR_INIT;
	if (strcmp(word, "offer with terms and last day") == 0)
		out->facts.offer = out->facts.offer_expires = true;
	else if (strcmp(word, "offer with terms") == 0)
		out->facts.offer = true;
	else if (strcmp(word, "one way") == 0)
		out->facts.one_way = true;
	else if (strcmp(word, "template only") == 0)
		out->facts.template_only = true;
	else if (strncmp(word, "business ", 9) == 0)
		out->facts.business = word + 9;
	else if (strncmp(word, "identifier ", 11) == 0)
		out->facts.identifier = word + 11;
	else if (strncmp(word, "variable ", 9) == 0)
		read_variable(row, word + 9, out);
	else if (strncmp(word, "on ", 3) != 0 || date_parse(word + 3, &out->date, &err) != STATUS_OK)
		law_row_fail(row, "\"%s\": what is it?", word);
}

static void
read_message(const struct law_question *question, struct message *out)
{
	const struct law_case *row = question->row;
	*out = (struct message){
		.facts = {.text = row->fields[4], .language = row->fields[3], .business = "Acme", .legal_name = "", .identifier = ""},
		.date = date_from_civil((struct civil){2026, 11, 23})};
	out->facts.variables = out->variables;
	for (size_t i = 0; i < question->under_count; i++)
		read_word(row, question->under[i], out);
}

struct broken {
	const struct law *law;
	char binding[LAW_ANSWER_MAX], advice[LAW_ANSWER_MAX];
};

static void
add_rule(char list[LAW_ANSWER_MAX], const char *id)
{
	const size_t length = strlen(list), size = strlen(id);
	if (length < size || strcmp(list + length - size, id) != 0) /* one rule may miss several things */
		law_append(list, id);
}

static void
on_problem(void *context, const struct rule *rule, const char *what)
{
	struct broken *broken = context;
	bool advice = false;
	(void)what;
	for (size_t i = 0; i < broken->law->advice.count; i++)
		advice = advice || broken->law->advice.items[i] == rule;
	add_rule(advice ? broken->advice : broken->binding, rule->id);
}

/* "ok ;", "refused ; RULES" or, when nothing binds that is broken, "warned ; RULES". */
void
law_answer_content(struct law_question *question, char out[LAW_ANSWER_MAX])
{
	struct broken broken = {.law = &question->law};
	struct message message;
	read_message(question, &message);
	const int count = content_judge(&question->law, message.date, &message.facts, on_problem, &broken);
	if ((count > 0) != (*broken.binding != '\0'))
		law_row_fail(question->row, "%d things bind, and the rules are \"%s\"", count, broken.binding);
	law_append(out, count > 0 ? "refused ;" : *broken.advice ? "warned ;" : "ok ;");
	law_append(out, count > 0 ? broken.binding : broken.advice);
}
