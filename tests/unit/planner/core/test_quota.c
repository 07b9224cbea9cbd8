/* Which messages count, in which day or hour, and where there is room for one more. */
#include "planner/core/quota.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/law_fixture.h"

enum { LANE = 3, SISTER = 4, STRANGER = 5, RULES = 3, PACIFIC = 0, ROLLING = 1, SHARED = 2, OWN_BIT = 31 };
#define BIT(n) (UINT32_C(1) << (n))

static struct rule rules[RULES];
static struct regime regime = {.id = "r", .everywhere = true, .rules = rules, .rule_count = RULES};
static const struct rulebook rulebook = {.regimes = &regime, .regime_count = 1};
static struct sender_facts sender;
static struct quota *quota;

static struct rule
volume(const char *id, struct volume_rule of)
{
	struct rule rule = {.kind = RULE_VOLUME,
		.categories = ALL_CATEGORIES,
		.channels = ALL_CHANNELS,
		.from = {INT32_MIN},
		.until = {INT32_MAX},
		.volume = of};
	strcpy(rule.id, id);
	return rule;
}

/* Three a day in Los Angeles, four in 24 hours, five in 24 hours for the whole portfolio. */
static int
reset(void **state)
{
	(void)state;
	rules[PACIFIC] = volume("pacific", (struct volume_rule){.n = 3, .fixed_zone = "America/Los_Angeles"});
	rules[ROLLING] = volume("rolling", (struct volume_rule){.n = 4, .length = {24 * US_PER_HOUR}});
	rules[SHARED] = volume("shared", (struct volume_rule){.n = 5, .length = {24 * US_PER_HOUR}, .scope = VOLUME_PORTFOLIO, .people = true});
	sender = (struct sender_facts){.trust = "", .registered_on = {INT32_MIN}, .granted_on = {INT32_MIN}, .rate_milli = 1000};
	return 0;
}

static int
drop(void **state)
{
	(void)state;
	quota_free(&quota);
	assert_null(quota);
	return 0;
}

static void
open_quota(void)
{
	static const int16_t portfolio[] = {LANE, SISTER};
	const struct quota_setup setup = {.rulebook = &rulebook,
		.sender = &sender,
		.zones = fixture_zone_set(),
		.span = {fixture_instant("2026-11-20T00:00:00Z"), fixture_instant("2026-12-20T00:00:00Z")},
		.margin = {10 * US_PER_SECOND},
		.lane = LANE,
		.portfolio = portfolio,
		.portfolio_count = 2};
	struct err err = ERR_INIT;
	quota_free(&quota);
	if (quota_create(&setup, &quota, &err) != STATUS_OK)
		fail_msg("%s", err.primary);
}

static void
use(int16_t lane, uint32_t of, const char *first, const char *last, int64_t n)
{
	quota_count(quota, &(struct quota_use){lane, of, fixture_instant(first), fixture_instant(last), n});
}

static void
expect_ready(uint32_t limits, const char *at, const char *expected, const char *rule)
{
	const struct quota_answer answer = quota_ready(quota, limits, fixture_instant(at));
	char text[INSTANT_TEXT_MAX];
	if (answer.ready.us != fixture_instant(expected).us)
		fail_msg("from %s: %s, not %s", at, instant_format(answer.ready, 0, text), expected);
	assert_int_equal(answer.turned_away, rule != NULL);
	if (rule != NULL)
		assert_string_equal(answer.rule != NULL ? answer.rule->id : "own", rule);
	assert_int_equal(quota_has_room(quota, limits, fixture_instant(at)), rule == NULL);
}

