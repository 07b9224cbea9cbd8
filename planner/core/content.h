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
 * Words for "stop", labels and promotional words are lists per language in phrases.def; matching ignores case, width and accents where a person
 * would (text_fold.h). Identifier numbers are matched with their check digits (identifier_numbers.h), so that an order number is none.
 *
 *     sender_name         the business or legal name occurs, in the text itself
 *     opt_out             a sentence tells how to opt out (opt_out_text.h)
 *     offer_terms         the campaign states terms; offer_expiry: and a last day, which admission.h compares with the dispatch
 *     promotional_label   the first word is a label: [AD], Promo, Oferta, (광고); a notice about rates is none (C24)
 *     support_contact     a toll-free number or an e-mail address (contact.h)
 *     identifier          the sender's identifier, letter by letter, and as long as the rule says
 *     pure                no word of promotion, not in a link either
 *     no_identifiers      no card, account or identity number, no request for one, no variable named like one
 *
 * Limits: a filled-in text of more than CONTENT_TEXT_MAX bytes is searched up to there, and breaks what asks for the absence of something.
 *
 * Pure; no allocation. Texts are UTF-8 and end with NUL. Cost: linear in the filled-in text; nothing for content_judge_values when there are no
 * variables, else the words of the sentences that hold one. Rows,
 *
 */
#ifndef DAYPART_CORE_CONTENT_H
#define DAYPART_CORE_CONTENT_H

#include "merge.h"

enum {
	CONTENT_TEXT_MAX = 32 * 1024, /* a template's 4096 characters at four bytes each, and as much again for values */
	CONTENT_PROBLEM_MAX = 320     /* bytes of a problem's sentence */
};

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

/* `what` is one sentence with the cure: "the text never says who sends it: write the name of the business". It is gone after the call. */
typedef void content_problem_fn(void *context, const struct rule *rule, const char *what);

/* Calls back for each thing that a rule of `law` in force on `date` misses in the text, binding rules first, then advice. Returns how many things
 * bind. `on_problem` may be NULL. */
int content_judge(
	const struct law *law, struct date date, const struct content_facts *facts, content_problem_fn *on_problem, void *context);

/* The two parts of it for one content rule, whatever its dates: its languages, and all else. */
bool content_admits_language(const struct rule *rule, const char *language);
int content_judge_text(const struct rule *rule, const struct content_facts *facts, content_problem_fn *on_problem, void *context);

/* Only what a person's own values can break: length, identifier numbers, purity. The first binding rule broken, or NULL. */
const struct rule *content_judge_values(const struct law *law, struct date date, const struct content_facts *facts);

#endif
