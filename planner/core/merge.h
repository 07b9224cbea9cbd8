/*
 * merge - what binds one class of people: the conjunction of every rule of every regime that may apply
 *
 * A class is (candidate regions, candidate zones, category, channel, facts that conditions ask about). Its law is computed once and used for
 * everybody in it. Merging is commutative, associative, idempotent and monotone: one more regime or rule never enlarges what may be sent
 * (property test).
 *
 *     struct law law = LAW_INIT;
 *     if (law_merge(rulebook, &facts, &law, &err) == STATUS_OK) ...
 *     law_free(&law);
 *
 * rulebook.h says which module judges which kind of rule. The pointers lead into the rulebook, which must outlive the law. Order: by rule id, so
 * that equal laws are equal arrays.
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
	const char *const *facts; /* words of predicate.h, '?' before one that is unknown; "waived:RULE" lifts a waivable rule */
	size_t fact_count;
};

struct rule_list {
	const struct rule **items; /* by id */
	size_t count;
};

struct law {
	struct rule_list of[RULE_KIND_COUNT]; /* what binds on some date */
	struct rule_list advice; /* what would bind, were its regime enforced or its strength `must`: warnings of lint and reports */
	char *regimes;           /* ids of the regimes that apply, blank separated, sorted: for reports. Never NULL after law_merge */
};

/* clang-format off */
#define LAW_INIT {.regimes = NULL}
/* clang-format on */

MUST_CHECK enum status law_merge(const struct rulebook *rulebook, const struct class_facts *facts, struct law *out, struct err *err);
void law_free(struct law *law);

/* Of what the release gate does not judge anew, all but windows, preferences, consent and breakers, and of the words that its conditions ask about, because the facts of a
 * class answer no others: a message planned under another hash waits for the next plan. */
uint64_t law_terms_hash(const struct rulebook *rulebook, const struct law *law);

/* The truth of a word about a class; a truth_fn with a struct class_facts as its context. */
enum truth class_truth(const void *class_facts, const char *word);

/* The words that conditions of enforced regimes ask about and that are no region: distinct and sorted. The caller frees `*out` but not the words,
 * which belong to the rulebook. */
MUST_CHECK enum status rulebook_words(const struct rulebook *rulebook, const char ***out, size_t *out_count);

/* Whether the rule is in force on this local date. */
bool rule_is_dated(const struct rule *rule, struct date date);

/* What consent must show for a dispatch on this local date: the union of all rules in force then. */
struct consent_need {
	bool required;
	uint32_t evidence;        /* EVIDENCE_BIT mask */
	struct duration good_for; /* the shortest, from the instant the consent was given; 0: for ever */
};
struct consent_need law_consent_need(const struct law *law, struct date date);
/* The first rule in force on the date that asks for something of `missing`, or for consent when `missing` is 0; NULL when none does. */
const struct rule *law_consent_rule(const struct law *law, struct date date, uint32_t missing);

#endif
