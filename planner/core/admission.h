/*
 * admission - whether campaign, template, sender and business are in order for a class of people, and from when to when
 *
 * Everything that is true of a whole campaign and not of one person: registrations and attestations (R-127 to R-140, F6, F15), the template's
 * approval, purpose and idleness, its text (content.h), goods and uses, the offer's last day, the privacy
 * policy. Each requirement is a stretch of time in which it is met; the message may leave in their intersection with the windows. An
 * empty intersection refuses, with the reason and the rule that emptied it.
 *
 *     struct terms terms = {...};                      // the facts, read from the database
 *     admission_judge(&law, &terms, &variant, span, NULL, NULL, &admission);
 *     if (admission.reason != REASON_NONE) ... admission.rule ...
 *
 * The planner asks once a class and template variant; the facts are digested with the campaign (campaign_digest), so that a change of any of them
 * postpones what is queued until it is planned again, and the gate need not ask. `approve` and `lint` ask with a callback for all problems.
 *
 * Dates of records are days of the strictest candidate zone: a record counts from the end of the day it was given on to the beginning of the day it
 * ends. Pure.
 */
#ifndef DAYPART_CORE_ADMISSION_H
#define DAYPART_CORE_ADMISSION_H

#include "content.h"
#include "interval.h"
#include "reason.h"

/* A registration, attestation, scrub or approval, as recorded. */
struct attestation {
	enum subject subject;
	const char *item; /* "10dlc.tax_number"; "approval" is the approval by a second person */
	struct date given_on;
	struct date valid_until; /* excluded; INT32_MAX when none was stated */
};

/* One language of the template. */
struct variant {
	const char *language, *text;
	const struct content_variable *variables;
	size_t variable_count;
	bool approved, free_form;
	struct date approved_on;  /* INT32_MIN: not known */
	struct date last_used_on; /* INT32_MIN: never; counts from approved_on then */
	enum category category;
};

struct terms {
	enum category category; /* of the campaign */
	const char *business, *legal_name, *identifier;
	bool one_way;
	const struct variant *variants; /* in the template's own order */
	size_t variant_count;
	const struct attestation *attestations; /* of business, sender, template and campaign */
	size_t attestation_count;
	const char *const *tags; /* of campaign and template, distinct */
	size_t tag_count;
	bool has_offer_terms;
	bool offer_expires;
	struct date offer_expires_on; /* the last day of the offer */
};

struct admission {
	struct interval valid; /* within the span; empty with a reason */
	enum reason reason;
	const struct rule *rule; /* that refuses, NULL when admitted */
	bool needs_session;      /* the text is no approved template: only within a person's service window */
	struct duration session; /* its length */
};

typedef void admission_problem_fn(void *context, const struct rule *rule, enum reason reason, const char *what);

/* `on_problem` may be NULL; else it gets every problem within the span, and advice with REASON_NONE. */
struct admission admission_judge(const struct law *law, const struct terms *terms, const struct variant *variant,
	const struct zone *const *zones, size_t zone_count, struct interval span, admission_problem_fn *on_problem, void *context);

/* The variant that a person gets whose language is `wanted` ("" when unknown): of those the law admits the one in their language, else a shorter
 * or another form of it, else the first. terms->variant_count when the law admits none. `admitted` has one entry a variant. */
size_t admission_choose_variant(const struct terms *terms, const bool *admitted, const char *wanted);

#endif
