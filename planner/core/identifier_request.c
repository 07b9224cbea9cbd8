/*
 * From every name of such a number the search goes back for a verb that asks, as far as one breath reaches; in languages that put the verb last it goes
 * forth to the end of the clause. "Never" and its like anywhere in the verb's clause take the request back.
 */
#include "identifier_request.h"

#include <stddef.h>
#include <string.h>

#include "phrases.h"
#include "text_fold.h"

enum { BREATH = 64, NAME_MAX = 64 };

static const char verb_last[] = "de hi ja ko nl tr zh";

struct stretch {
	const char *begin, *from, *until;
};

static bool
ends_clause(char byte)
{
	return byte == ',' || byte == ';';
}

/* Back to the character that begins at or before. */
static const char *
character_at(const char *at)
{
	while (((unsigned char)*at & 0xC0) == 0x80)
		at--;
	return at;
}

static const char *
clause_from(const struct stretch *sentence, const char *at)
{
	while (at > sentence->from && !ends_clause(at[-1]))
		at--;
	return at;
}

static const char *
clause_until(const struct stretch *sentence, const char *at)
{
	while (at < sentence->until && !ends_clause(*at))
		at++;
	return at;
}

static bool
is_taken_back(const struct stretch *sentence, const char *verb, const char *until)
{
	return phrase_find(PHRASE_NEVER, sentence->begin, clause_from(sentence, verb), until, "") != NULL;
}

static bool
is_asked_before(const struct stretch *sentence, const char *noun)
{
	const char *from = noun - sentence->from > BREATH ? character_at(noun - BREATH) : sentence->from;
	const char *verb = phrase_find(PHRASE_ASK, sentence->begin, from, noun, "");
	return verb != NULL && !is_taken_back(sentence, verb, noun);
}

static bool
puts_verb_last(const struct phrase *phrase)
{
	for (const char *at = phrase->language; *at != '\0'; at += strspn(at, " ")) {
		const size_t length = strcspn(at, " ");
		for (const char *last = verb_last; last != NULL; last = strchr(last + 1, ' '))
			if (strncmp(last + (*last == ' '), at, length) == 0)
				return true;
		at += length;
	}
	return false;
}

static bool
is_asked_behind(const struct stretch *sentence, const char *noun_end)
{
	const char *until = clause_until(sentence, noun_end);
	for (const char *at = noun_end; at < until && at - noun_end < BREATH; at = text_next(at)) {
		const struct phrase *verb;
		if (phrase_at(PHRASE_ASK, sentence->begin, at, "", &verb) > 0 && puts_verb_last(verb))
			return !is_taken_back(sentence, noun_end, until);
	}
	return false;
}

/* "CPF:" and "CPF: ____" at the end. */
static bool
is_form_field(const struct stretch *sentence, const char *noun_end)
{
	const char *at = noun_end + strspn(noun_end, " *");
	return *at == ':' && at + 1 + strspn(at + 1, " *_.\n") >= sentence->until;
}

bool
identifier_is_requested(const char *begin, const char *from, const char *until)
{
	const struct stretch sentence = {begin, from, until};
	for (const char *at = from; at < until; at = text_next_word(at)) {
		const size_t length = phrase_at(PHRASE_IDENTIFIER, begin, at, "", NULL);
		if (length > 0 &&
			(is_asked_before(&sentence, at) || is_asked_behind(&sentence, at + length) || is_form_field(&sentence, at + length)))
			return true;
	}
	return false;
}

/* Only a part that says little. */
static bool
is_masked(const char *name)
{
	static const char *const masks[] = {"last", "final", "ultimos", "ending", "masked", "suffix"};
	for (size_t i = 0; i < sizeof(masks) / sizeof(masks[0]); i++)
		if (strstr(name, masks[i]) != NULL)
			return true;
	return false;
}

bool
identifier_variable_is_named(const char *name)
{
	char buffer[NAME_MAX];
	struct folded folded = {.bytes = buffer, .room = sizeof(buffer)};
	fold_text(&folded, name, strlen(name));
	const size_t whole = phrase_at(PHRASE_VARIABLE_NAME, buffer, buffer, "", NULL);
	if (is_masked(buffer))
		return false;
	if ((whole > 0 && whole == folded.length) || phrase_at(PHRASE_IDENTIFIER, buffer, buffer, "", NULL) > 0)
		return true;
	return phrase_at(PHRASE_REFERENCE, buffer, buffer, "", NULL) == 0 &&
		phrase_find(PHRASE_IDENTIFIER, buffer, buffer, buffer + folded.length, "") != NULL;
}
