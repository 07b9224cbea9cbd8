/*
 * nearest - the known word a mistyped one was probably meant to be
 *
 *     const char *meant = nearest_word("relase", words, count);   // "release", or NULL when nothing is near
 */
#ifndef DAYPART_CONF_NEAREST_H
#define DAYPART_CONF_NEAREST_H

#include <stddef.h>

enum { NEAREST_WORD_MAX = 128 }; /* longer words are never mistyped names */

/* Insertions, deletions, replacements and swaps of neighbours, in bytes and without regard to the case of ASCII letters. */
size_t nearest_distance(const char *a, const char *b);

/* The first of the words with the smallest distance, if that is at most a third of the length of `word` (at least 1). */
const char *nearest_word(const char *word, const char *const *words, size_t count);

#endif
