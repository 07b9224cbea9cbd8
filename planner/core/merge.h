/*
 * merge - what binds one class of people: the conjunction of every rule of every regime that may apply
 *
 * A class is (candidate regions, candidate zones, category, channel). Its law is computed once and used for everybody in it. Merging is
 * commutative, associative, idempotent and monotone: one more regime or rule never enlarges what may be sent (property test).
 *
 *     struct law law = LAW_INIT;
 *     if (law_merge(rulebook, &facts, &law, &err) == STATUS_OK) ...
 *     law_free(&law);
 *
 * Windows are expanded by window.h, caps evaluated by cap.h, consent by eligibility.h. The pointers lead into the rulebook, which must outlive
 * the law. Order: by rule id, so that equal laws are equal arrays.
 */
#ifndef DAYPART_CORE_MERGE_H
#define DAYPART_CORE_MERGE_H

#include "place.h"
#include "rulebook.h"
#include "zone.h"

struct class_facts {
	const char *const *regions; /* sorted, distinct */
	size_t region_count;
	const char *const *zones; /* sorted, distinct */
	size_t zone_count;
	enum category category;
	enum channel channel;
};

struct law {
	const struct rule **windows; /* RULE_WINDOW rules that bind on some date */
	size_t window_count;
	const struct rule **caps;
	size_t cap_count;
	const struct rule **consents;
	size_t consent_count;
	char *regimes; /* ids of the regimes that apply, blank separated, sorted: for reports. Never NULL after law_merge */
};

/* clang-format off */
#define LAW_INIT {.windows = NULL}
/* clang-format on */

MUST_CHECK enum status law_merge(const struct rulebook *rulebook, const struct class_facts *facts, struct law *out, struct err *err);
void law_free(struct law *law);

/* What consent must show for a dispatch on this local date: the union of all rules in force then. */
struct consent_need {
	bool required;
	uint32_t evidence; /* EVIDENCE_BIT mask */
};
struct consent_need law_consent_need(const struct law *law, struct date date);

#endif
