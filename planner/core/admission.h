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
 * What refuses is told in this order, and within a step by rule id:
 *
 *     prohibition     PROHIBITED               a tag of the campaign is on a list (lists of sources are for prohibition_of_source)
 *     registration    NOT_REGISTERED           no record of the item covers the time
 *     attestation     NOT_ATTESTED             the same for attestations and scrubs of registries
 *     template        TEMPLATE_NOT_APPROVED    not approved, for another purpose, idle, too many variables
 *     language        LANGUAGE
 *     content         CONTENT                  anything else of content.h
 *     offer           OFFER_EXPIRED            from the end of the offer's last day on, where a rule asks for that day
 *
 * A rule counts while it is in force where the person may be: broken, it takes just those days away. The stretch that remains is the first one; what
 * lies behind another break is for a later plan. When nothing remains, the reason is that of the first step that is broken all the time, else of
 * the first one that is broken at the beginning.
 *
 * Dates are days of the strictest candidate zone; attestation.h says how records count. An approved template is usable from the beginning
 * of approved_on on, and idle from the beginning of the day that lies the idle time after its last use. One that is not approved cannot be
 * approved before the lead time is over, counted from the beginning of the span.
 *
 * Pure; no allocation.
 */
#ifndef DAYPART_CORE_ADMISSION_H
#define DAYPART_CORE_ADMISSION_H

#include "attestation.h"
#include "content.h"
#include "interval.h"
#include "reason.h"

/* Which people a text of a campaign is for: all, the other ones of a split, those whom the business writes to for the first time. Each person has one. */
enum arm { ARM_A, ARM_B, ARM_FIRST, ARM_COUNT };

/* One language of a template. */
struct variant {
	const char *template; /* its name; NULL where nobody asks */
	enum arm arm;
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
	const struct variant *variants; /* arm by arm, each in its template's own order */
	size_t variant_count;
	unsigned split_percent;                 /* of the people, who are of ARM_B; 0: there is none */
	bool has_first_text;                    /* ARM_FIRST has one */
	const struct attestation *attestations; /* of business, sender, template and campaign */
	size_t attestation_count;
	const char *const *tags; /* of campaign and template, distinct */
	size_t tag_count;
	bool template_only; /* lint of a template without a campaign: sender, offer and campaign are not asked about */
	bool has_offer_terms;
	bool offer_expires;
	struct date offer_expires_on; /* the last day of the offer */
};

struct admission {
	struct interval valid; /* within the span; empty with a reason, and when the span is */
	enum reason reason;
	const struct rule *rule; /* that refuses, NULL when admitted */
	bool needs_session;      /* the text is no approved template: only within a person's service window */
	struct duration session; /* its length */
};

/* `what` is one sentence with the cure, gone after the call. */
typedef void admission_problem_fn(void *context, const struct rule *rule, enum reason reason, const char *what);

/* `on_problem` may be NULL; else it gets every problem within the span, and then advice with REASON_NONE. At least one zone. */
struct admission admission_judge(const struct law *law, const struct terms *terms, const struct variant *variant,
	const struct zone *const *zones, size_t zone_count, struct interval span, admission_problem_fn *on_problem, void *context);

/* The variant that a person of the arm gets whose language is `wanted` ("" when unknown): of those of the arm that the law admits the one in their
 * language, else a shorter or another form of it, else the first. terms->variant_count when the law admits none. `admitted` has one entry a variant. */
size_t admission_choose_variant(const struct terms *terms, const bool *admitted, enum arm arm, const char *wanted);

/* What rules of content judge of a variant, its variables with no value known. Borrows both. */
struct content_facts admission_content_facts(const struct terms *terms, const struct variant *variant);

/* The rule that forbids this method or source of consent on the date (R-016, R-052: pre-ticked, purchased), or NULL. Case does not matter, nor whether
 * its words are joined by blanks, '-' or '_'. */
const struct rule *prohibition_of_source(const struct law *law, struct date date, const char *word);

#endif
