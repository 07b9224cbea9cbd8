/* The grid of a sender, and the ticks that are left of it. */
#include "planner/core/capacity.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { ROW_MAX = 6 };

static struct capacity *
capacity_with(int64_t rate_milli, const int64_t *taken_us, size_t count)
{
	struct capacity *capacity;
	struct err err = ERR_INIT;
	assert_int_equal(capacity_create(rate_milli, &capacity, &err), STATUS_OK);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(capacity_take(capacity, (struct instant){taken_us[i]}), STATUS_OK);
	assert_int_equal(capacity_settle(capacity), STATUS_OK);
	return capacity;
}

/* In microseconds: what is taken, and the first free ticks from `from` on. */
static void
free_ticks_are_the_grid_less_what_is_taken(void **state)
{
	(void)state;
	static const struct {
		const char *what;
		int64_t rate_milli;
		size_t taken_count;
		int64_t taken[ROW_MAX], from, free[3];
	} rows[] = {
		{"ten a second", 10000, 0, {0}, 0, {0, 100000, 200000}},
		{"an instant between two ticks waits for the second", 10000, 0, {0}, 1, {100000, 200000, 300000}},
		{"before 1970", 10000, 0, {0}, -150000, {-100000, 0, 100000}},
		{"a third of a second, rounded down", 3000, 0, {0}, 1, {333333, 666666, 1000000}},
		{"one in two seconds", 500, 0, {0}, 1, {2000000, 4000000, 6000000}},
		{"one in a thousand seconds", 1, 0, {0}, 1, {1000000000, 2000000000, 3000000000}},
		{"one in a microsecond", 1000000000, 1, {6}, 5, {5, 7, 8}},
		{"in any order", 10000, 3, {300000, 100000, 0}, 0, {200000, 400000, 500000}},
		{"two at one tick are two messages", 10000, 3, {300000, 0, 300000}, 0, {100000, 500000, 600000}},
		{"off the grid: a tick before and one after", 10000, 1, {250000}, 100000, {100000, 400000, 500000}},
		{"two between the same ticks: two before and two after", 10000, 2, {250000, 260000}, 0, {0, 500000, 600000}},
		{"one on the grid and one behind it", 10000, 2, {300000, 310000}, 100000, {100000, 500000, 600000}},
		{"no tick a second away", 1000, 5, {1100000, 1200000, 1300000, 1400000, 1500000}, 0, {0, 3000000, 4000000}},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct capacity *capacity = capacity_with(rows[i].rate_milli, rows[i].taken, rows[i].taken_count);
		struct tick_cursor cursor = capacity_free_from(capacity, (struct instant){rows[i].from});
		for (int k = 0; k < 3; k++) {
			const int64_t tick = tick_cursor_next(&cursor, (struct instant){rows[i].from}).us;
			if (tick != rows[i].free[k])
				fail_msg("%s: free tick %d is %lld, not %lld", rows[i].what, k, (long long)tick, (long long)rows[i].free[k]);
		}
		capacity_free(&capacity);
		assert_null(capacity);
	}
}

static void
a_cursor_jumps_forwards_and_never_back(void **state)
{
	(void)state;
	struct capacity *capacity = capacity_with(1000, (const int64_t[]){2000000, 5000000, 6000000}, 3);
	struct tick_cursor cursor = capacity_free_from(capacity, (struct instant){0});
	static const struct {
		int64_t not_before, tick;
	} steps[] = {{0, 0}, {0, 1000000}, {1000001, 3000000}, {4500000, 7000000}, {0, 8000000}, {100000000, 100000000}};
	for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++)
		assert_int_equal(tick_cursor_next(&cursor, (struct instant){steps[i].not_before}).us, steps[i].tick);
	capacity_free(&capacity);
}

