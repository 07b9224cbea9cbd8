/* Which rules make the law of a class; the union of consent needs by date. */
#include "planner/core/merge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define ALWAYS .from = {INT32_MIN}, .until = {INT32_MAX}
#define MARKETING .categories = CATEGORY_BIT(CATEGORY_MARKETING), .channels = ALL_CHANNELS
#define EVERYTHING .categories = ALL_CATEGORIES, .channels = ALL_CHANNELS

static struct rule base_rules[] = {
	{.id = "base.consent", .kind = RULE_CONSENT, MARKETING, ALWAYS, .consent = {.required = true, .evidence = EVIDENCE_BIT(EVIDENCE_TIME)}},
};
static struct rule us_rules[] = {
	{.id = "us.window", .kind = RULE_WINDOW, MARKETING, ALWAYS},
	{.id = "us.cap", .kind = RULE_CAP, .strength = STRENGTH_SHOULD, MARKETING, ALWAYS},
	{.id = "us.advice", .kind = RULE_WINDOW, .strength = STRENGTH_INFO, MARKETING, ALWAYS},
	{.id = "us.evidence",
		.kind = RULE_CONSENT,
		MARKETING,
		.from = {100},
		.until = {200},
		.consent = {.required = false, .evidence = EVIDENCE_BIT(EVIDENCE_IP)}},
};
static struct rule india_rules[] = {
	{.id = "in.window", .kind = RULE_WINDOW, EVERYTHING, ALWAYS},
	{.id = "in.sms", .kind = RULE_CAP, .categories = ALL_CATEGORIES, .channels = CHANNEL_BIT(CHANNEL_SMS), ALWAYS},
};
static struct regime regimes[] = {
	{.id = "us", .regions = {"US"}, .region_count = 1, .rules = us_rules, .rule_count = 4},
	{.id = "in", .regions = {"IN"}, .region_count = 1, .rules = india_rules, .rule_count = 2},
	{.id = "base", .everywhere = true, .rules = base_rules, .rule_count = 1},
	{.id = "later", .everywhere = true, .status = REGIME_OFF, .rules = india_rules, .rule_count = 2},
};
static const struct rulebook rulebook = {.regimes = regimes, .regime_count = 4};

static struct law
merge(const char *first, const char *second, enum category category, enum channel channel)
{
	const char *regions[] = {first, second};
	struct class_facts facts = {.regions = regions, .region_count = second ? 2 : 1, .category = category, .channel = channel};
	struct law law;
	struct err err = ERR_INIT;
	assert_int_equal(law_merge(&rulebook, &facts, &law, &err), STATUS_OK);
	return law;
}

static void
two_candidate_regions_bind_together_in_order_of_ids(void **state)
{
	(void)state;
	struct law law = merge("US-TX", "IN", CATEGORY_MARKETING, CHANNEL_SMS);
	assert_string_equal(law.regimes, "base in us");
	assert_int_equal(law.of[RULE_WINDOW].count, 2);
	assert_string_equal(law.of[RULE_WINDOW].items[0]->id, "in.window");
	assert_string_equal(law.of[RULE_WINDOW].items[1]->id, "us.window");
	assert_int_equal(law.of[RULE_CAP].count, 2);
	assert_int_equal(law.of[RULE_CONSENT].count, 2);
	law_free(&law);
	assert_null(law.regimes);
}

static void
category_and_channel_choose_the_rules(void **state)
{
	(void)state;
	struct law law = merge("IN", NULL, CATEGORY_TRANSACTIONAL, CHANNEL_WHATSAPP);
	assert_int_equal(law.of[RULE_WINDOW].count, 1);
	assert_int_equal(law.of[RULE_CAP].count, 0);
	assert_int_equal(law.of[RULE_CONSENT].count, 0);
	law_free(&law);
}

static void
no_window_or_cap_binds_the_answer_to_an_opt_out(void **state)
{
	(void)state;
	struct law law = merge("IN", NULL, CATEGORY_OPT_OUT_CONFIRMATION, CHANNEL_SMS);
	assert_int_equal(law.of[RULE_WINDOW].count + law.of[RULE_CAP].count, 0);
	law_free(&law);
}

static void
advice_binds_only_by_policy(void **state)
{
	(void)state;
	struct rulebook lenient = rulebook;
	lenient.should = SHOULD_WARN;
	const char *region = "US";
	struct class_facts facts = {.regions = &region, .region_count = 1};
	struct law law;
	struct err err = ERR_INIT;
	assert_int_equal(law_merge(&lenient, &facts, &law, &err), STATUS_OK);
	assert_int_equal(law.of[RULE_CAP].count, 0);
	law_free(&law);
}

static void
consent_needs_unite_and_follow_the_date(void **state)
{
	(void)state;
	static const struct {
		int32_t day;
		bool with_ip;
	} days[] = {{99, false}, {100, true}, {199, true}, {200, false}};
	struct law law = merge("US", NULL, CATEGORY_MARKETING, CHANNEL_WHATSAPP);
	for (size_t i = 0; i < sizeof(days) / sizeof(days[0]); i++) {
		struct consent_need need = law_consent_need(&law, (struct date){days[i].day});
		assert_true(need.required);
		assert_int_equal(need.evidence, EVIDENCE_BIT(EVIDENCE_TIME) | (days[i].with_ip ? EVIDENCE_BIT(EVIDENCE_IP) : 0));
	}
	law_free(&law);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_candidate_regions_bind_together_in_order_of_ids),
		cmocka_unit_test(category_and_channel_choose_the_rules),
		cmocka_unit_test(no_window_or_cap_binds_the_answer_to_an_opt_out),
		cmocka_unit_test(advice_binds_only_by_policy),
		cmocka_unit_test(consent_needs_unite_and_follow_the_date),
	};
	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
