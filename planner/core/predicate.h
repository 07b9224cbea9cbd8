/*
 * predicate - conditions of rules: words about facts, joined by and, or, not; what is not known is a value
 *
 *     number:US and not (consent:customer or sender_type:short_code)
 *
 * A word is a kind, a colon and a value, but for first_message:
 *
 *     region:US-TX      every place the person may be in lies there (unknown when only some do)
 *     number:US         the number's own places do, whatever was declared
 *     sender:IN         the country of the sender
 *     sender_type:T     number, short_code or alphanumeric
 *     tag:alcohol       the campaign or its template declares this tag
 *     template:free_form
 *     first_message     the business has sent the person nothing before; the one word without a value
 *     consent:EVIDENCE  the consent shows it; what it does not show is unknown, never false
 *
 * Three-valued logic after Kleene: unknown and false is false, unknown or true is true, not unknown is unknown. `when` of a rule counts unknown
 * as true, `if` of an exception needs true: not knowing can only tighten (REGULATIONS 3.3, steps 2 and 4).
 *
 * Facts are a list of texts (class_facts in merge.h): "tag:alcohol" is true, "?number:US" unknown, what is absent false; but a consent: that is
 * absent is unknown. Regions are asked of the class itself.
 *
 * Kinds and values are checked when a condition is read (regions are real, evidence is in the vocabulary); of a tag only its form.
 *
 * Ownership: predicate_free. Immutable once parsed. Errors of predicate_parse: STATUS_INVALID with the offending word and the cure; memory.
 */
#ifndef DAYPART_CORE_PREDICATE_H
#define DAYPART_CORE_PREDICATE_H

#include "status.h"

#include <stdbool.h>
#include <stddef.h>

enum { PREDICATE_WORDS_MAX = 24, PREDICATE_WORD_MAX = 48, PREDICATE_TEXT_MAX = 400 };

enum truth { TRUTH_FALSE, TRUTH_UNKNOWN, TRUTH_TRUE };

struct predicate;

/* What a word is worth: "number:US". */
typedef enum truth truth_fn(const void *context, const char *word);

MUST_CHECK enum status predicate_parse(const char *text, struct predicate **out, struct err *err);
void predicate_free(struct predicate **predicate);

/* NULL, no condition, is true. */
enum truth predicate_judge(const struct predicate *predicate, truth_fn *truth, const void *context);

/* The words it asks about; count 0 for NULL. */
size_t predicate_word_count(const struct predicate *predicate);
const char *predicate_word(const struct predicate *predicate, size_t index);
/* As it was written. "" for NULL. */
const char *predicate_text(const struct predicate *predicate);

#endif
