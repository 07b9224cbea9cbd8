/* Turns are the middles of equal parts, class by class. */
#include "planner/core/turn.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

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

static int
compare_orders(const void *a, const void *b)
{
	const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return (x > y) - (x < y);
}

/* So many that they are divided by their bits: spread over all of them, in the lowest few, and all the same. */
static void
a_large_class_is_ranked_as_a_small_one(void **state)
{
	enum { MANY = 100000 };
	static const uint32_t factors[] = {UINT32_C(2654435769), 1, 0};
	uint32_t *const orders = malloc(MANY * sizeof *orders);
	(void)state;
	assert_non_null(orders);
	for (size_t f = 0; f < sizeof factors / sizeof *factors; f++) {
		struct turns *turns;
		size_t first = 0; /* of those that are equal */
		assert_int_equal(turns_create(&turns), STATUS_OK);
		for (uint32_t i = 0; i < MANY; i++) {
			orders[i] = i * factors[f];
			assert_int_equal(turns_add(turns, 0, orders[i]), STATUS_OK);
		}
		turns_settle(turns);
		qsort(orders, MANY, sizeof *orders, compare_orders);
		for (size_t rank = 0; rank < MANY; rank++) {
			if (orders[rank] != orders[first])
				first = rank;
			assert_int_equal(turns_of(turns, 0, orders[rank]), ((uint64_t)(2 * first + 1) << 31) / MANY);
		}
		turns_free(&turns);
	}
	free(orders);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everybody_of_a_class_has_an_equal_part),
		cmocka_unit_test(equal_orders_share_a_turn),
		cmocka_unit_test(a_large_class_is_ranked_as_a_small_one),
	};
	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
