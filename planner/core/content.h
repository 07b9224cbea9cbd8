/*
 * content - what a message says: checks of a template's text and of the text as one person gets it
 *
 * Two uses, the same checks. Lint takes the template with every variable at its longest (at import, at approval, `daypart lint`); the planner takes
 * the text with a person's own values. Only text that comes from variables can differ between the two, so a template that passes needs
 * content_judge_values for each person, not the whole.
 *
 *     struct content_facts facts = {.text = body, .variables = declared, .variable_count = n, .language = "pt-BR", .business = "Ipe", ...};
 *     content_judge(law, date, &facts, on_problem, context);
 *
 * Words for "stop", labels and promotional words are lists per language in content.c, with their sources; matching ignores case, width and
 * accents where a person would. Identifier numbers are matched with their check digits (Luhn, CPF, Verhoeff for Aadhaar, IBAN modulo 97), so that an
 * order number is none.
 *
 * Pure; no allocation. Texts are UTF-8 and end with NUL. Rows,
 *
 */
#ifndef DAYPART_CORE_CONTENT_H
#define DAYPART_CORE_CONTENT_H

#include "merge.h"

enum { CONTENT_VARIABLES_MAX = 32 };

struct content_variable {
	const char *name;
	int max_length;    /* characters */
	const char *value; /* NULL: unknown, as long as it can be */
};

struct content_facts {
	const char *text;     /* with {{name}} */
	const char *language; /* BCP 47 */
	const struct content_variable *variables;
	size_t variable_count;
	const char *business, *legal_name; /* either counts as the sender's name */
	const char *identifier;            /* of the sender, "" when it has none */
	bool offer;                        /* the campaign states terms */
	bool offer_expires;                /* and a last day */
	bool template_only;                /* lint of a template without a campaign: offers are not asked for */
	bool one_way;                      /* the sender cannot receive replies: "reply STOP" does not do (P-07) */
};

/* `what` is one sentence with the cure: "the text never says who sends it: write the name of the business". */
typedef void content_problem_fn(void *context, const struct rule *rule, const char *what);

/* Calls back for each rule of `law` in force on `date` that the text breaks, binding ones first, then advice. Returns how many bind. */
int content_judge(
	const struct law *law, struct date date, const struct content_facts *facts, content_problem_fn *on_problem, void *context);

/* Only what a person's own values can break: length, identifier numbers, purity. The first binding rule broken, or NULL. */
const struct rule *content_judge_values(const struct law *law, struct date date, const struct content_facts *facts);

#endif
