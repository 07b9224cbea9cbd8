/* The sender's pace, to the last billionth of a message. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scheduler/policy/token_bucket.h"

static struct instant
at(int64_t us)
{
	return (struct instant){us};
}

static void
starts_with_one_message_and_fills_to_a_tenth_of_a_second(void **state)
{
	static const struct {
		int64_t per_1000_s, brim;
	} rows[] = {{1, 1}, {999, 1}, {10 * 1000, 1}, {25 * 1000, 2}, {80 * 1000, 8}, {999999999, 99999}};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct token_bucket bucket;

		token_bucket_open(&bucket, rows[i].per_1000_s, at(5));
		assert_int_equal(token_bucket_delay(&bucket, at(5)).us, 0);
		assert_int_equal(token_bucket_take(&bucket, at(5), INT64_MAX), 1);
		assert_int_equal(token_bucket_take(&bucket, at(5), INT64_MAX), 0);
		assert_int_equal(token_bucket_take(&bucket, at(INT64_MAX / 2), INT64_MAX), rows[i].brim);
	}
}

/* Asked every `step`, well before the bucket is full: what leaves is the rate, however awkward the step. */
static void
nothing_is_lost_by_rounding(void **state)
{
	static const int64_t rates[] = {20000, 20001, 123456, 3333333, 999999999}, steps[] = {1, 3, 7919, 49979};

	(void)state;
	for (size_t r = 0; r < sizeof rates / sizeof rates[0]; r++)
		for (size_t s = 0; s < sizeof steps / sizeof steps[0]; s++) {
			struct token_bucket bucket;
			int64_t sent = 0, now = 0, end = steps[s] * 500;

			token_bucket_open(&bucket, rates[r], at(0));
			(void)token_bucket_take(&bucket, at(0), INT64_MAX);
			const int64_t left = bucket.level;
			while (now < end)
				sent += token_bucket_take(&bucket, at(now += steps[s]), INT64_MAX);
			assert_int_equal(sent, (left + end * rates[r]) / INT64_C(1000000000));
		}
}

/* Of a slow sender: the next one is not held up by one that left late, but by no more than a tenth of a second's worth. */
static void
what_left_late_delays_nothing_behind_it(void **state)
{
	static const struct {
		int64_t late_us, wait_us; /* of the next one, from its own instant on */
	} rows[] = {{0, 0}, {1, 0}, {5000, 0}, {100000, 0}, {100001, 1}, {300000, 200000}};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct token_bucket bucket;

		token_bucket_open(&bucket, 2000, at(0));
		assert_int_equal(token_bucket_take(&bucket, at(rows[i].late_us), 9), 1);
		assert_int_equal(token_bucket_delay(&bucket, at(US_PER_SECOND / 2)).us, rows[i].wait_us);
	}
}

static void
delay_is_when_the_next_one_may_leave(void **state)
{
	struct token_bucket bucket;

	(void)state;
	token_bucket_open(&bucket, 3000, at(0));
	assert_int_equal(token_bucket_take(&bucket, at(0), 3), 1);
	assert_int_equal(token_bucket_delay(&bucket, at(0)).us, 333334);
	assert_int_equal(token_bucket_take(&bucket, at(333333), 1), 0);
	assert_int_equal(token_bucket_take(&bucket, at(333334), 1), 1);
}

/* After an outage everything is due at once: no second holds more than the rate and the burst. */
static void
a_backlog_leaves_at_the_rate(void **state)
{
	struct token_bucket bucket;
	int64_t sent = 0;

	(void)state;
	token_bucket_open(&bucket, 50 * 1000, at(0));
	for (int64_t us = 0; us < US_PER_SECOND; us += 1000)
		sent += token_bucket_take(&bucket, at(us), 1000);
	assert_int_equal(sent, 50);
}

static void
a_backward_clock_gives_nothing(void **state)
{
	struct token_bucket bucket;

	(void)state;
	token_bucket_open(&bucket, 1000, at(1000));
	assert_int_equal(token_bucket_take(&bucket, at(1000), 1), 1);
	assert_int_equal(token_bucket_take(&bucket, at(0), 1), 0);
	assert_int_equal(token_bucket_take(&bucket, at(1000 + US_PER_SECOND - 1), 1), 0);
	assert_int_equal(token_bucket_take(&bucket, at(1000 + US_PER_SECOND), 1), 1);
}

static struct token_bucket
full(int64_t per_1000_s)
{
	struct token_bucket bucket;

	token_bucket_open(&bucket, per_1000_s, at(0));
	token_bucket_give_back(&bucket, INT64_MAX);
	return bucket;
}

static void
given_back_tokens_stop_at_the_brim(void **state)
{
	struct token_bucket bucket = full(40 * 1000);

	(void)state;
	assert_int_equal(token_bucket_take(&bucket, at(0), 3), 3);
	token_bucket_give_back(&bucket, 2);
	assert_int_equal(token_bucket_take(&bucket, at(0), 9), 3);
	token_bucket_give_back(&bucket, INT64_MAX);
	assert_int_equal(token_bucket_take(&bucket, at(0), 9), 4);
}

static void
a_lower_rate_lowers_the_brim(void **state)
{
	struct token_bucket bucket = full(90 * 1000);

	(void)state;
	token_bucket_set_rate(&bucket, 20 * 1000, at(0));
	assert_int_equal(token_bucket_take(&bucket, at(0), 9), 2);
	token_bucket_set_rate(&bucket, 90 * 1000, at(0));
	assert_int_equal(token_bucket_take(&bucket, at(0), 9), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(starts_with_one_message_and_fills_to_a_tenth_of_a_second),
		cmocka_unit_test(nothing_is_lost_by_rounding),
		cmocka_unit_test(what_left_late_delays_nothing_behind_it),
		cmocka_unit_test(delay_is_when_the_next_one_may_leave),
		cmocka_unit_test(a_backlog_leaves_at_the_rate),
		cmocka_unit_test(a_backward_clock_gives_nothing),
		cmocka_unit_test(given_back_tokens_stop_at_the_brim),
		cmocka_unit_test(a_lower_rate_lowers_the_brim),
	};
	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
