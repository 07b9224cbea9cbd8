/*
 * class_words - which of the words that the rulebook's conditions ask about are true of whom, in one campaign
 *
 *     class_words_create(&setup, &words, &err);
 *     class_words_of(words, &(struct word_person){number_place(phone), evidence}, facts, &count);
 *     ... law_merge(..., .facts = facts, ...) ...
 *
 * Only words that are asked about are told, so that classes stay few: what is true as it is, what is unknown with '?' before it, what is false not
 * at all (predicate.h). A number whose candidates lie partly in a region makes number:REGION unknown; so does a sender whose country nobody
 * stated for sender:COUNTRY. consent:EVIDENCE is told only where the consent shows it.
 *
 * The texts belong to the words and live as long; equal lists hold equal pointers.
 */
#ifndef DAYPART_CORE_CLASS_WORDS_H
#define DAYPART_CORE_CLASS_WORDS_H

#include "admission.h"
#include "number.h"

/* What stands behind a campaign besides its terms. */
struct campaign_words {
	const char *sender_country; /* "" when not known */
	const char *sender_type;    /* number, short_code or alphanumeric; "" when not known */
	const char *const *tags;    /* distinct */
	size_t tag_count;
	const char *const *partial_tags; /* those that some texts of the campaign declare and others do not: unknown */
	size_t partial_tag_count;
	const char *const *waived;       /* rules waived for the business, with... */
	const struct date *waived_until; /* ...the day on which the waiver ends */
	size_t waived_count;
};

/* Whether a message is the first of its business to a person (F10). */
enum message_order { ORDER_ANY, ORDER_FIRST, ORDER_LATER }; /* ORDER_ANY: nobody looked */
/* As in class.message_order: "", "first" and "later". */
const char *message_order_name(enum message_order order);

struct class_words;
MUST_CHECK enum status class_words_create(
	const struct rulebook *rulebook, const struct campaign_words *campaign, struct class_words **out, struct err *err);
void class_words_free(struct class_words **words);

/* The evidence that conditions ask about: people who differ in nothing else share a class. */
uint32_t class_words_evidence(const struct class_words *words);
/* Whether a condition asks which message is the first. */
bool class_words_ask_order(const struct class_words *words);
/* How many facts there can be at most. */
size_t class_words_limit(const struct class_words *words);

struct word_person {
	const struct number_place *number;
	uint32_t evidence; /* of a consent that is granted */
	bool free_form;    /* the text they get */
	enum message_order order;
	/* A waiver counts when it lasts until the end of what is planned, in every candidate zone. */
	const struct zone *const *zones;
	size_t zone_count;
	struct instant until;
};
/* Fills `out`, of class_words_limit; returns how many. In one order always. */
size_t class_words_of(const struct class_words *words, const struct word_person *person, const char **out);

#endif
