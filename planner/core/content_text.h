/*
 * content_text - a text as one person reads it: filled in, folded, and sentence by sentence
 *
 *     struct content_text text;
 *     content_text_fill(&text, &facts);
 *     struct sentence sentence = {.until = text.folded.bytes};
 *     while (content_text_next(&text, &sentence)) ... [sentence.from, sentence.until) ...
 *
 * {{name}} of a declared variable becomes its value. Where the value is not known stands CONTENT_UNKNOWN, or "https://name" for a variable that is named
 * as a link. Other braces stay. A sentence ends with '.', '!' or '?' before a blank, and with a line, unless the line ends with a colon.
 *
 * Pure; no allocation: the struct is large (CONTENT_TEXT_MAX) and meant for the stack, filled once and not copied.
 */
#ifndef DAYPART_CORE_CONTENT_TEXT_H
#define DAYPART_CORE_CONTENT_TEXT_H

#include "content.h"
#include "text_fold.h"

#define CONTENT_UNKNOWN "\x01"

enum { CONTENT_VALUES_MAX = 64 }; /* places told apart; with more of them every sentence counts as holding a value */

struct content_text {
	struct folded folded;
	size_t value_count;
	struct {
		const char *from, *until; /* in the folded text, ascending */
	} values[CONTENT_VALUES_MAX];
	char bytes[CONTENT_TEXT_MAX];
};

struct sentence {
	const char *from, *until;
	bool has_value; /* some of it is a known value, or one touches it */
};

void content_text_fill(struct content_text *out, const struct content_facts *facts);
/* The sentence after this one; false at the end. */
bool content_text_next(const struct content_text *text, struct sentence *sentence);

/* Characters of the filled-in text, an unknown value at its longest. */
int64_t content_text_length(const struct content_facts *facts);

#endif