static void
a_day_is_one_of_the_zone_of_its_limit(void **state)
{
	(void)state;
	open_quota();
	use(LANE, BIT(PACIFIC), "2026-11-23T00:00:00-08:00", "2026-11-23T00:00:00-08:00", 1);
	use(LANE, BIT(PACIFIC), "2026-11-23T23:59:59.999999-08:00", "2026-11-23T23:59:59.999999-08:00", 1);
	expect_ready(BIT(PACIFIC), "2026-11-23T12:00:00-08:00", "2026-11-23T12:00:00-08:00", NULL);
	quota_take(quota, BIT(PACIFIC), fixture_instant("2026-11-23T12:00:00-08:00"), 1);
	expect_ready(BIT(PACIFIC), "2026-11-23T00:00:00-08:00", "2026-11-24T00:00:00-08:00", "pacific");
	expect_ready(BIT(PACIFIC), "2026-11-22T23:00:00-08:00", "2026-11-22T23:00:00-08:00", NULL);
	use(LANE, BIT(PACIFIC), "2026-11-24T09:00:00-08:00", "2026-11-24T09:00:00-08:00", 7);
	expect_ready(BIT(PACIFIC), "2026-11-23T12:00:00-08:00", "2026-11-25T00:00:00-08:00", "pacific");
}

/* Four at 10:30: until the hour in which they are 24 hours ago is over, there is no room in any hour. */
static void
a_rolling_limit_holds_in_every_stretch_of_its_length(void **state)
{
	(void)state;
	open_quota();
	use(LANE, BIT(ROLLING), "2026-11-23T10:30:00Z", "2026-11-23T10:30:00Z", 4);
	expect_ready(BIT(ROLLING), "2026-11-23T10:45:00Z", "2026-11-24T11:00:00Z", "rolling");
	expect_ready(BIT(ROLLING), "2026-11-22T10:00:00Z", "2026-11-24T11:00:00Z", "rolling");
	expect_ready(BIT(ROLLING), "2026-11-22T09:59:00Z", "2026-11-22T09:59:00Z", NULL);
	use(LANE, BIT(ROLLING), "2026-11-24T20:00:00Z", "2026-11-24T20:00:00Z", 3);
	expect_ready(BIT(ROLLING), "2026-11-23T10:45:00Z", "2026-11-24T11:00:00Z", "rolling");
	quota_take(quota, BIT(ROLLING), fixture_instant("2026-11-24T11:10:00Z"), 1);
	expect_ready(BIT(ROLLING), "2026-11-24T11:20:00Z", "2026-11-25T12:00:00Z", "rolling");
}

/* Queued before there was a limit, with an end in another day. */
static void
a_message_counts_wherever_it_may_leave(void **state)
{
	(void)state;
	open_quota();
	use(LANE, BIT(PACIFIC), "2026-11-23T20:00:00-08:00", "2026-11-25T08:00:00-08:00", 3);
	expect_ready(BIT(PACIFIC), "2026-11-23T12:00:00-08:00", "2026-11-26T00:00:00-08:00", "pacific");
}

/* What others have who may have to give way is room, but not free. */
static void
what_is_lent_may_be_taken(void **state)
{
	const struct instant at = fixture_instant("2026-11-23T12:00:00-08:00");
	(void)state;
	open_quota();
	quota_lend(quota,
		&(struct quota_use){
			LANE, BIT(PACIFIC), fixture_instant("2026-11-23T20:00:00-08:00"), fixture_instant("2026-11-23T21:00:00-08:00"), 2});
	assert_int_equal(quota_room(quota, BIT(PACIFIC), at), 3);
	assert_int_equal(quota_room_free(quota, BIT(PACIFIC), at), 1);
	quota_take(quota, BIT(PACIFIC), at, 2);
	assert_int_equal(quota_room(quota, BIT(PACIFIC), at), 1);
	assert_int_equal(quota_room_free(quota, BIT(PACIFIC), at), 0);
	assert_int_equal(quota_room_free(quota, BIT(PACIFIC), fixture_instant("2026-11-24T12:00:00-08:00")), 3);
}

static bool
is_spread(uint32_t of, const char *first, const char *last)
{
	return quota_is_spread(quota, &(struct quota_use){LANE, of, fixture_instant(first), fixture_instant(last), 1});
}

