/* Where a lateness is counted: at its step's end it still belongs to the step. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scheduler/policy/lateness.h"

static void
messages_count_as_the_latest_of_them(void **state)
{
	static const struct {
		int64_t us;
		int step;
	} rows[] = {{-5, 0}, {0, 0}, {1000, 0}, {1001, 1}, {2000, 1}, {99999, 6}, {3600LL * 1000000, LATENESS_STEPS - 1},
		{3600LL * 1000000 + 1, LATENESS_STEPS}};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct lateness lateness = {0};

		lateness_note(&lateness, (struct duration){rows[i].us}, 3);
		for (int step = 0; step <= LATENESS_STEPS; step++)
			assert_int_equal(lateness.counts[step], step == rows[i].step ? 3 : 0);
		assert_int_equal(lateness.sum.us, rows[i].us * 3);
	}
}

static void
steps_rise(void **state)
{
	(void)state;
	for (int i = 1; i < LATENESS_STEPS; i++)
		assert_true(lateness_step(i).us > lateness_step(i - 1).us);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages_count_as_the_latest_of_them),
		cmocka_unit_test(steps_rise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
