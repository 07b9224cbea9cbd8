/*
 * Free ticks against a plain list of all ticks, and the promise behind them: when every free tick is used, no half-open second holds more than
 * the throughput rounded up, unless what was taken before is more already. How each tick is held, against the definition, walked through in full.
 */
#include "planner/core/capacity.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "scheduler/policy/token_bucket.h"
#include "tests/support/random.h"

enum { CASES = 3000, TAKEN_MAX = 12, EVENTS_MAX = 20000, WAKES_LATE_US = 20000 };

struct scene {
	int64_t rate_milli;
	struct interval span;
	int64_t taken[TAKEN_MAX];
	size_t taken_count;
};

/* The k-th tick, one every 1/r seconds in whole microseconds: rate_milli of them in each thousand seconds. */
static int64_t
tick_us(int64_t rate_milli, int64_t k)
{
	const int64_t thousands = k >= 0 ? k / rate_milli : -((-k + rate_milli - 1) / rate_milli);
	return thousands * 1000 * US_PER_SECOND + (k - thousands * rate_milli) * 1000 * US_PER_SECOND / rate_milli;
}

static int64_t
first_tick_from(int64_t rate_milli, int64_t us)
{
	int64_t k = (us / US_PER_SECOND - 2) * rate_milli / 1000 - 2;
	while (tick_us(rate_milli, k) < us)
		k++;
	return k;
}

static int64_t
random_rate(struct random_source *random)
{
	static const int64_t awkward[] = {1, 300, 500, 999, 1000, 1001, 1500, 3000, 7000, 10000, 33333};
	if (random_chance(random, 60))
		return awkward[random_below(random, sizeof awkward / sizeof awkward[0])];
	return random_between(random, 1, 60000);
}

static bool
is_taken(const struct scene *scene, int64_t us)
{
	for (size_t i = 0; i < scene->taken_count; i++)
		if (scene->taken[i] == us)
			return true;
	return false;
}

/* A span of some ticks around now or 1970, and instants in it: distinct ticks only, or also others, some of them close together. */
static struct scene
random_scene(struct random_source *random, bool on_grid)
{
	struct scene scene = {.rate_milli = random_rate(random)};
	const size_t wanted = random_below(random, TAKEN_MAX + 1);
	const int64_t period = 1000000000 / scene.rate_milli, length = random_between(random, 1, 40) * (period > 200000 ? period : 200000);
	scene.span.from.us = random_chance(random, 30) ? -length / 2 : random_between(random, 0, INT64_C(2000000000000000));
	scene.span.until.us = scene.span.from.us + length;
	for (size_t i = 0; i < wanted; i++) {
		int64_t at = random_between(random, scene.span.from.us, scene.span.until.us - 1);
		if (scene.taken_count > 0 && random_chance(random, 40))
			at = scene.taken[scene.taken_count - 1] + random_between(random, 0, period);
		if (on_grid || random_chance(random, 50))
			at = tick_us(scene.rate_milli, first_tick_from(scene.rate_milli, at));
		if (!on_grid || !is_taken(&scene, at))
			scene.taken[scene.taken_count++] = at;
	}
	return scene;
}

static struct capacity *
settled(const struct scene *scene)
{
	struct capacity *capacity;
	struct err err = ERR_INIT;
	assert_int_equal(capacity_create(scene->rate_milli, &capacity, &err), STATUS_OK);
	for (size_t i = 0; i < scene->taken_count; i++)
		assert_int_equal(capacity_take(capacity, (struct instant){scene->taken[i]}), STATUS_OK);
	assert_int_equal(capacity_settle(capacity), STATUS_OK);
	return capacity;
}

static void
the_cursor_agrees_with_a_list_of_all_ticks(void **state)
{
	struct random_source random = random_start("capacity_cursor");
	(void)state;
	for (int i = 0; i < CASES; i++) {
		const struct scene scene = random_scene(&random, true);
		struct capacity *capacity = settled(&scene);
		struct tick_cursor cursor = capacity_free_from(capacity, scene.span.from);
		int64_t k = first_tick_from(scene.rate_milli, scene.span.from.us), not_before = scene.span.from.us;
		while (not_before < scene.span.until.us) {
			while (tick_us(scene.rate_milli, k) < not_before || is_taken(&scene, tick_us(scene.rate_milli, k)))
				k++;
			const int64_t got = tick_cursor_next(&cursor, (struct instant){not_before}).us;
			if (got != tick_us(scene.rate_milli, k))
				fail_msg("case %d: rate %lld, free tick %lld, not %lld", i, (long long)scene.rate_milli, (long long)got,
					(long long)tick_us(scene.rate_milli, k));
			k++;
			if (random_chance(&random, 30))
				not_before = got + random_between(&random, 0, 2000000);
			else
				not_before = got > not_before ? got : not_before;
		}
		capacity_free(&capacity);
	}
}

