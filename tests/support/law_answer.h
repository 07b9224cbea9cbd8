/*
 * law_answer - what the core answers to one row of tests/cases/law_*.txt, in the words of those files
 *
 * law_cases.h reads the rows; here each kind of row has a function that asks the modules of planner/core as planner and gate do and writes the answer.
 * What a row says wrongly ends the test program through law_row_fail.
 */
#ifndef DAYPART_TESTS_SUPPORT_LAW_ANSWER_H
#define DAYPART_TESTS_SUPPORT_LAW_ANSWER_H

#include "planner/core/merge.h"
#include "planner/core/window.h"
#include "tests/support/law_cases.h"

enum { LAW_PLACES_MAX = 8, LAW_FACTS_MAX = 32, LAW_WORDS_MAX = 64 };

struct law_question {
	const struct law_case *row;
	struct rulebook *rulebook;
	struct window_context context;
	const char *under[LAW_WORDS_MAX]; /* what of `under` only this kind of row understands */
	size_t under_count;
	uint32_t evidence; /* law_consents.txt */
	char consent[LAW_FACTS_MAX][32];
	char text[LAW_ANSWER_MAX]; /* copies of what the pointers below point into */
	const char *regions[LAW_PLACES_MAX], *facts[LAW_FACTS_MAX];
	struct emergency emergencies[LAW_PLACES_MAX];
	struct class_facts class;
	struct law law; /* of the class */
};

typedef void law_answer_fn(struct law_question *question, char out[LAW_ANSWER_MAX]);

struct law_case_kind {
	const char *file;
	size_t columns; /* of the question, without `under` */
	bool merges;    /* begins with place, category and channel */
	law_answer_fn *answer;
	void (*prepare)(struct law_question *question); /* what the class must know before its law is merged; or NULL */
};

law_answer_fn law_answer_window, law_answer_cap, law_answer_consent, law_answer_number, law_answer_source, law_answer_content,
	law_answer_duty, law_answer_terms, law_answer_volume, law_answer_breaker;

/* The evidence of the consent as facts of the class. */
void law_prepare_consent(struct law_question *question);

/* Appends a word, after a blank unless the text ends with one or is empty. */
void law_append(char out[LAW_ANSWER_MAX], const char *word);
/* The words of a text, which is cut up; ends the program when there are more than `limit`. */
size_t law_split(const struct law_case *row, char *text, const char *separators, const char **out, size_t limit);
/* An instant: with an offset, or as the clock of `zone` shows it. */
struct instant law_instant(const struct law_case *row, const struct zone *zone, const char *text);
void law_row_fail(const struct law_case *row, const char *format, ...) __attribute__((format(printf, 2, 3), noreturn));

#endif
