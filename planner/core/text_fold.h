/*
 * text_fold - texts as a reader compares them: without case, width, accents and what is invisible
 *
 *     char buffer[128];
 *     struct folded name = {.bytes = buffer, .room = sizeof(buffer)};
 *     fold_text(&name, text, strlen(text));               // "Ｉpê  MÓVEIS" becomes "ipe moveis"
 *
 * Digits of all scripts become 0-9, typographic quotes, dashes and brackets their plain forms, and a full stop of another script ". ". Blanks are
 * joined to one, line ends to one line feed, and blanks beside a line feed and at the beginning vanish. Scripts that are not Latin keep their
 * letters, in lower case. Bytes that are no UTF-8 become '?'.
 *
 * Words: between two letters or digits lies no boundary, except in scripts that are written without blanks, where each character is a word.
 *
 * Pure; no allocation; linear in the text. A folded text ends with NUL and holds no other.
 */
#ifndef DAYPART_CORE_TEXT_FOLD_H
#define DAYPART_CORE_TEXT_FOLD_H

#include <stdbool.h>
#include <stddef.h>

struct folded {
	char *bytes; /* of the caller, `room` of them, at least 1 */
	size_t length, room;
	bool cut; /* there was more than fits */
};

/* Appends the folded form of `size` bytes. */
void fold_text(struct folded *out, const char *text, size_t size);

/* How many characters (code points) the bytes are. */
size_t text_length(const char *text, size_t size);

/* In a folded text that begins at `begin`: */
bool text_is_letter(const char *at);                      /* a letter or digit of any script begins here; false for its end */
bool text_is_boundary(const char *begin, const char *at); /* a word may begin or end here */
const char *text_next(const char *at);                    /* past the character that begins here */
const char *text_next_word(const char *at);               /* where the next word may begin: past the rest of this one and a blank */
bool text_holds_word(const char *text, const char *word); /* with boundaries on both sides; false for "" */
size_t text_digits(const char *at);                       /* how many ASCII digits stand here */

#endif
