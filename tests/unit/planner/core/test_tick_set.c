#include "planner/core/tick_set.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/support/random.h"

enum { TICKS = 20000, FIRST = -9000 /* some chunks on either side of 0 */ };

/* The same set as one plain array. */
struct plain {
	enum tick_holding ticks[TICKS];
};

static struct tick_counts
counted_before(const struct plain *plain, int at)
{
	struct tick_counts counts = {0, 0};
	for (int i = 0; i < at; i++) {
		counts.taken += plain->ticks[i] == TICK_TAKEN || plain->ticks[i] == TICK_KEPT;
		counts.lent += plain->ticks[i] == TICK_LENT;
	}
	return counts;
}

static bool
nearest(const struct plain *plain, int at, int direction, int64_t *out)
{
	while (at >= 0 && at < TICKS && plain->ticks[at] == TICK_FREE)
		at += direction;
	*out = FIRST + at;
	return at >= 0 && at < TICKS;
}

static int64_t
pass_taken(const struct plain *plain, int at)
{
	while (at < TICKS && (plain->ticks[at] == TICK_TAKEN || plain->ticks[at] == TICK_KEPT))
		at++;
	return FIRST + at;
}

/* Some few here, most of them there, and runs. */
static void
change(struct random_source *random, struct tick_set *set, struct plain *plain)
{
	const int from = (int)random_below(random, TICKS), length = random_chance(random, 20) ? (int)random_below(random, 6000) : 1;
	const enum tick_holding holding = (enum tick_holding)random_below(random, 4);
	for (int at = from; at < from + length && at < TICKS; at++) {
		if (holding == TICK_FREE)
			tick_set_clear(set, FIRST + at);
		else
			assert_int_equal(tick_set_put(set, FIRST + at, holding), STATUS_OK);
		plain->ticks[at] = holding;
	}
}

static void
compare(struct random_source *random, const struct tick_set *set, const struct plain *plain)
{
	const int at = (int)random_below(random, TICKS);
	const struct tick_counts counts = tick_set_count_before(set, FIRST + at), expected = counted_before(plain, at);
	assert_int_equal(tick_set_get(set, FIRST + at), plain->ticks[at]);
	assert_int_equal(counts.taken, expected.taken);
	assert_int_equal(counts.lent, expected.lent);
	assert_int_equal(tick_set_pass_taken(set, FIRST + at), pass_taken(plain, at));
	for (int direction = -1; direction <= 1; direction += 2) {
		int64_t found, wanted;
		const bool there = tick_set_nearest(set, FIRST + at, direction, &found);
		assert_int_equal(there, nearest(plain, at, direction, &wanted));
		if (there)
			assert_int_equal(found, wanted);
	}
}

static void
a_set_answers_as_a_plain_array_does(void **state)
{
	struct random_source random = random_start("tick_set");
	(void)state;
	for (int i = 0; i < 20; i++) {
		struct plain *plain = calloc(1, sizeof *plain);
		struct tick_set *set;
		assert_non_null(plain);
		assert_int_equal(tick_set_create(&set), STATUS_OK);
		for (int round = 0; round < 10; round++) {
			for (size_t changes = random_below(&random, 300); changes > 0; changes--)
				change(&random, set, plain);
			tick_set_settle(set);
			for (int look = 0; look < 40; look++)
				compare(&random, set, plain);
		}
		tick_set_free(&set);
		free(plain);
	}
}

static void
an_empty_set_holds_nothing(void **state)
{
	struct tick_set *set;
	int64_t tick;
	(void)state;
	assert_int_equal(tick_set_create(&set), STATUS_OK);
	tick_set_settle(set);
	assert_int_equal(tick_set_get(set, 7), TICK_FREE);
	assert_int_equal(tick_set_pass_taken(set, -4096), -4096);
	assert_int_equal(tick_set_count_before(set, 7).taken, 0);
	assert_false(tick_set_nearest(set, 0, 1, &tick));
	assert_false(tick_set_nearest(set, 0, -1, &tick));
	tick_set_free(&set);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_set_answers_as_a_plain_array_does),
		cmocka_unit_test(an_empty_set_holds_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