static void
a_message_is_spread_when_a_limit_counts_it_twice(void **state)
{
	(void)state;
	open_quota();
	assert_false(is_spread(BIT(PACIFIC), "2026-11-23T00:00:00-08:00", "2026-11-23T23:59:59-08:00"));
	assert_true(is_spread(BIT(PACIFIC), "2026-11-23T23:59:59-08:00", "2026-11-24T00:00:00-08:00"));
	assert_true(is_spread(BIT(ROLLING), "2026-11-23T12:59:59Z", "2026-11-23T13:00:00Z"));
	assert_false(is_spread(0, "2026-11-23T12:00:00Z", "2026-11-25T12:00:00Z"));
}

static void
what_has_left_is_told_in_grains_of_which_every_cell_is_made(void **state)
{
	static const struct duration quarter = {15 * US_PER_MINUTE};
	(void)state;
	open_quota();
	assert_int_equal(quota_grain(quota, quarter).us, quarter.us);
	rules[ROLLING].volume.length.us = 10 * US_PER_HOUR; /* parts of 25 minutes */
	open_quota();
	assert_int_equal(quota_grain(quota, quarter).us, 5 * US_PER_MINUTE);
	rules[ROLLING].volume.length.us = 100 * US_PER_SECOND; /* of five seconds, not of 4.17 */
	open_quota();
	assert_int_equal(quota_grain(quota, quarter).us, 5 * US_PER_SECOND);
}

/* A limit that begins behind the span and reaches into it does so from the start, not when the span gets there. */
static void
a_limit_whose_period_reaches_into_the_span_is_there(void **state)
{
	(void)state;
	for (size_t i = 0; i < RULES; i++)
		rules[i].from.days = wall_date((struct wall){fixture_instant("2026-12-22T00:00:00Z").us}).days;
	open_quota();
	assert_non_null(quota);
	for (size_t i = 0; i < RULES; i++)
		rules[i].from.days += 30;
	open_quota();
	assert_null(quota);
}

static void
nothing_is_planned_shortly_before_the_end_of_a_cell(void **state)
{
	(void)state;
	open_quota();
	expect_ready(BIT(PACIFIC), "2026-11-23T23:59:49-08:00", "2026-11-23T23:59:49-08:00", NULL);
	const struct quota_answer answer = quota_ready(quota, BIT(PACIFIC), fixture_instant("2026-11-23T23:59:50-08:00"));
	assert_int_equal(answer.ready.us, fixture_instant("2026-11-24T00:00:00-08:00").us);
	assert_false(answer.turned_away); /* there is room */
	assert_true(quota_has_room(quota, BIT(PACIFIC), fixture_instant("2026-11-23T23:59:50-08:00")));
}

static void
each_limit_counts_what_is_in_its_scope(void **state)
{
	const uint32_t all = BIT(PACIFIC) | BIT(ROLLING) | BIT(SHARED);
	(void)state;
	open_quota();
	use(STRANGER, all, "2026-11-23T10:00:00Z", "2026-11-23T10:00:00Z", 100);
	use(SISTER, all, "2026-11-23T10:00:00Z", "2026-11-23T10:00:00Z", 4);
	use(LANE, 0, "2026-11-23T10:00:00Z", "2026-11-23T10:00:00Z", 100); /* falls under no rule */
	expect_ready(all, "2026-11-23T10:00:00Z", "2026-11-23T10:00:00Z", NULL);
	use(SISTER, all, "2026-11-23T10:00:00Z", "2026-11-23T10:00:00Z", 1);
	expect_ready(BIT(SHARED), "2026-11-23T10:00:00Z", "2026-11-24T11:00:00Z", "shared");
	expect_ready(BIT(PACIFIC) | BIT(ROLLING), "2026-11-23T10:00:00Z", "2026-11-23T10:00:00Z", NULL);
}

