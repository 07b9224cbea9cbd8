/* Against a line of a hundred marks: exact as long as there is room, never smaller afterwards. */
#include "planner/core/breaks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/random.h"

enum { LINE = 100, ROUNDS = 20000 };

static void
draw(bool line[LINE], const struct breaks *breaks)
{
	memset(line, 0, LINE * sizeof(line[0]));
	for (size_t i = 0; i < breaks->count; i++)
		for (int64_t at = breaks->items[i].from.us; at < breaks->items[i].until.us; at++)
			line[at] = true;
}

static void
check_order(const struct breaks *breaks)
{
	assert_true(breaks->count <= BREAKS_MAX);
	for (size_t i = 0; i < breaks->count; i++) {
		assert_false(interval_is_empty(breaks->items[i]));
		assert_true(i == 0 || breaks->items[i - 1].until.us < breaks->items[i].from.us);
	}
}

static void
check_gap(const struct breaks *breaks, const bool line[LINE], struct interval span)
{
	const struct interval gap = breaks_first_gap(breaks, span);
	int64_t from = span.from.us, until;
	while (from < span.until.us && line[from])
		from++;
	for (until = from; until < span.until.us && !line[until];)
		until++;
	assert_int_equal(gap.from.us, from);
	assert_int_equal(gap.until.us, until);
}

static void
unions_of_random_stretches(void **state)
{
	(void)state;
	struct random_source random = random_start("breaks");
	for (int left = random_rounds(ROUNDS); left > 0; left--) {
		struct breaks breaks = {.count = 0};
		bool wanted[LINE] = {false}, line[LINE];
		bool exact = true;
		const int count = (int)random_below(&random, 40), longest = 1 + (int)random_below(&random, 12);
		for (int i = 0; i < count; i++) {
			const int64_t from = (int64_t)random_below(&random, LINE), length = (int64_t)random_below(&random, (uint64_t)longest);
			const struct interval one = {{from}, {from + length < LINE ? from + length : LINE}};
			breaks_add(&breaks, one);
			for (int64_t at = one.from.us; at < one.until.us; at++)
				wanted[at] = true;
			exact = exact && breaks.count < BREAKS_MAX;
			check_order(&breaks);
		}
		draw(line, &breaks);
		for (int at = 0; at < LINE; at++)
			assert_true(exact ? line[at] == wanted[at] : line[at] || !wanted[at]);
		check_gap(&breaks, line, (struct interval){{(int64_t)random_below(&random, 40)}, {60 + (int64_t)random_below(&random, 40)}});
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unions_of_random_stretches),
	};
	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
