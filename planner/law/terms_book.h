/*
 * terms_book - what admission.h asks about a campaign, or about a template alone, read from the database
 *
 *     terms_book_read(session, "spring", &book, &err);            // a campaign: STATUS_NOT_FOUND when there is none
 *     admission_judge(&law, &book->terms, &book->terms.variants[0], ...);
 *     terms_book_free(&book);
 *
 * Read in the caller's transaction, so that planner and approval see one state. Attestations of business, sender, template and campaign come
 * together; an approval by a second person that still fits its subject is the attestation "approval". The texts are those of all templates of the
 * campaign. Everything `terms` points to belongs to the book.
 */
#ifndef DAYPART_PLANNER_LAW_TERMS_BOOK_H
#define DAYPART_PLANNER_LAW_TERMS_BOOK_H

#include "planner/core/admission.h"
#include "planner/core/budget.h"
#include "sql/session.h"

struct terms_book {
	struct terms terms;
	struct sender_facts sender; /* of the campaign */
	const char *template;       /* its name */
	const char *sender_country; /* "" when not known */
	const char *sender_type;    /* number, short_code or alphanumeric, from the address */
	int headroom_percent;       /* of the sender's pace */
	enum channel channel;
	const char *const *partial_tags; /* those of terms.tags that not every text of the campaign declares */
	size_t partial_tag_count;
	const char *const *waived;       /* rules waived for the business, with... */
	const struct date *waived_until; /* ...the day on which the waiver ends */
	size_t waived_count;
	struct attestation *bound; /* the book's own, by terms_book_bind_provider */
};

MUST_CHECK enum status terms_book_read(struct session *session, const char *campaign, struct terms_book **out, struct err *err);
/* A template without a campaign: no sender, no offer, no tags of a campaign. */
MUST_CHECK enum status terms_book_read_template(struct session *session, const char *template, struct terms_book **out, struct err *err);
/* what a platform asks of a business it asks of the provider that sends for it, too. A business without one: nothing changes. Once a book. */
MUST_CHECK enum status terms_book_bind_provider(
	struct session *session, const struct rulebook *rulebook, struct terms_book *book, struct err *err);
void terms_book_free(struct terms_book **book);

#endif
