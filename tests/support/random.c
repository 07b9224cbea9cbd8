#include "tests/support/random.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

struct random_source
random_start(const char *test_name)
{
	const char *given = getenv("DAYPART_SEED");
	uint64_t seed = given ? strtoull(given, NULL, 10) : 1;
	fprintf(stderr, "%s: DAYPART_SEED=%" PRIu64 "\n", test_name, seed);
	return (struct random_source){seed};
}

/* SplitMix64 */
uint64_t
random_next(struct random_source *random)
{
	uint64_t x = random->state += UINT64_C(0x9e3779b97f4a7c15);
	x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
	return x ^ (x >> 31);
}

uint64_t
random_below(struct random_source *random, uint64_t bound)
{
	return random_next(random) % bound;
}

int64_t
random_between(struct random_source *random, int64_t low, int64_t high)
{
	return low + (int64_t)random_below(random, (uint64_t)(high - low) + 1);
}

bool
random_chance(struct random_source *random, unsigned percent)
{
	return random_below(random, 100) < percent;
}

int
random_rounds(int usual)
{
	const char *given = getenv("DAYPART_TORTURE_ROUNDS");

	return given ? (int)strtol(given, NULL, 10) : usual;
}
