/*
 * Breakers against a slow oracle, which counts how many events a limit bears one by one, and on random walks of a sender that obeys: no single event
 * takes a sender over the limit that had not been stopped before it.
 */
#include "planner/core/breaker.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/support/random.h"

enum { RULES = 3000, WALKS = 300, STEPS = 400, WINDOW = 60 };

static struct breaker_rule
random_rule(struct random_source *random)
{
	struct breaker_rule rule = {.metric = (enum breaker_metric)random_below(random, BREAKER_QUALITY), .per = {WINDOW}};
	if (!breaker_is_rate(rule.metric)) {
		rule.limit = (int32_t)random_between(random, 1, 6);
		rule.warn_at = (int32_t)random_between(random, 0, rule.limit);
		return rule;
	}
	rule.limit = (int32_t)random_between(random, 1000, 200000);
	rule.stop_at = random_chance(random, 30) ? (int32_t)random_between(random, 1000, rule.limit) : 0;
	rule.warn_at = random_chance(random, 50) ? (int32_t)random_between(random, 1, breaker_ceiling(&rule)) : 0;
	rule.min_samples = breaker_least_samples(breaker_ceiling(&rule)) + (int32_t)random_below(random, 200);
	return rule;
}

static struct breaker_counts
random_counts(struct random_source *random)
{
	const int64_t events = random_between(random, 0, 30);
	return (struct breaker_counts){.events = events,
		.recent = random_between(random, 0, events),
		.sent = random_between(random, 0, random_chance(random, 50) ? 100 : 20000)};
}

/* The most events that `level` bears among the messages. */
static int64_t
most_events(const struct breaker_rule *rule, int32_t level, int64_t sent)
{
	const int64_t messages = sent < rule->min_samples ? rule->min_samples : sent;
	int64_t most = 0, used = 0;
	if (!breaker_is_rate(rule->metric))
		return level;
	while (used + BREAKER_WHOLE <= messages * level) {
		used += BREAKER_WHOLE;
		most++;
	}
	return most;
}

static int32_t
effective_limit(const struct breaker_rule *rule)
{
	return rule->stop_at > 0 && rule->stop_at < rule->limit ? rule->stop_at : rule->limit;
}

static bool
is_over(const struct breaker_rule *rule, int64_t events, int64_t sent)
{
	return events > most_events(rule, effective_limit(rule), sent);
}

static void
it_trips_exactly_when_one_more_would_be_too_many(void **state)
{
	struct random_source random = random_start("breaker_oracle");
	(void)state;
	for (int i = random_rounds(RULES); i > 0; i--) {
		const struct breaker_rule rule = random_rule(&random);
		const struct breaker_counts counts = random_counts(&random);
		const int64_t events = counts.events + (counts.recent > 0 ? counts.recent : 1);
		const bool next = is_over(&rule, events, counts.sent) || is_over(&rule, events, counts.sent + 1);
		assert_int_equal(breaker_judge(&rule, &counts) == BREAKER_TRIPS, next);
	}
}

static void
counting_may_stop_where_it_makes_no_difference(void **state)
{
	struct random_source random = random_start("breaker_needed");
	(void)state;
	for (int i = random_rounds(RULES); i > 0; i--) {
		const struct breaker_rule rule = random_rule(&random);
		const struct breaker_counts counts = random_counts(&random);
		const int64_t needed = breaker_messages_needed(&rule, &counts);
		struct breaker_counts cut = counts, short_of = counts;
		short_of.sent = needed - 1;
		cut.sent = counts.sent < needed ? counts.sent : needed;
		assert_int_equal(breaker_judge(&rule, &cut), breaker_judge(&rule, &counts));
		if (breaker_is_rate(rule.metric) && needed > rule.min_samples)
			assert_int_not_equal(breaker_judge(&rule, &short_of), BREAKER_RESTS); /* one fewer would not do */
	}
}

static void
more_events_fewer_messages_and_lower_limits_are_never_milder(void **state)
{
	struct random_source random = random_start("breaker_order");
	(void)state;
	for (int i = random_rounds(RULES); i > 0; i--) {
		const struct breaker_rule rule = random_rule(&random);
		struct breaker_rule lower = rule;
		const struct breaker_counts counts = random_counts(&random);
		struct breaker_counts more = counts, fewer = counts;
		const enum breaker_verdict verdict = breaker_judge(&rule, &counts);
		more.events += random_between(&random, 0, 5);
		fewer.sent -= random_between(&random, 0, counts.sent);
		lower.limit = (int32_t)random_between(&random, 1, rule.limit);
		assert_true(breaker_judge(&rule, &more) >= verdict);
		assert_true(breaker_judge(&rule, &fewer) >= verdict);
		assert_true(breaker_judge(&lower, &counts) == BREAKER_TRIPS || verdict != BREAKER_TRIPS);
	}
}

/* Walks ----------------------------------------------------------------------------------------------------------------------------------- */

struct walk {
	int now;
	int messages[STEPS], events[STEPS]; /* by instant */
};

/* In (now - WINDOW, now]. */
static struct breaker_counts
count(const struct walk *walk)
{
	struct breaker_counts counts = {.events = 0};
	for (int at = walk->now - WINDOW + 1 > 0 ? walk->now - WINDOW + 1 : 0; at <= walk->now; at++) {
		counts.events += walk->events[at];
		counts.sent += walk->messages[at];
	}
	return counts;
}

/* Messages leave only while nothing has tripped, and each step is judged: so whatever comes next, one event or one message, the limit holds. */
static void
a_sender_that_obeys_is_taken_over_the_limit_by_no_event(void **state)
{
	struct random_source random = random_start("breaker_walk");
	int trips = 0;
	(void)state;
	for (int i = random_rounds(WALKS); i > 0; i--) {
		const struct breaker_rule rule = random_rule(&random);
		struct walk walk = {0};
		enum breaker_verdict verdict = BREAKER_RESTS;
		for (int step = 0; step < STEPS * 4 && walk.now < STEPS - 1 && verdict != BREAKER_TRIPS; step++) {
			const unsigned kind = (unsigned)random_below(&random, 4);
			if (kind == 0)
				walk.now++;
			walk.messages[walk.now] += kind == 1 || kind == 2 ? 1 + (int)random_below(&random, 50) : 0;
			walk.events[walk.now] += kind == 3;
			const struct breaker_counts counts = count(&walk);
			if (kind != 0)
				assert_false(is_over(&rule, counts.events, counts.sent));
			verdict = breaker_judge(&rule, &counts);
		}
		trips += verdict == BREAKER_TRIPS;
	}
	assert_true(trips > 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_trips_exactly_when_one_more_would_be_too_many),
		cmocka_unit_test(counting_may_stop_where_it_makes_no_difference),
		cmocka_unit_test(more_events_fewer_messages_and_lower_limits_are_never_milder),
		cmocka_unit_test(a_sender_that_obeys_is_taken_over_the_limit_by_no_event),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
