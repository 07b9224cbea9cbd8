/* How far back the ledger must be read: for caps, and for times between two messages to one person. */
#include "planner/law/lawbook.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/law_fixture.h"

static struct instant
earliest(const struct rule *rules, size_t count, enum category category, enum channel channel)
{
	struct regime regime = {
		.id = "r", .status = REGIME_ENFORCED, .everywhere = true, .rules = (struct rule *)(uintptr_t)rules, .rule_count = count};
	struct rulebook rulebook = {.regimes = &regime, .regime_count = 1};
	const struct lawbook book = {.law = {.rulebook = &rulebook}};
	return lawbook_lookback(&book, CATEGORY_BIT(category), CHANNEL_BIT(channel), fixture_instant("2026-11-23T12:00:00Z"));
}

static struct rule
pair_rule(int64_t hours)
{
	return (struct rule){.kind = RULE_RATE,
		.categories = CATEGORY_BIT(CATEGORY_MARKETING),
		.channels = CHANNEL_BIT(CHANNEL_SMS),
		.from = {INT32_MIN},
		.until = {INT32_MAX},
		.rate = {.n = 2, .per = {hours * US_PER_HOUR}, .pair = true}};
}

static void
a_time_between_two_messages_looks_back_as_a_cap_does(void **state)
{
	const struct instant now = fixture_instant("2026-11-23T12:00:00Z");
	const struct rule pair = pair_rule(12), both[] = {pair_rule(12), fixture_cap(CAP_ROLLING, 1, 4 * US_PER_HOUR)};
	struct rule sender = pair_rule(12);
	(void)state;
	sender.rate.pair = false;
	assert_int_equal(earliest(&pair, 1, CATEGORY_MARKETING, CHANNEL_SMS).us, now.us - 6 * US_PER_HOUR);
	assert_int_equal(earliest(&pair, 1, CATEGORY_MARKETING, CHANNEL_WHATSAPP).us, now.us);
	assert_int_equal(earliest(&pair, 1, CATEGORY_TRANSACTIONAL, CHANNEL_SMS).us, now.us);
	assert_int_equal(earliest(&sender, 1, CATEGORY_MARKETING, CHANNEL_SMS).us, now.us);
	assert_int_equal(earliest(both, 2, CATEGORY_MARKETING, CHANNEL_SMS).us, now.us - 6 * US_PER_HOUR);
	assert_int_equal(earliest(&both[1], 1, CATEGORY_MARKETING, CHANNEL_SMS).us, now.us - 4 * US_PER_HOUR);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_time_between_two_messages_looks_back_as_a_cap_does),
	};
	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
