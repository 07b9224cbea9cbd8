/*
 * random_rulebook - random rulebooks of every kind of rule, with conditions, exceptions, waivers and options; classes of people; messages
 *
 *     struct random_rulebook law;
 *     random_rulebook_fill(&random, &law, near);
 *     ... law.book ...
 *     random_rulebook_clear(&law);
 *
 * Vocabularies are tiny, so that rules and facts meet often: regions BR, IN, US, US-NY, US-TX; a few words; records i0..i3, tags t0..t3, sources
 * s0..s3. A copy shares the conditions; only the first is cleared.
 */
#ifndef DAYPART_TESTS_SUPPORT_RANDOM_RULEBOOK_H
#define DAYPART_TESTS_SUPPORT_RANDOM_RULEBOOK_H

#include "tests/support/naive_terms.h"
#include "tests/support/random_law.h"

enum { RANDOM_REGIMES_MAX = 5, RANDOM_RULES_MAX = 6, RANDOM_WORDS = 7, RANDOM_REGIONS = 5, RANDOM_VOCABULARY = 4 };

extern const char *const random_regions[RANDOM_REGIONS];
extern const char *const random_words[RANDOM_WORDS]; /* of conditions, but for regions */

struct random_rulebook {
	struct rulebook book;
	struct regime regimes[2 * RANDOM_REGIMES_MAX];
	struct rule rules[RANDOM_REGIMES_MAX][RANDOM_RULES_MAX];
};

/* Dated rules begin and end near the instant; windows name the calendar "X". */
void random_rulebook_fill(struct random_source *random, struct random_rulebook *out, struct instant near);
void random_rulebook_copy(struct random_rulebook *out, const struct random_rulebook *from);
void random_rulebook_clear(struct random_rulebook *rulebook);

struct naive_send random_send(struct random_source *random, struct date near);

#endif
