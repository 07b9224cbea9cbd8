/*
 * nearest - implementation
 *
 * Optimal string alignment over three rows: O(length x length) per word, for tables of some dozens of names.
 */
#include "nearest.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>

static size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

static int
lower(char character)
{
	return tolower((unsigned char)character);
}

size_t
nearest_distance(const char *a, const char *b)
{
	size_t rows[3][NEAREST_WORD_MAX + 1];
	const size_t a_size = strlen(a), b_size = strlen(b);

	if (a_size > NEAREST_WORD_MAX || b_size > NEAREST_WORD_MAX)
		return SIZE_MAX;
	for (size_t j = 0; j <= b_size; j++)
		rows[0][j] = j;
	for (size_t i = 1; i <= a_size; i++) {
		size_t *row = rows[i % 3], *above = rows[(i + 2) % 3], *two_above = rows[(i + 1) % 3];

		row[0] = i;
		for (size_t j = 1; j <= b_size; j++) {
			row[j] = least(least(above[j], row[j - 1]) + 1, above[j - 1] + (lower(a[i - 1]) != lower(b[j - 1])));
			if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) && lower(a[i - 2]) == lower(b[j - 1]))
				row[j] = least(row[j], two_above[j - 2] + 1);
		}
	}
	return rows[a_size % 3][b_size];
}

const char *
nearest_word(const char *word, const char *const *words, size_t count)
{
	const size_t length = strlen(word);
	size_t best = length < 3 ? 1 : length / 3;
	const char *found = NULL;

	for (size_t i = 0; i < count; i++) {
		const size_t distance = nearest_distance(word, words[i]);

		if (distance < best || (distance == best && found == NULL)) {
			best = distance;
			found = words[i];
		}
	}
	return found;
}