static void
the_senders_own_limit_counts_everything_it_sends(void **state)
{
	(void)state;
	sender.daily_limit = 2;
	open_quota();
	use(LANE, 0, "2026-11-23T10:00:00Z", "2026-11-23T10:00:00Z", 1);
	use(SISTER, 0, "2026-11-23T10:00:00Z", "2026-11-23T10:00:00Z", 9);
	expect_ready(BIT(OWN_BIT), "2026-11-23T10:00:00Z", "2026-11-23T10:00:00Z", NULL);
	quota_take(quota, BIT(OWN_BIT), fixture_instant("2026-11-23T11:00:00Z"), 1);
	expect_ready(BIT(OWN_BIT), "2026-11-23T10:00:00Z", "2026-11-24T11:00:00Z", "own"); /* over any 24 hours */
}

/* What a day may hold holds from its first hour to its last, in every zone. */
static void
a_warm_up_allows_the_least_of_the_days_around(void **state)
{
	static const struct daily_tier tiers[] = {{{20779}, 1}, {{20783}, 3}}; /* 2026-11-22 and 2026-11-26 */
	(void)state;
	sender.daily_tiers = tiers;
	sender.daily_tier_count = 2;
	open_quota();
	assert_int_equal(quota_room(quota, BIT(OWN_BIT), fixture_instant("2026-11-23T12:00:00Z")), 1);
	assert_int_equal(quota_room(quota, BIT(OWN_BIT), fixture_instant("2026-11-26T12:00:00Z")), 1);
	assert_int_equal(quota_room(quota, BIT(OWN_BIT), fixture_instant("2026-11-28T12:00:00Z")), 3);
	quota_take(quota, BIT(OWN_BIT), fixture_instant("2026-11-23T12:00:00Z"), 1);
	assert_int_equal(quota_room(quota, BIT(OWN_BIT), fixture_instant("2026-11-24T11:00:00Z")), 0);
	assert_int_equal(quota_room(quota, BIT(OWN_BIT), fixture_instant("2026-11-25T12:00:00Z")), 1);
	quota_take(quota, BIT(OWN_BIT), fixture_instant("2026-11-23T12:00:00Z"), -1);
	assert_int_equal(quota_room(quota, BIT(OWN_BIT), fixture_instant("2026-11-24T11:00:00Z")), 1);
}

static void
room_changes_where_a_cell_ends_or_its_margin_begins(void **state)
{
	(void)state;
	open_quota();
	const struct instant at = fixture_instant("2026-11-23T12:00:00-08:00"), before = fixture_instant("2026-11-23T23:59:50-08:00");
	assert_int_equal(quota_change_after(quota, BIT(PACIFIC), at).us, before.us);
	assert_int_equal(quota_change_after(quota, BIT(PACIFIC), before).us, fixture_instant("2026-11-24T00:00:00-08:00").us);
	assert_int_equal(quota_room(quota, BIT(PACIFIC), at), 3);
	assert_int_equal(quota_room(quota, BIT(PACIFIC), before), 0);
	assert_int_equal(quota_room(quota, 0, before), INT64_MAX);
	assert_true(quota_is_daily(quota, BIT(PACIFIC)));
	assert_true(quota_is_daily(quota, 0));
	assert_false(quota_is_daily(quota, BIT(PACIFIC) | BIT(ROLLING)));
}

static void
a_message_ends_with_the_first_cell_of_its_limits(void **state)
{
	(void)state;
	open_quota();
	const struct instant at = fixture_instant("2026-11-23T23:30:00-08:00");
	assert_int_equal(quota_edge_after(quota, BIT(PACIFIC), at).us, fixture_instant("2026-11-24T00:00:00-08:00").us);
	assert_int_equal(quota_edge_after(quota, BIT(ROLLING), at).us, fixture_instant("2026-11-24T08:00:00Z").us);
	assert_int_equal(
		quota_edge_after(quota, BIT(ROLLING), fixture_instant("2026-11-24T08:00:00Z")).us, fixture_instant("2026-11-24T09:00:00Z").us);
	assert_int_equal(quota_edge_after(quota, 0, at).us, INT64_MAX);
	assert_int_equal(quota_edge_after(NULL, 0, at).us, INT64_MAX);
	assert_true(quota_has_room(NULL, 0, at));
}