static int
compare_int64(const void *a, const void *b)
{
	const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return (x > y) - (x < y);
}

/* The most of `events` (sorted) in a half-open second; only seconds that begin at an event need a look. */
static size_t
in_second_from(const int64_t *events, size_t count, size_t first)
{
	size_t held = 0;
	for (size_t i = first; i < count && events[i] < events[first] + US_PER_SECOND; i++)
		held++;
	return held;
}

static size_t
taken_in_second_from(const struct scene *scene, int64_t from)
{
	size_t held = 0;
	for (size_t i = 0; i < scene->taken_count; i++)
		held += scene->taken[i] >= from && scene->taken[i] < from + US_PER_SECOND;
	return held;
}

static void
no_second_holds_more_than_the_throughput(void **state)
{
	static int64_t events[EVENTS_MAX];
	struct random_source random = random_start("capacity_seconds");
	(void)state;
	for (int i = 0; i < CASES; i++) {
		const struct scene scene = random_scene(&random, false);
		struct capacity *capacity = settled(&scene);
		struct tick_cursor cursor = capacity_free_from(capacity, (struct instant){scene.span.from.us - 3 * US_PER_SECOND});
		size_t count = 0;
		for (; count < scene.taken_count; count++)
			events[count] = scene.taken[count];
		for (int64_t at = 0; count < EVENTS_MAX && (count == scene.taken_count || at < scene.span.until.us + 3 * US_PER_SECOND); count++)
			events[count] = at = tick_cursor_next(&cursor, (struct instant){INT64_MIN}).us;
		qsort(events, count, sizeof *events, compare_int64);
		const size_t most = (size_t)((scene.rate_milli + 999) / 1000);
		for (size_t first = 0; first < count; first++) {
			const size_t held = in_second_from(events, count, first);
			if (held > most && held > taken_in_second_from(&scene, events[first]))
				fail_msg("case %d: %lld/1000 a second, but %zu in the second from %lld", i, (long long)scene.rate_milli, held,
					(long long)events[first]);
		}
		capacity_free(&capacity);
	}
}

/* What lies where, and how: the definition ------------------------------------------------------------------------------------------------- */

enum holding { TAKEN, LENT, KEPT };

struct held {
	int64_t at, after, before; /* instant; the ticks that it takes on either side */
	enum holding holding;
};

static int
compare_held(const void *left, const void *right)
{
	const struct held *a = left, *b = right;
	return (a->at > b->at) - (a->at < b->at);
}

/* The first tick that the one before it did not take, beyond the ticks of a second one that it did; from both ends. */
static void
take_sides(struct held *held, size_t count, int64_t rate_milli)
{
	const int64_t most = (rate_milli + 999) / 1000;
	for (size_t i = 0; i < count; i++) {
		const int64_t own = first_tick_from(rate_milli, held[i].at);
		held[i].after = own;
		if (i > 0 && held[i - 1].after + 1 > own)
			held[i].after = held[i - 1].after + 1 < own + most - 1 ? held[i - 1].after + 1 : own + most - 1;
	}
	for (size_t i = count; i-- > 0;) {
		const int64_t own = first_tick_from(rate_milli, held[i].at + 1) - 1;
		held[i].before = own;
		if (i + 1 < count && held[i + 1].before - 1 < own)
			held[i].before = held[i + 1].before - 1 > own - most + 1 ? held[i + 1].before - 1 : own - most + 1;
	}
}

