/*
 * random - repeatable random numbers for property tests
 *
 *     struct random_source random = random_start("window_oracle");   prints the seed, 1 unless DAYPART_SEED=...
 *     unsigned day = random_below(&random, 7);
 */
#ifndef DAYPART_TESTS_SUPPORT_RANDOM_H
#define DAYPART_TESTS_SUPPORT_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

struct random_source {
	uint64_t state;
};

struct random_source random_start(const char *test_name);
uint64_t random_next(struct random_source *random);
uint64_t random_below(struct random_source *random, uint64_t bound);             /* 0 .. bound - 1 */
int64_t random_between(struct random_source *random, int64_t low, int64_t high); /* both included */
bool random_chance(struct random_source *random, unsigned percent);

/* How often a test repeats what it draws by lot: `usual`, unless DAYPART_TORTURE_ROUNDS says otherwise. */
int random_rounds(int usual);

#endif