/* Clocks are set back: that day has 25 hours. */
static void
a_day_lasts_as_long_as_its_zone_says(void **state)
{
	static const int16_t none[1];
	const struct quota_setup setup = {.rulebook = &rulebook,
		.sender = &sender,
		.zones = fixture_zone_set(),
		.span = {fixture_instant("2026-10-25T00:00:00Z"), fixture_instant("2026-11-10T00:00:00Z")},
		.lane = LANE,
		.portfolio = none};
	struct err err = ERR_INIT;
	(void)state;
	assert_int_equal(quota_create(&setup, &quota, &err), STATUS_OK);
	use(LANE, BIT(PACIFIC), "2026-11-01T00:30:00-07:00", "2026-11-01T00:30:00-07:00", 3);
	expect_ready(BIT(PACIFIC), "2026-11-01T07:00:00Z", "2026-11-02T00:00:00-08:00", "pacific");
	expect_ready(BIT(PACIFIC), "2026-11-02T07:59:59Z", "2026-11-02T00:00:00-08:00", "pacific");
}

static void
a_limit_begins_and_ends_with_its_rule(void **state)
{
	(void)state;
	rules[PACIFIC].from = fixture_date("2026-12-01");
	rules[PACIFIC].until = fixture_date("2026-12-03");
	open_quota();
	use(LANE, BIT(PACIFIC), "2026-11-30T23:00:00-08:00", "2026-11-30T23:00:00-08:00", 9);
	use(LANE, BIT(PACIFIC), "2026-12-01T01:00:00-08:00", "2026-12-01T01:00:00-08:00", 9);
	use(LANE, BIT(PACIFIC), "2026-12-02T01:00:00-08:00", "2026-12-02T01:00:00-08:00", 9);
	use(LANE, BIT(PACIFIC), "2026-12-03T01:00:00-08:00", "2026-12-03T01:00:00-08:00", 9);
	expect_ready(BIT(PACIFIC), "2026-11-30T22:00:00-08:00", "2026-11-30T22:00:00-08:00", NULL);
	expect_ready(BIT(PACIFIC), "2026-12-01T00:00:00-08:00", "2026-12-03T00:00:00-08:00", "pacific");
}

static void
what_lies_outside_the_span_turns_nobody_away(void **state)
{
	(void)state;
	open_quota();
	use(LANE, BIT(ROLLING), "2027-01-20T00:00:00Z", "2027-01-20T00:00:00Z", 99);
	use(LANE, BIT(ROLLING), "2026-01-20T00:00:00Z", "2026-01-20T00:00:00Z", 99);
	expect_ready(BIT(ROLLING), "2027-01-20T00:00:00Z", "2027-01-20T00:00:00Z", NULL);
	expect_ready(BIT(ROLLING), "2026-01-20T00:00:00Z", "2026-01-20T00:00:00Z", NULL);
	/* but what was sent shortly before the span counts in it */
	use(LANE, BIT(ROLLING), "2026-11-19T12:30:00Z", "2026-11-19T12:30:00Z", 4);
	expect_ready(BIT(ROLLING), "2026-11-20T00:00:00Z", "2026-11-20T13:00:00Z", "rolling");
	assert_true(quota_counts_from(quota).us <= fixture_instant("2026-11-19T00:00:00Z").us);
}

static void
without_a_limit_there_is_no_quota(void **state)
{
	(void)state;
	for (int i = 0; i < RULES; i++)
		rules[i].off = true;
	open_quota();
	assert_null(quota);
	assert_int_equal(quota_limits_of(quota, &(struct law)LAW_INIT), 0);
}

