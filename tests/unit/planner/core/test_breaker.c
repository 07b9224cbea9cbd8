/* The edges of each metric, and the words. What holds of all rules is in property/breaker_property. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "planner/core/breaker.h"

#define DAYS(n) \
	{ \
		(n) * US_PER_DAY \
	}

static const struct breaker_rule opt_outs = {.metric = BREAKER_OPT_OUT_RATE, .limit = 5000, .min_samples = 1000, .per = DAYS(30)};
static const struct breaker_rule complaints = {
	.metric = BREAKER_COMPLAINT_RATE, .limit = 5000, .warn_at = 2000, .min_samples = 1000, .per = DAYS(30)};
static const struct breaker_rule violations = {
	.metric = BREAKER_VIOLATION_RATE, .limit = 20000, .stop_at = 5000, .min_samples = 200, .per = DAYS(30)};
static const struct breaker_rule count = {.metric = BREAKER_COMPLAINT_COUNT, .limit = 3, .warn_at = 2, .per = DAYS(30)};
static const struct breaker_rule quality = {.metric = BREAKER_QUALITY, .limit = RATING_YELLOW, .warn_at = RATING_YELLOW, .per = DAYS(30)};

static const struct {
	const struct breaker_rule *rule;
	int64_t events, sent;
	enum breaker_verdict verdict;
} edges[] = {
	{&opt_outs, 0, 0, BREAKER_RESTS},
	{&opt_outs, 4, 0, BREAKER_RESTS},
	{&opt_outs, 5, 0, BREAKER_TRIPS},
	{&opt_outs, 4, 1000, BREAKER_RESTS},
	{&opt_outs, 5, 1000, BREAKER_TRIPS},
	{&opt_outs, 5, 1199, BREAKER_TRIPS},
	{&opt_outs, 5, 1200, BREAKER_RESTS}, /* a sixth would be exactly half a percent, which does not exceed it */
	{&opt_outs, INT64_C(4999999), INT64_C(1000000000), BREAKER_RESTS},
	{&opt_outs, INT64_C(5000000), INT64_C(1000000000), BREAKER_TRIPS},
	{&complaints, 0, 5, BREAKER_RESTS},
	{&complaints, 1, 5, BREAKER_RESTS},
	{&complaints, 2, 1000, BREAKER_WARNS},
	{&complaints, 2, 1001, BREAKER_RESTS},
	{&complaints, 5, 1000, BREAKER_TRIPS},
	{&violations, 0, 0, BREAKER_RESTS},
	{&violations, 1, 399, BREAKER_TRIPS},
	{&violations, 1, 400, BREAKER_RESTS},
	{&violations, 5, 1000, BREAKER_TRIPS}, /* far below 2 % */
	{&count, 0, 0, BREAKER_RESTS},
	{&count, 1, 1000000, BREAKER_RESTS},
	{&count, 2, 0, BREAKER_WARNS},
	{&count, 3, 1000000, BREAKER_TRIPS},
};

static void
it_trips_before_the_limit_and_not_earlier(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof edges / sizeof *edges; i++) {
		const struct breaker_counts counts = {.events = edges[i].events, .sent = edges[i].sent};
		if (breaker_judge(edges[i].rule, &counts) != edges[i].verdict)
			fail_msg("row %zu", i);
	}
}

static void
what_came_at_once_may_come_again(void **state)
{
	(void)state;
	assert_int_equal(breaker_judge(&opt_outs, &(struct breaker_counts){.events = 3, .recent = 2, .sent = 1000}), BREAKER_RESTS);
	assert_int_equal(breaker_judge(&opt_outs, &(struct breaker_counts){.events = 3, .recent = 3, .sent = 1000}), BREAKER_TRIPS);
	assert_int_equal(breaker_judge(&count, &(struct breaker_counts){.events = 2, .recent = 1}), BREAKER_WARNS);
	assert_int_equal(breaker_judge(&count, &(struct breaker_counts){.events = 2, .recent = 2}), BREAKER_TRIPS);
}

static void
a_rating_worse_than_the_limit_trips(void **state)
{
	static const enum breaker_verdict expected[RATING_COUNT] = {BREAKER_RESTS, BREAKER_RESTS, BREAKER_WARNS, BREAKER_TRIPS};
	(void)state;
	for (int rating = 0; rating < RATING_COUNT; rating++)
		assert_int_equal(breaker_judge(&quality, &(struct breaker_counts){.events = 9, .rating = (enum rating)rating}), expected[rating]);
}

static void
the_own_limit_counts_where_it_is_lower(void **state)
{
	struct breaker_rule rule = violations;
	(void)state;
	assert_int_equal(breaker_ceiling(&rule), 5000);
	rule.stop_at = 30000;
	assert_int_equal(breaker_ceiling(&rule), 20000);
	rule.stop_at = 0;
	assert_int_equal(breaker_ceiling(&rule), 20000);
	assert_int_equal(breaker_least_samples(5000), 200);
	assert_int_equal(breaker_least_samples(5001), 200);
	assert_int_equal(breaker_least_samples(4999), 201);
}

static void
what_was_counted_is_told(void **state)
{
	char text[BREAKER_TEXT_MAX];
	(void)state;
	breaker_tell(&opt_outs, &(struct breaker_counts){.events = 5, .sent = 1000}, text);
	assert_string_equal(text, "5 opt-outs among 1000 messages within 30 days; the limit is 0.5 %");
	breaker_tell(&count, &(struct breaker_counts){.events = 3}, text);
	assert_string_equal(text, "3 complaints within 30 days; the limit is 3");
	breaker_tell(&quality, &(struct breaker_counts){.rating = RATING_RED}, text);
	assert_string_equal(text, "rated red; no worse than yellow is right");
	breaker_tell_value(&violations, 1, text);
	assert_string_equal(text, "0.0001 %");
}

static void
every_word_has_a_name(void **state)
{
	(void)state;
	for (int i = 0; i < BREAKER_METRIC_COUNT; i++) {
		assert_non_null(breaker_metric_name((enum breaker_metric)i));
		assert_non_null(breaker_events_words((enum breaker_metric)i));
	}
	assert_string_equal(breaker_scope_name(BREAKER_CAMPAIGN), "campaign");
	assert_string_equal(breaker_needs_name(BREAKER_NEEDS_REASON), "reason");
	assert_string_equal(rating_name(RATING_UNKNOWN), "unknown");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_trips_before_the_limit_and_not_earlier),
		cmocka_unit_test(what_came_at_once_may_come_again),
		cmocka_unit_test(a_rating_worse_than_the_limit_trips),
		cmocka_unit_test(the_own_limit_counts_where_it_is_lower),
		cmocka_unit_test(what_was_counted_is_told),
		cmocka_unit_test(every_word_has_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