/* At one a second, in seconds: which ticks are lent of what may give way. */
static void
a_lent_tick_has_one_slot_that_may_give_way(void **state)
{
	(void)state;
	static const struct {
		const char *what;
		int64_t taken[3], lent[3]; /* in milliseconds; -1 ends */
		const char *expected;      /* '.' free, '#' taken, 'L' lent */
	} rows[] = {
		{"alone on its tick", {1000, -1}, {2000, 4000, -1}, ".#L.L..."},
		{"something is taken on it", {2000, -1}, {2000, -1}, "..#....."},
		{"two that may give way on one tick are both kept", {-1}, {2000, 2000, -1}, "..#....."},
		{"off the grid", {-1}, {2500, -1}, "..##...."},
		{"on the grid, but another between the ticks shares it", {2500, -1}, {2000, -1}, "..##...."},
		{"neighbours on the grid", {-1}, {1000, 2000, 3000}, ".LLL...."},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct capacity *capacity;
		struct err err = ERR_INIT;
		char found[9] = "########";
		assert_int_equal(capacity_create(1000, &capacity, &err), STATUS_OK);
		for (int k = 0; k < 3 && rows[i].taken[k] > 0; k++)
			assert_int_equal(capacity_take(capacity, (struct instant){rows[i].taken[k] * 1000}), STATUS_OK);
		for (int k = 0; k < 3 && rows[i].lent[k] > 0; k++)
			assert_int_equal(capacity_lend(capacity, (struct instant){rows[i].lent[k] * 1000}), STATUS_OK);
		assert_int_equal(capacity_settle(capacity), STATUS_OK);
		struct tick_cursor cursor = capacity_free_from(capacity, (struct instant){0});
		int64_t counted_free = 0, counted_lent = 0;
		while (true) {
			bool lent;
			const int64_t tick = tick_cursor_next_lent(&cursor, (struct instant){0}, &lent).us;
			if (tick >= 8 * US_PER_SECOND)
				break;
			found[tick / US_PER_SECOND] = lent ? 'L' : '.';
			counted_free += !lent;
			counted_lent += lent;
		}
		if (strcmp(found, rows[i].expected) != 0)
			fail_msg("%s: %s, not %s", rows[i].what, found, rows[i].expected);
		const struct interval all = {{0}, {8 * US_PER_SECOND}};
		assert_int_equal(capacity_count_free(capacity, all), counted_free);
		assert_int_equal(capacity_count_lent(capacity, all), counted_lent);
		capacity_free(&capacity);
	}
}

/* Likewise of what may be moved: until it is released its tick is taken. */
static void
a_kept_tick_has_one_slot_that_may_be_moved(void **state)
{
	(void)state;
	static const struct {
		const char *what;
		int64_t taken[3], kept[3]; /* in milliseconds; -1 ends */
		const char *expected;      /* '.' free, '#' taken, 'K' kept */
	} rows[] = {
		{"alone on its tick", {1000, -1}, {2000, 4000, -1}, ".#K.K..."},
		{"something is taken on it", {2000, -1}, {2000, -1}, "..#....."},
		{"two of them on one tick", {-1}, {2000, 2000, -1}, "..#....."},
		{"off the grid", {-1}, {2500, -1}, "..##...."},
		{"on the grid, but others between the ticks share it", {1500, 2500, -1}, {2000, -1}, ".###...."},
		{"neighbours on the grid", {-1}, {1000, 2000, 3000}, ".KKK...."},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct capacity *capacity;
		struct err err = ERR_INIT;
		struct instant released[8];
		size_t kept = 0;
		assert_int_equal(capacity_create(1000, &capacity, &err), STATUS_OK);
		for (int k = 0; k < 3 && rows[i].taken[k] > 0; k++)
			assert_int_equal(capacity_take(capacity, (struct instant){rows[i].taken[k] * 1000}), STATUS_OK);
		for (int k = 0; k < 3 && rows[i].kept[k] > 0; k++)
			assert_int_equal(capacity_keep(capacity, (struct instant){rows[i].kept[k] * 1000}), STATUS_OK);
		assert_int_equal(capacity_settle(capacity), STATUS_OK);
		for (int64_t second = 0; second < 8; second++) {
			const struct interval tick = {{second * US_PER_SECOND}, {(second + 1) * US_PER_SECOND}};
			const bool is_kept = capacity_is_kept(capacity, tick.from), is_free = capacity_count_free(capacity, tick) == 1;
			if (is_kept != (rows[i].expected[second] == 'K') || is_free != (rows[i].expected[second] == '.'))
				fail_msg("%s: second %lld", rows[i].what, (long long)second);
			assert_false(capacity_is_kept(capacity, (struct instant){tick.from.us + 1}));
			if (is_kept)
				released[kept++] = tick.from;
		}
		const struct interval all = {{0}, {8 * US_PER_SECOND}};
		const int64_t free_before = capacity_count_free(capacity, all);
		capacity_release(capacity, released, kept);
		assert_int_equal(capacity_count_free(capacity, all), free_before + (int64_t)kept);
		for (size_t k = 0; k < kept; k++)
			assert_false(capacity_is_kept(capacity, released[k]));
		capacity_free(&capacity);
	}
}

static void
a_throughput_out_of_range_is_refused(void **state)
{
	(void)state;
	static const int64_t rates[] = {INT64_MIN, -1, 0, 1000000001};
	for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++) {
		struct capacity *capacity = NULL;
		struct err err = ERR_INIT;
		assert_int_equal(capacity_create(rates[i], &capacity, &err), STATUS_INVALID);
		assert_null(capacity);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(free_ticks_are_the_grid_less_what_is_taken),
		cmocka_unit_test(a_cursor_jumps_forwards_and_never_back),
		cmocka_unit_test(a_lent_tick_has_one_slot_that_may_give_way),
		cmocka_unit_test(a_kept_tick_has_one_slot_that_may_be_moved),
		cmocka_unit_test(a_throughput_out_of_range_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