static void
a_law_is_limited_by_the_rules_it_holds(void **state)
{
	const struct rule *held[] = {&rules[SHARED]};
	struct law law = LAW_INIT;
	(void)state;
	law.of[RULE_VOLUME] = (struct rule_list){held, 1};
	open_quota();
	assert_int_equal(quota_rules_of(&rulebook, &law), BIT(SHARED));
	assert_int_equal(quota_limits_of(quota, &law), BIT(SHARED));
	sender.daily_limit = 5;
	open_quota();
	assert_true(quota_limits_of(quota, &law) == (BIT(SHARED) | BIT(OWN_BIT)));
	rules[SHARED].volume.n = INT32_MAX;
	sender.daily_limit = 0;
	open_quota();
	assert_int_equal(quota_limits_of(quota, &law), 0);
	assert_int_equal(quota_rules_of(&rulebook, &law), BIT(SHARED)); /* it may bind another sender */
}

static void
a_zone_that_is_not_loaded_is_named(void **state)
{
	const struct quota_setup setup = {.rulebook = &rulebook,
		.sender = &sender,
		.zones = fixture_zone_set(),
		.span = {fixture_instant("2026-10-25T00:00:00Z"), fixture_instant("2026-11-10T00:00:00Z")},
		.lane = LANE};
	struct err err = ERR_INIT;
	(void)state;
	strcpy(rules[PACIFIC].volume.fixed_zone, "America/Nowhere");
	assert_int_equal(quota_create(&setup, &quota, &err), STATUS_NOT_FOUND);
	assert_non_null(strstr(err.primary, "America/Nowhere"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_day_is_one_of_the_zone_of_its_limit, reset, drop),
		cmocka_unit_test_setup_teardown(a_rolling_limit_holds_in_every_stretch_of_its_length, reset, drop),
		cmocka_unit_test_setup_teardown(a_message_counts_wherever_it_may_leave, reset, drop),
		cmocka_unit_test_setup_teardown(what_is_lent_may_be_taken, reset, drop),
		cmocka_unit_test_setup_teardown(a_message_is_spread_when_a_limit_counts_it_twice, reset, drop),
		cmocka_unit_test_setup_teardown(what_has_left_is_told_in_grains_of_which_every_cell_is_made, reset, drop),
		cmocka_unit_test_setup_teardown(a_limit_whose_period_reaches_into_the_span_is_there, reset, drop),
		cmocka_unit_test_setup_teardown(nothing_is_planned_shortly_before_the_end_of_a_cell, reset, drop),
		cmocka_unit_test_setup_teardown(each_limit_counts_what_is_in_its_scope, reset, drop),
		cmocka_unit_test_setup_teardown(the_senders_own_limit_counts_everything_it_sends, reset, drop),
		cmocka_unit_test_setup_teardown(a_warm_up_allows_the_least_of_the_days_around, reset, drop),
		cmocka_unit_test_setup_teardown(room_changes_where_a_cell_ends_or_its_margin_begins, reset, drop),
		cmocka_unit_test_setup_teardown(a_message_ends_with_the_first_cell_of_its_limits, reset, drop),
		cmocka_unit_test_setup_teardown(a_day_lasts_as_long_as_its_zone_says, reset, drop),
		cmocka_unit_test_setup_teardown(a_limit_begins_and_ends_with_its_rule, reset, drop),
		cmocka_unit_test_setup_teardown(what_lies_outside_the_span_turns_nobody_away, reset, drop),
		cmocka_unit_test_setup_teardown(without_a_limit_there_is_no_quota, reset, drop),
		cmocka_unit_test_setup_teardown(a_law_is_limited_by_the_rules_it_holds, reset, drop),
		cmocka_unit_test_setup_teardown(a_zone_that_is_not_loaded_is_named, reset, drop),
	};
	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
