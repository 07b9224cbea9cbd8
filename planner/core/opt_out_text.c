/*
 * A stop word counts by what stands directly before it (a verb of sending, with nothing but a closed list of words between; words about opting out and a
 * colon) or after it (such a verb in languages that put it last, a purpose, a number). "Reply to us before the end of the month" has verb and word, but
 * not so.
 */
#include "opt_out_text.h"

#include <stddef.h>
#include <string.h>

#include "contact.h"
#include "phrases.h"
#include "text_fold.h"

enum {
	BETWEEN_MAX = 3,      /* "sie | bitte | mit dem wort" */
	AFTER_REACH = 48,     /* bytes between a stop word and its verb: "STOPP an 12345 senden" */
	NUMBER_DIGITS_MIN = 3 /* short codes */
};

struct stretch {
	const char *begin, *from, *until;
};

static size_t
phrase_here(const struct stretch *stretch, enum phrase_set set, const char *at)
{
	return at < stretch->until ? phrase_at(set, stretch->begin, at, "", NULL) : 0;
}

static const char *
skip_marks(const struct stretch *stretch, const char *at)
{
	while (at < stretch->until && !text_is_letter(at))
		at = text_next(at);
	return at;
}

static const char *
skip_word_rest(const struct stretch *stretch, const char *at)
{
	while (at < stretch->until && !text_is_boundary(stretch->begin, at))
		at = text_next(at);
	return at;
}

/* "reply" ... the stop word; `at` is past the verb. */
static bool
names_word_to_send(const struct stretch *stretch, const char *at)
{
	for (int i = 0; i <= BETWEEN_MAX; i++) {
		at = skip_marks(stretch, at);
		if (phrase_here(stretch, PHRASE_STOP_WORD, at) > 0)
			return true;
		const size_t between = phrase_here(stretch, PHRASE_BETWEEN, at);
		if (between == 0)
			return false;
		at += between;
	}
	return false;
}

/* "opt out: STOP"; `at` is past the words about opting out. */
static bool
names_word_after_colon(const struct stretch *stretch, const char *at)
{
	at = skip_word_rest(stretch, at);
	const char *word = skip_marks(stretch, at);
	const size_t marks = (size_t)(word - at);
	return strcspn(at, ":=>-(") < marks && phrase_here(stretch, PHRASE_STOP_WORD, word) > 0;
}

/* "STOP au 36111", "STOP to 12345"; `at` is past the stop word. */
static bool
is_sent_to_number(const struct stretch *stretch, const char *at)
{
	at = skip_marks(stretch, at);
	const size_t to = phrase_here(stretch, PHRASE_TO_NUMBER, at);
	if (to == 0)
		return false;
	at += to;
	at += strspn(at, " :+\"'");
	return text_digits(at) >= NUMBER_DIGITS_MIN;
}

/* Whether what follows the stop word makes it one to be sent. */
static bool
is_to_be_sent(const struct stretch *stretch, const char *at)
{
	const char *reach = stretch->until - at > AFTER_REACH ? at + AFTER_REACH : stretch->until;
	const char *next = skip_marks(stretch, at);
	return at[strspn(at, " \"'")] == '=' || phrase_here(stretch, PHRASE_STOP_PURPOSE, next) > 0 ||
		phrase_find(PHRASE_REPLY_AFTER, stretch->begin, at, reach, "") != NULL;
}

static bool
tells_by_word(const struct stretch *stretch, const char *at, bool one_way)
{
	const size_t stop = phrase_here(stretch, PHRASE_STOP_WORD, at);
	if (stop > 0 && (is_sent_to_number(stretch, at + stop) || (!one_way && is_to_be_sent(stretch, at + stop))))
		return true;
	if (one_way)
		return false;
	const size_t reply = phrase_here(stretch, PHRASE_REPLY, at), about = phrase_here(stretch, PHRASE_OPT_OUT, at);
	return (reply > 0 && names_word_to_send(stretch, at + reply)) || (about > 0 && names_word_after_colon(stretch, at + about));
}

static bool
tells_by_contact(const struct stretch *stretch)
{
	const char *begin = stretch->begin, *from = stretch->from, *until = stretch->until;
	return phrase_find(PHRASE_OPT_OUT, begin, from, until, "") != NULL &&
		(contact_has_link(begin, from, until) || contact_has_email(begin, from, until) || contact_has_phone(begin, from, until));
}

bool
opt_out_is_told(const char *begin, const char *from, const char *until, bool one_way)
{
	const struct stretch stretch = {begin, from, until};
	for (const char *at = from; at < until; at = text_next_word(at))
		if (tells_by_word(&stretch, at, one_way))
			return true;
	return tells_by_contact(&stretch);
}
