/* A binary search finds the first phrase of the set with the same first two bytes; the few that share them are compared one by one. No phrase is
 * shorter (a test sees to it). */
#include "phrases.h"

#include <string.h>

#include "text_fold.h"

const struct phrase phrase_table[] = {
#define PHRASE(set, language, text, use) {text, language, PHRASE_##set, PHRASE_##use},
#include "phrases.def"
#undef PHRASE
};
const size_t phrase_table_count = sizeof(phrase_table) / sizeof(phrase_table[0]);

/* What the table is sorted by, as far as the search goes. */
static uint32_t
key_of(enum phrase_set set, char first, char second)
{
	return (uint32_t)set << 16 | (uint32_t)(unsigned char)first << 8 | (unsigned char)second;
}

/* Without a branch that depends on the texts: which way it goes is as good as random. */
static size_t
lower_bound(uint32_t key)
{
	size_t first = 0;
	for (size_t left = phrase_table_count, half; left > 0; left -= half) {
		half = (left + 1) / 2;
		const struct phrase *middle = &phrase_table[first + half - 1];
		first += key_of(middle->set, middle->text[0], middle->text[1]) < key ? half : 0;
	}
	return first;
}

/* Whether one of the phrase's languages is that of the text. */
static bool
speaks(const struct phrase *phrase, const char *language)
{
	const size_t length = strcspn(language, "-");
	for (const char *at = phrase->language; *at != '\0'; at += strspn(at, " ")) {
		const size_t word = strcspn(at, " ");
		if (length == 0 || (word == length && strncmp(at, language, length) == 0))
			return true;
		at += word;
	}
	return false;
}

/* How much of the text the phrase takes, 0 when it does not stand there. */
static size_t
match(const struct phrase *phrase, const char *begin, const char *at)
{
	const char *text = phrase->text;
	size_t length = 0;
	for (; *text != '\0' && *text != '*'; text++, length++)
		if (at[length] != *text && (*text != ' ' || (at[length] != '-' && at[length] != '_')))
			return 0;
	return *text == '*' || text_is_boundary(begin, at + length) ? length : 0;
}

size_t
phrase_at(enum phrase_set set, const char *begin, const char *at, const char *language, const struct phrase **out)
{
	size_t longest = 0;
	if (*at == '\0' || !text_is_boundary(begin, at))
		return 0;
	const uint32_t key = key_of(set, at[0], at[1] == '-' || at[1] == '_' ? ' ' : at[1]); /* a blank of a phrase may be another mark */
	for (size_t i = lower_bound(key); i < phrase_table_count; i++) {
		const struct phrase *phrase = &phrase_table[i];
		if (key_of(phrase->set, phrase->text[0], phrase->text[1]) != key)
			break;
		const size_t length = match(phrase, begin, at);
		if (length <= longest || (phrase->use == PHRASE_OWN && !speaks(phrase, language)))
			continue;
		longest = length;
		if (out != NULL)
			*out = phrase;
	}
	return longest;
}

const char *
phrase_find(enum phrase_set set, const char *begin, const char *from, const char *until, const char *language)
{
	for (const char *at = from; at < until && *at != '\0'; at = text_next_word(at))
		if (phrase_at(set, begin, at, language, NULL) > 0)
			return at;
	return NULL;
}
