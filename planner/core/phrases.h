/*
 * phrases - the words that texts are searched for: stop words, labels, promotional words and the like; the lists are in phrases.def
 *
 *     const char *at = "reply stop to end";                   // folded (text_fold.h)
 *     size_t length = phrase_at(PHRASE_REPLY, at, at, "en", NULL);
 *
 * Pure; no allocation; logarithmic in the size of a set, for lists may grow.
 */
#ifndef DAYPART_CORE_PHRASES_H
#define DAYPART_CORE_PHRASES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum phrase_set {
	PHRASE_STOP_WORD,
	PHRASE_REPLY,
	PHRASE_REPLY_AFTER,
	PHRASE_BETWEEN,
	PHRASE_STOP_PURPOSE,
	PHRASE_TO_NUMBER,
	PHRASE_OPT_OUT,
	PHRASE_LABEL,
	PHRASE_PROMOTIONAL,
	PHRASE_IDENTIFIER,
	PHRASE_VARIABLE_NAME,
	PHRASE_ASK,
	PHRASE_NEVER,
	PHRASE_REFERENCE,
	PHRASE_SET_COUNT
};

enum phrase_use { PHRASE_ANY, PHRASE_OWN, PHRASE_MARKED };

/* One cache line, for the search reads little else. */
struct phrase {
	char text[48];
	char language[14]; /* primary subtags, blank separated */
	uint8_t set, use;
};

/* All of them, by set and then by the bytes of the text. */
extern const struct phrase phrase_table[];
extern const size_t phrase_table_count;

/* The length of the longest phrase of the set that stands as a word at `at` in the folded text from `begin`; 0 when none does. `language` (BCP 47)
 * is that of the text, "" when it is not known: then all languages count. `out`, unless NULL, gets the phrase. */
size_t phrase_at(enum phrase_set set, const char *begin, const char *at, const char *language, const struct phrase **out);

/* The same, anywhere in [from, until) of that text: where it begins, or NULL. It may end after `until`. */
const char *phrase_find(enum phrase_set set, const char *begin, const char *from, const char *until, const char *language);

#endif
