/*
 * Interval sets, drawn: one character is one microsecond, '#' is inside, '.' outside. The drawing is also the oracle: an operation on sets must
 * equal the same operation on each character.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "planner/core/interval.h"

enum { WIDTH = 6, PICTURES = 1 << WIDTH };

static struct interval
stretch(int64_t from, int64_t until)
{
	return (struct interval){{from}, {until}};
}

/* Bit i of `picture` says whether microsecond i is inside. Added backwards every other time, so that order cannot matter. */
static struct interval_set
set_of(unsigned picture)
{
	struct interval_set set = INTERVAL_SET_INIT;

	for (int step = 0; step < WIDTH; step++) {
		const int i = picture % 2 == 0 ? step : WIDTH - 1 - step;

		if (picture >> i & 1)
			assert_int_equal(interval_set_add(&set, stretch(i, i + 1)), STATUS_OK);
	}
	return set;
}

static unsigned
picture_of(const struct interval_set *set)
{
	unsigned picture = 0;

	for (int i = 0; i < WIDTH; i++)
		picture |= (unsigned)(interval_set_find(set, (struct instant){i}) != NULL) << i;
	return picture;
}

static void
assert_canonical(const struct interval_set *set)
{
	for (size_t i = 0; i < set->count; i++) {
		assert_true(set->items[i].from.us < set->items[i].until.us);
		if (i > 0)
			assert_true(set->items[i - 1].until.us < set->items[i].from.us);
	}
}

static void
assert_picture(const struct interval_set *set, unsigned picture)
{
	struct interval_set expected = set_of(picture);

	assert_canonical(set);
	assert_int_equal(picture_of(set), picture);
	assert_true(interval_set_equal(set, &expected));
	interval_set_free(&expected);
}

static void
every_pair_of_small_sets(void **state)
{
	struct interval_set out = INTERVAL_SET_INIT;

	(void)state;
	for (unsigned a = 0; a < PICTURES; a++) {
		struct interval_set left = set_of(a);

		assert_picture(&left, a);
		for (unsigned b = 0; b < PICTURES; b++) {
			struct interval_set right = set_of(b);

			assert_int_equal(interval_set_intersect(&left, &right, &out), STATUS_OK);
			assert_picture(&out, a & b);
			assert_int_equal(interval_set_subtract(&left, &right, &out), STATUS_OK);
			assert_picture(&out, a & ~b);
			assert_int_equal(interval_set_equal(&left, &right), a == b);
			interval_set_free(&right);
		}
		interval_set_free(&left);
	}
	interval_set_free(&out);
}

/* Adding one interval, of any length and place, to every small set. */
static void
every_addition(void **state)
{
	(void)state;
	for (unsigned picture = 0; picture < PICTURES; picture++) {
		for (int from = 0; from <= WIDTH; from++) {
			for (int until = 0; until <= WIDTH; until++) {
				struct interval_set set = set_of(picture);
				const unsigned added = until > from ? ((1U << until) - 1) & ~((1U << from) - 1) : 0;

				assert_int_equal(interval_set_add(&set, stretch(from, until)), STATUS_OK);
				assert_picture(&set, picture | added);
				interval_set_free(&set);
			}
		}
	}
}

static void
next_is_the_first_that_ends_later(void **state)
{
	static const struct {
		int64_t at, from; /* from -1: none */
	} rows[] = {{-5, 10}, {9, 10}, {10, 10}, {19, 10}, {20, 30}, {29, 30}, {30, 30}, {39, 30}, {40, -1}, {99, -1}};
	struct interval_set set = INTERVAL_SET_INIT;

	(void)state;
	assert_null(interval_set_next(&set, (struct instant){0}));
	assert_int_equal(interval_set_add(&set, stretch(10, 20)), STATUS_OK);
	assert_int_equal(interval_set_add(&set, stretch(30, 40)), STATUS_OK);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct interval *next = interval_set_next(&set, (struct instant){rows[i].at});

		assert_int_equal(next == NULL ? -1 : next->from.us, rows[i].from);
	}
	interval_set_free(&set);
}

static void
many_intervals_in_any_order(void **state)
{
	enum { MANY = 1000 };
	struct interval_set set = INTERVAL_SET_INIT;

	(void)state;
	for (int i = 0; i < MANY; i++) {
		const int64_t place = i * INT64_C(617) % MANY; /* 617 is coprime to 1000: every place once, scattered */

		assert_int_equal(interval_set_add(&set, stretch(place * 10, place * 10 + 5)), STATUS_OK);
	}
	assert_canonical(&set);
	assert_int_equal(set.count, MANY);
	assert_int_equal(interval_set_add(&set, stretch(-1, MANY * 10)), STATUS_OK);
	assert_int_equal(set.count, 1);
	interval_set_free(&set);
	assert_null(set.items);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_pair_of_small_sets),
		cmocka_unit_test(every_addition),
		cmocka_unit_test(next_is_the_first_that_ends_later),
		cmocka_unit_test(many_intervals_in_any_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
