/* Turns are the middles of equal parts, class by class. */
#include "planner/core/turn.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const struct {
	uint16_t class;
	uint32_t order;
	double turn;
} people[] = {
	{3, 900, 7.0 / 8},
	{3, 0, 1.0 / 8},
	{3, 800, 5.0 / 8},
	{3, 700, 3.0 / 8},
	{0, 5, 1.0 / 2},
	{UINT16_MAX, UINT32_MAX, 3.0 / 4},
	{UINT16_MAX, 0, 1.0 / 4},
};
enum { PEOPLE = sizeof people / sizeof people[0] };

static void
everybody_of_a_class_has_an_equal_part(void **state)
{
	struct turns *turns;
	(void)state;
	assert_int_equal(turns_create(&turns), STATUS_OK);
	for (size_t i = 0; i < PEOPLE; i++)
		assert_int_equal(turns_add(turns, people[i].class, people[i].order), STATUS_OK);
	turns_settle(turns);
	for (size_t i = 0; i < PEOPLE; i++)
		assert_int_equal(turns_of(turns, people[i].class, people[i].order), (uint32_t)(people[i].turn * 4294967296.0));
	turns_free(&turns);
	assert_null(turns);
}

static void
equal_orders_share_a_turn(void **state)
{
	struct turns *turns;
	(void)state;
	assert_int_equal(turns_create(&turns), STATUS_OK);
	for (int i = 0; i < 1000; i++)
		assert_int_equal(turns_add(turns, 1, (uint32_t)i / 2), STATUS_OK);
	turns_settle(turns);
	assert_int_equal(turns_of(turns, 1, 0), ((uint64_t)1 << 31) / 1000);
	assert_int_equal(turns_of(turns, 1, 499), ((uint64_t)(2 * 998 + 1) << 31) / 1000);
	turns_free(&turns);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everybody_of_a_class_has_an_equal_part),
		cmocka_unit_test(equal_orders_share_a_turn),
	};
	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
