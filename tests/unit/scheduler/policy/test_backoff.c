/* Waits double up to the most, keep their jitter inside [half, whole], and repeat with the seed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scheduler/policy/backoff.h"

static struct backoff
fresh(uint64_t seed)
{
	return (struct backoff){.least = {100}, .most = {1500}, .seed = seed};
}

static void
doubles_within_the_jitter_up_to_the_most(void **state)
{
	static const int64_t whole[] = {100, 200, 400, 800, 1500, 1500, 1500};

	(void)state;
	for (uint64_t seed = 0; seed < 500; seed++) {
		struct backoff backoff = fresh(seed);

		for (size_t i = 0; i < sizeof whole / sizeof whole[0]; i++)
			assert_in_range(backoff_next(&backoff).us, whole[i] / 2, whole[i]);
		backoff_reset(&backoff);
		assert_in_range(backoff_next(&backoff).us, 50, 100);
	}
}

static void
never_overflows(void **state)
{
	struct backoff backoff = fresh(1);

	(void)state;
	backoff.most.us = INT64_MAX / 4;
	for (int i = 0; i < 200; i++)
		assert_true(backoff_next(&backoff).us > 0);
}

static void
the_seed_decides(void **state)
{
	struct backoff a = fresh(7), b = fresh(7), c = fresh(8);
	int different = 0;

	(void)state;
	for (int i = 0; i < 20; i++) {
		const int64_t wait = backoff_next(&a).us;

		assert_int_equal(wait, backoff_next(&b).us);
		different += wait != backoff_next(&c).us;
	}
	assert_true(different > 10);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(doubles_within_the_jitter_up_to_the_most),
		cmocka_unit_test(never_overflows),
		cmocka_unit_test(the_seed_decides),
	};
	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
