/*
 * protected_file - the words that speak of what nobody is chosen by, from a file
 *
 *     struct protected_words words = PROTECTED_WORDS_INIT;
 *     if (protected_file_read("conf/protected_attributes.cfg", on_problem, NULL, &words, &err) != STATUS_OK) ...
 *     for (size_t i = 0; i < words.count; i++)
 *         printf("%s: %s\n", words.items[i].attribute, words.items[i].word);
 *     protected_words_free(&words);
 *
 * The file is a list of attributes, each with its sources and its words in any language and spelling; the database compares them with names of columns
 * and variables (protected_attribute_of() in sql/migrations). Every problem is reported through `on_problem` with its line, field and cure, and then
 * the file is STATUS_INVALID: it is taken whole or not at all. Ownership: free what you got, also after an error. Threads: no shared state.
 */
#ifndef DAYPART_CONF_PROTECTED_FILE_H
#define DAYPART_CONF_PROTECTED_FILE_H

#include "law_text.h"

enum {
	PROTECTED_TEXT_MAX = 64,       /* bytes of a word, an attribute or its sources, with NUL */
	PROTECTED_ATTRIBUTES_MAX = 64, /* some twenty are known to laws */
	PROTECTED_WORDS_MAX = 200      /* of one attribute */
};

struct protected_word {
	char word[PROTECTED_TEXT_MAX], attribute[PROTECTED_TEXT_MAX], sources[PROTECTED_TEXT_MAX];
};
struct protected_words {
	struct protected_word *items; /* in the order of the file */
	size_t count, room;
};
#define PROTECTED_WORDS_INIT \
	{ \
		.items = NULL \
	}

/* `name` is what problems call the text. `on_problem` may be NULL. */
MUST_CHECK enum status protected_file_parse(
	const char *name, const char *text, law_problem_fn *on_problem, void *context, struct protected_words *out, struct err *err);
MUST_CHECK enum status protected_file_read(
	const char *path, law_problem_fn *on_problem, void *context, struct protected_words *out, struct err *err);
void protected_words_free(struct protected_words *words);

#endif
