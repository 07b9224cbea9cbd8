/*
 * law_cases - the shipped law, and the rows of tests/cases/law_*.txt that say what it means
 *
 *     struct law_cases *cases = law_cases_read();
 *     for (size_t i = 0; i < law_case_count(cases); i++)
 *         if (!law_case_holds(cases, i, answer)) ... law_case_at(cases, i)->file, ->line, ->expected, answer ...
 *     law_cases_free(&cases);
 *
 * A row is a question, an arrow and the answer, in columns with " ; " between them; '#' begins a comment line:
 *
 *     US-TX ; marketing ; sms ; America/Denver ; 2026-11-22 11:59:59 ; with us-tx -> closed ; us-tx.window
 *
 * The head of each file names its columns. Places are ISO 3166 codes, several when a person may be in any of them. A time of day without an offset is
 * what the clock of the row shows. The last column of the answer are the ids of all rules that say so, in their order. The last column of the question
 * may be left out; it says under what the question is asked, with commas between:
 *
 *     with us-tx              the overlay is switched on; `without house` switches a regime off
 *     with option C28 strict  this reading is chosen; `without option C31 strict`: is not
 *     exceptions of RULE      all exceptions of the rule are enabled
 *     should warn             what a `should` does: block, warn or ignore
 *     emergency in US-LA      one is declared there; also: from 2026-08-29T12:00Z until 2026-09-02T00:00Z
 *     number:US, ?tag:health  a fact of predicate.h, or one that is not known; waived:RULE
 *     first_message           nothing was sent to the person before; `not first_message`: something was; else it is not known
 *
 * A line `under: with us-tx` asks all rows below it under that as well, up to the next such line; `under:` alone ends it.
 *
 * What cannot be read ends the test program with file and line. The rulebook is changed while a row is judged and is afterwards as it was.
 */
#ifndef DAYPART_TESTS_SUPPORT_LAW_CASES_H
#define DAYPART_TESTS_SUPPORT_LAW_CASES_H

#include "planner/core/rulebook.h"

enum { LAW_ANSWER_MAX = 4096 };

struct law_case {
	const char *file; /* "law_windows.txt" */
	int line;
	char *expected;  /* "closed ; us-tx.window" */
	char *rules;     /* its last column */
	char *text;      /* the question, cut into fields */
	char *fields[8]; /* without `under` */
	size_t field_count;
	char *under; /* of the row and of its section */
	const struct law_case_kind *kind;
};

struct law_cases;

struct law_cases *law_cases_read(void);
void law_cases_free(struct law_cases **cases);

struct rulebook *law_cases_rulebook(struct law_cases *cases);
size_t law_case_count(const struct law_cases *cases);
const struct law_case *law_case_at(const struct law_cases *cases, size_t index);

/* Whether the law answers as expected; `out_answer` is what it answers. */
bool law_case_holds(struct law_cases *cases, size_t index, char out_answer[LAW_ANSWER_MAX]);
bool law_case_names(const struct law_case *row, const char *rule_id);

#endif
