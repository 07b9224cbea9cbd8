/* How large a block is, who waits, and until when. */
#include "scheduler/policy/escrow.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/law_fixture.h"

enum { LANE = 3, SISTER = 4, DAILY = 0, SHARED = 1, RULES = 2 };
#define BIT(n) (UINT32_C(1) << (n))
#define NOW "2026-11-23T15:05:00Z"

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

/* 30 a day in Los Angeles; 1000 in 24 hours for the portfolio. */
static int
reset(void **state)
{
	static const int16_t portfolio[] = {LANE, SISTER};
	const struct quota_setup setup = {.rulebook = &rulebook,
		.sender = &sender,
		.zones = fixture_zone_set(),
		.span = {fixture_instant(NOW), {fixture_instant(NOW).us + US_PER_DAY}},
		.lane = LANE,
		.portfolio = portfolio,
		.portfolio_count = 2};
	struct err err = ERR_INIT;

	(void)state;
	rules[DAILY] = volume("daily", (struct volume_rule){.n = 30, .fixed_zone = "America/Los_Angeles"});
	rules[SHARED] = volume("shared", (struct volume_rule){.n = 1000, .length = {24 * US_PER_HOUR}, .scope = VOLUME_PORTFOLIO});
	sender = (struct sender_facts){.trust = "", .registered_on = {INT32_MIN}, .granted_on = {INT32_MIN}, .rate_milli = 1000};
	return quota_create(&setup, &quota, &err) == STATUS_OK ? 0 : -1;
}

static int
drop(void **state)
{
	(void)state;
	quota_free(&quota);
	return 0;
}

static void
use(int16_t lane, uint32_t of, int64_t n)
{
	const struct instant at = escrow_quarter(fixture_instant(NOW));

	quota_count(quota, &(struct quota_use){lane, of, at, at, n});
}

static struct escrow_answer
decide(size_t lanes, const uint32_t *of, size_t count, bool *waits)
{
	const struct escrow_ask ask = {.now = fixture_instant(NOW), .rules = of, .class_count = count, .lanes = lanes, .per_1000_s = 10000};
	struct escrow_answer answer;

	escrow_decide(quota, &ask, waits, &answer);
	return answer;
}

static void
expect_instant(struct instant given, const char *expected)
{
	char text[INSTANT_TEXT_MAX];

	if (given.us != fixture_instant(expected).us)
		fail_msg("%s, not %s", instant_format(given, 0, text), expected);
}

static void
what_no_limit_counts_is_not_limited(void **state)
{
	static const uint32_t of[] = {0, 0};
	bool waits[2];
	const struct escrow_answer answer = decide(1, of, 2, waits);

	(void)state;
	assert_false(answer.limited);
	assert_true(answer.n == INT64_MAX && answer.until.us == INT64_MAX && answer.again.us == INT64_MAX);
	assert_false(waits[0] || waits[1]);
}

static void
who_is_alone_takes_all_until_the_quarter_ends(void **state)
{
	static const uint32_t of[] = {BIT(DAILY), 0};
	bool waits[2];

	(void)state;
	use(LANE, BIT(DAILY), 7);
	use(SISTER, BIT(DAILY), 9); /* the limit is each sender's own */

	const struct escrow_answer answer = decide(1, of, 2, waits);

	assert_int_equal(answer.n, 23);
	assert_int_equal(answer.left, 23);
	assert_string_equal(answer.rule->id, "daily");
	expect_instant(answer.until, "2026-11-23T15:15:00Z");
	assert_true(answer.again.us == INT64_MAX);
}

static void
a_class_without_room_waits_and_the_others_leave(void **state)
{
	static const uint32_t of[] = {BIT(DAILY) | BIT(SHARED), BIT(SHARED)};
	bool waits[2];

	(void)state;
	use(LANE, BIT(DAILY) | BIT(SHARED), 30);

	const struct escrow_answer answer = decide(1, of, 2, waits);

	assert_true(waits[0] && !waits[1]);
	assert_int_equal(answer.n, 970);
	assert_int_equal(answer.left, 0);
	expect_instant(answer.again, "2026-11-23T15:06:00Z"); /* room comes at midnight in Los Angeles at the latest */
}

static void
what_no_limit_counts_leaves_beside_what_waits(void **state)
{
	static const uint32_t of[] = {BIT(DAILY), 0};
	bool waits[2];

	(void)state;
	use(LANE, BIT(DAILY), 30);

	const struct escrow_answer answer = decide(2, of, 2, waits);

	assert_true(waits[0] && !waits[1]);
	assert_true(answer.n == INT64_MAX);
	assert_false(answer.reserved); /* nobody else need leave anything to it */
}

static void
nothing_leaves_when_all_wait(void **state)
{
	static const uint32_t of[] = {BIT(DAILY)};
	bool waits[1];

	(void)state;
	use(LANE, BIT(DAILY), 31);
	assert_int_equal(decide(1, of, 1, waits).n, 0);
	assert_true(waits[0]);
}

static void
a_portfolio_is_shared(void **state)
{
	static const uint32_t of[] = {BIT(SHARED)};
	bool waits[1];

	(void)state;
	use(LANE, BIT(SHARED), 200);
	use(SISTER, UINT32_MAX, 400);

	const struct escrow_answer few = decide(2, of, 1, waits), many = decide(100, of, 1, waits);

	assert_int_equal(few.n, 200);
	expect_instant(few.until, "2026-11-23T15:06:00Z");
	assert_int_equal(many.n, 4);
	use(SISTER, UINT32_MAX, 399);
	assert_int_equal(decide(2, of, 1, waits).n, 1); /* the last one */
}

static void
a_share_is_a_minutes_worth(void **state)
{
	static const uint32_t of[] = {BIT(SHARED)};
	const struct escrow_ask ask = {.now = fixture_instant(NOW), .rules = of, .class_count = 1, .lanes = 2, .per_1000_s = 2000};
	struct escrow_answer answer;
	bool waits[1];

	(void)state;
	escrow_decide(quota, &ask, waits, &answer);
	assert_int_equal(answer.n, 120);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, reset, drop)
	const struct CMUnitTest tests[] = {
		TEST(what_no_limit_counts_is_not_limited),
		TEST(who_is_alone_takes_all_until_the_quarter_ends),
		TEST(a_class_without_room_waits_and_the_others_leave),
		TEST(what_no_limit_counts_leaves_beside_what_waits),
		TEST(nothing_leaves_when_all_wait),
		TEST(a_portfolio_is_shared),
		TEST(a_share_is_a_minutes_worth),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
