/*
 * When a lease may be relied on, how lanes are shared, and when to ask again.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scheduler/policy/lease_rule.h"

#define SECONDS(n) ((n)*US_PER_SECOND)

static const struct duration length = {SECONDS(15)};

static void
a_lease_is_good_until_a_tenth_before_its_end(void **state)
{
	const struct lease lease = lease_until(7, (struct instant){SECONDS(100)}, length);

	(void)state;
	assert_int_equal(lease.epoch, 7);
	assert_true(lease_is_good(&lease, (struct instant){SECONDS(100)}));
	assert_true(lease_is_good(&lease, (struct instant){SECONDS(100) + 13499999}));
	assert_false(lease_is_good(&lease, (struct instant){SECONDS(100) + 13500000}));
	assert_false(lease_is_good(&lease, (struct instant){SECONDS(3600)}));
}

static void
no_lease_is_never_good(void **state)
{
	const struct lease none = {.epoch = 0, .until = {INT64_MAX}};

	(void)state;
	assert_false(lease_is_good(&none, (struct instant){0}));
}

/* Nobody's lane is left over, and nobody has two more than another. */
static void
shares_cover_all_lanes_evenly(void **state)
{
	(void)state;
	for (size_t daemons = 1; daemons < 8; daemons++)
		for (size_t lanes = 0; lanes < 40; lanes++) {
			const size_t share = lease_share(lanes, daemons);

			assert_true(share * daemons >= lanes);
			assert_true(share == 0 || (share - 1) * daemons < lanes);
		}
}

static void
only_what_is_beyond_the_share_is_given_back(void **state)
{
	(void)state;
	assert_int_equal(lease_surplus(5, lease_share(5, 1)), 0);
	assert_int_equal(lease_surplus(5, lease_share(5, 2)), 2);
	assert_int_equal(lease_surplus(2, lease_share(5, 2)), 0);
	assert_int_equal(lease_surplus(3, 0), 3);
}

static void
asks_again_after_a_third_or_when_another_lease_ends(void **state)
{
	(void)state;
	assert_int_equal(lease_pause(length, (struct duration){-1}).us, SECONDS(5));
	assert_int_equal(lease_pause(length, (struct duration){SECONDS(12)}).us, SECONDS(5));
	assert_int_equal(lease_pause(length, (struct duration){SECONDS(2)}).us, SECONDS(2) + 1000);
	assert_int_equal(lease_pause(length, (struct duration){0}).us, 1000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_lease_is_good_until_a_tenth_before_its_end),
		cmocka_unit_test(no_lease_is_never_good),
		cmocka_unit_test(shares_cover_all_lanes_evenly),
		cmocka_unit_test(only_what_is_beyond_the_share_is_given_back),
		cmocka_unit_test(asks_again_after_a_third_or_when_another_lease_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