/* -1: it is free. */
static int
holding_of(const struct held *held, size_t count, int64_t rate_milli, int64_t tick)
{
	size_t hits = 0;
	const struct held *alone = NULL;
	for (size_t i = 0; i < count; i++) {
		hits += (held[i].after == tick) + (held[i].before == tick);
		if (held[i].after == tick && held[i].before == tick && tick_us(rate_milli, tick) == held[i].at)
			alone = &held[i];
	}
	if (hits == 0)
		return -1;
	return hits == 2 && alone != NULL ? (int)alone->holding : (int)TAKEN;
}

static struct capacity *
hold_all(const struct scene *scene, const struct held *held)
{
	enum status (*const holders[])(struct capacity * capacity, struct instant at) = {capacity_take, capacity_lend, capacity_keep};
	struct capacity *capacity;
	struct err err = ERR_INIT;
	assert_int_equal(capacity_create(scene->rate_milli, &capacity, &err), STATUS_OK);
	for (size_t i = 0; i < scene->taken_count; i++)
		assert_int_equal(holders[held[i].holding](capacity, (struct instant){held[i].at}), STATUS_OK);
	assert_int_equal(capacity_settle(capacity), STATUS_OK);
	return capacity;
}

static int
found_holding(const struct capacity *capacity, int64_t rate_milli, int64_t tick)
{
	const struct interval only = {{tick_us(rate_milli, tick)}, {tick_us(rate_milli, tick + 1)}};
	if (capacity_count_free(capacity, only) > 0)
		return -1;
	if (capacity_count_lent(capacity, only) > 0)
		return LENT;
	return capacity_is_kept(capacity, only.from) ? KEPT : TAKEN;
}

static void
every_tick_is_held_as_the_definition_says(void **state)
{
	struct random_source random = random_start("capacity_holdings");
	(void)state;
	for (int i = 0; i < CASES; i++) {
		const struct scene scene = random_scene(&random, false);
		struct held held[TAKEN_MAX];
		for (size_t k = 0; k < scene.taken_count; k++)
			held[k] = (struct held){.at = scene.taken[k], .holding = (enum holding)random_below(&random, 3)};
		struct capacity *capacity = hold_all(&scene, held);
		qsort(held, scene.taken_count, sizeof *held, compare_held);
		take_sides(held, scene.taken_count, scene.rate_milli);
		const int64_t first = first_tick_from(scene.rate_milli, scene.span.from.us) - 20;
		for (int64_t tick = first; tick < first + 400; tick++) {
			const int expected = holding_of(held, scene.taken_count, scene.rate_milli, tick),
					  found = found_holding(capacity, scene.rate_milli, tick);
			if (expected != found)
				fail_msg("case %d: at %lld/1000 a second tick %lld is held %d, not %d", i, (long long)scene.rate_milli, (long long)tick,
					found, expected);
		}
		capacity_free(&capacity);
	}
}

/* The daemon's bucket --------------------------------------------------------------------------------------------------------------------- */

/* A full schedule through the daemon's bucket, at the same rate: what leaves some milliseconds late makes nothing behind it late, and what is in time
 * waits for no longer than its instant was rounded down. */
static void
the_daemons_bucket_lets_out_what_lies_on_the_grid(void **state)
{
	struct random_source random = random_start("capacity_bucket");
	(void)state;
	for (int i = 0; i < CASES; i++) {
		const int64_t rate_milli = random_rate(&random);
		const int64_t first = first_tick_from(rate_milli, random_between(&random, 0, INT64_C(2000000000000000)));
		struct instant now = {tick_us(rate_milli, first)};
		struct token_bucket bucket;
		token_bucket_open(&bucket, rate_milli, now);
		for (int64_t k = first; k < first + 300; k++) {
			const int64_t due = tick_us(rate_milli, k);
			if (now.us <= due)
				now.us = due + random_below(&random, WAKES_LATE_US);
			now = instant_add(now, token_bucket_delay(&bucket, now));
			if (token_bucket_take(&bucket, now, 1) != 1 || now.us > due + WAKES_LATE_US)
				fail_msg("case %d: at %lld/1000 a second message %lld leaves %lld us late", i, (long long)rate_milli,
					(long long)(k - first), (long long)(now.us - due));
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_cursor_agrees_with_a_list_of_all_ticks),
		cmocka_unit_test(no_second_holds_more_than_the_throughput),
		cmocka_unit_test(every_tick_is_held_as_the_definition_says),
		cmocka_unit_test(the_daemons_bucket_lets_out_what_lies_on_the_grid),
	};
	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
