/* Which rules make the law of a class; the union of consent needs by date. */
#include "planner/core/merge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

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

/* Conditions, exceptions, waivers ---------------------------------------------------------------------------------------------------------- */

static struct predicate *
condition(const char *text)
{
	struct predicate *predicate = NULL;
	struct err err = ERR_INIT;
	assert_int_equal(predicate_parse(text, &predicate, &err), STATUS_OK);
	return predicate;
}

static const struct {
	const char *regions[2], *facts[2], *word;
	enum truth truth;
} words[] = {
	{{"US-TX"}, {NULL}, "region:US-TX", TRUTH_TRUE},
	{{"US-TX"}, {NULL}, "region:US", TRUTH_TRUE},
	{{"US-TX"}, {NULL}, "region:US-NY", TRUTH_FALSE},
	{{"US"}, {NULL}, "region:US-TX", TRUTH_UNKNOWN},
	{{"US", "US-TX"}, {NULL}, "region:US-TX", TRUTH_UNKNOWN},
	{{"US-NY", "US-TX"}, {NULL}, "region:US", TRUTH_TRUE},
	{{"DE", "US-TX"}, {NULL}, "region:US", TRUTH_UNKNOWN},
	{{"DE"}, {NULL}, "region:US", TRUTH_FALSE},
	{{NULL}, {NULL}, "region:US", TRUTH_UNKNOWN},
	{{"DE"}, {"number:US"}, "number:US", TRUTH_TRUE},
	{{"DE"}, {"?number:US"}, "number:US", TRUTH_UNKNOWN},
	{{"US"}, {NULL}, "number:US", TRUTH_FALSE},
	{{"DE"}, {"number:US-TX"}, "number:US", TRUTH_FALSE}, /* the caller lists each word that holds */
	{{"DE"}, {"tag:alcohol", "consent:customer"}, "consent:customer", TRUTH_TRUE},
	{{"DE"}, {"tag:alcohol"}, "consent:customer", TRUTH_UNKNOWN},
	{{"DE"}, {"tag:alcoholic"}, "tag:alcohol", TRUTH_FALSE},
};

static void
words_are_true_false_or_not_known(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		const struct class_facts facts = {.regions = words[i].regions,
			.region_count = (size_t)(words[i].regions[0] != NULL) + (words[i].regions[1] != NULL),
			.facts = words[i].facts,
			.fact_count = (size_t)(words[i].facts[0] != NULL) + (words[i].facts[1] != NULL)};
		if (class_truth(&facts, words[i].word) != words[i].truth)
			fail_msg("row %zu: %s", i, words[i].word);
	}
}

static struct law
merge_rule(struct rule *rule, enum regime_status status, enum should_policy should, const char *fact)
{
	struct regime regime = {.id = "r", .everywhere = true, .status = status, .rules = rule, .rule_count = 1};
	const struct rulebook book = {.regimes = &regime, .regime_count = 1, .should = should};
	const struct class_facts facts = {.facts = &fact, .fact_count = fact != NULL};
	struct law law;
	struct err err = ERR_INIT;
	assert_int_equal(law_merge(&book, &facts, &law, &err), STATUS_OK);
	return law;
}

static const struct lifting {
	const char *when, *exception;
	bool on, waivable;
	const char *fact;
	bool binds;
} liftings[] = {
	{"tag:alcohol", NULL, false, false, NULL, false},
	{"tag:alcohol", NULL, false, false, "?tag:alcohol", true},
	{"tag:alcohol", NULL, false, false, "tag:alcohol", true},
	{"not tag:alcohol", NULL, false, false, "?tag:alcohol", true},
	{NULL, "tag:alcohol", true, false, NULL, true},
	{NULL, "tag:alcohol", true, false, "?tag:alcohol", true},
	{NULL, "tag:alcohol", true, false, "tag:alcohol", false},
	{NULL, "tag:alcohol", false, false, "tag:alcohol", true},
	{NULL, NULL, false, true, "waived:x.a", false},
	{NULL, NULL, false, false, "waived:x.a", true},
	{NULL, NULL, false, true, "waived:x.ab", true},
	{NULL, NULL, false, true, "waived:x", true},
};

static void
only_what_is_known_lifts_a_rule(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(liftings) / sizeof(liftings[0]); i++) {
		const struct lifting *row = &liftings[i];
		struct rule rule = {.id = "x.a", .kind = RULE_CAP, MARKETING, ALWAYS, .waivable = row->waivable};
		rule.when = row->when ? condition(row->when) : NULL;
		rule.exceptions[0] = (struct exception){.condition = row->exception ? condition(row->exception) : NULL, .on = row->on};
		rule.exception_count = row->exception != NULL;
		struct law law = merge_rule(&rule, REGIME_ENFORCED, SHOULD_BLOCK, row->fact);
		if (law.of[RULE_CAP].count != row->binds)
			fail_msg("row %zu", i);
		assert_int_equal(law.advice.count, 0);
		law_free(&law);
		predicate_free(&rule.when);
		predicate_free(&rule.exceptions[0].condition);
	}
}

static const struct {
	enum regime_status status;
	enum strength strength;
	enum should_policy should;
	enum rule_kind kind;
	bool off, binds, advises;
} advices[] = {
	{REGIME_ENFORCED, STRENGTH_MUST, SHOULD_BLOCK, RULE_CAP, false, true, false},
	{REGIME_ENFORCED, STRENGTH_SHOULD, SHOULD_BLOCK, RULE_CAP, false, true, false},
	{REGIME_ENFORCED, STRENGTH_SHOULD, SHOULD_WARN, RULE_CAP, false, false, true},
	{REGIME_ENFORCED, STRENGTH_SHOULD, SHOULD_IGNORE, RULE_CAP, false, false, false},
	{REGIME_ENFORCED, STRENGTH_INFO, SHOULD_WARN, RULE_CAP, false, false, false},
	{REGIME_ADVISORY, STRENGTH_MUST, SHOULD_BLOCK, RULE_CAP, false, false, true},
	{REGIME_ADVISORY, STRENGTH_MUST, SHOULD_BLOCK, RULE_CAP, true, false, false},
	{REGIME_ADVISORY, STRENGTH_INFO, SHOULD_BLOCK, RULE_CAP, false, false, false},
	{REGIME_ADVISORY, STRENGTH_MUST, SHOULD_BLOCK, RULE_NOTE, false, false, false},
	{REGIME_ENFORCED, STRENGTH_INFO, SHOULD_BLOCK, RULE_PREFERENCE, false, true, false},
	{REGIME_ENFORCED, STRENGTH_INFO, SHOULD_IGNORE, RULE_PREFERENCE, false, true, false},
	{REGIME_ENFORCED, STRENGTH_INFO, SHOULD_BLOCK, RULE_PREFERENCE, true, false, false},
	{REGIME_ADVISORY, STRENGTH_INFO, SHOULD_BLOCK, RULE_PREFERENCE, false, false, false},
	{REGIME_OFF, STRENGTH_MUST, SHOULD_BLOCK, RULE_CAP, false, false, false},
	{REGIME_ENFORCED, STRENGTH_MUST, SHOULD_BLOCK, RULE_CAP, true, false, false},
};

static void
advice_is_what_would_bind_and_does_not(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(advices) / sizeof(advices[0]); i++) {
		struct rule rule = {
			.id = "x.a", .kind = advices[i].kind, .strength = advices[i].strength, .off = advices[i].off, MARKETING, ALWAYS};
		struct law law = merge_rule(&rule, advices[i].status, advices[i].should, NULL);
		if (law.of[advices[i].kind].count != advices[i].binds || law.advice.count != advices[i].advises)
			fail_msg("row %zu: %zu bind, %zu advise", i, law.of[advices[i].kind].count, law.advice.count);
		law_free(&law);
	}
}

static void
the_terms_are_all_that_the_gate_does_not_judge(void **state)
{
	const struct rulebook none = {.regimes = NULL};
	(void)state;
	for (int kind = 0; kind < RULE_KIND_COUNT; kind++) {
		const bool judged =
			kind == RULE_WINDOW || kind == RULE_CONSENT || kind == RULE_PREFERENCE || kind == RULE_BREAKER || kind == RULE_NOTE;
		struct rule rule = {.id = "x.a", .kind = (enum rule_kind)kind, MARKETING, ALWAYS, .digest = 1};
		struct law law = merge_rule(&rule, REGIME_ENFORCED, SHOULD_BLOCK, NULL);
		const uint64_t before = law_terms_hash(&none, &law);
		rule.digest = 2;
		assert_int_equal(law_terms_hash(&none, &law) == before, judged);
		assert_int_equal(before == law_terms_hash(&none, &(struct law)LAW_INIT), judged);
		law_free(&law);
	}
}

/* Facts are told only for the words of the rulebook that a class was made under. */
static void
another_word_is_another_term(void **state)
{
	struct rule rule = {.id = "x.a", .kind = RULE_WINDOW, MARKETING, ALWAYS};
	struct regime regime = {.id = "x", .status = REGIME_ENFORCED, .everywhere = true, .rules = &rule, .rule_count = 1};
	const struct rulebook book = {.regimes = &regime, .regime_count = 1};
	const struct law law = LAW_INIT;
	struct err err = ERR_INIT;
	(void)state;
	const uint64_t before = law_terms_hash(&book, &law);
	assert_int_equal(predicate_parse("sender_type:number", &rule.when, &err), STATUS_OK);
	assert_true(law_terms_hash(&book, &law) != before);
	predicate_free(&rule.when);
}

static void
the_words_of_enforced_rules_are_asked_about_once(void **state)
{
	(void)state;
	struct rule rules[] = {{.id = "a"}, {.id = "b"}, {.id = "c", .off = true}, {.id = "d"}};
	struct regime both[] = {
		{.id = "x", .rules = rules, .rule_count = 3}, {.id = "y", .status = REGIME_ADVISORY, .rules = rules + 3, .rule_count = 1}};
	const struct rulebook book = {.regimes = both, .regime_count = 2};
	const char **asked = NULL;
	size_t count = 0;
	rules[0].when = condition("tag:b and region:US or tag:a");
	rules[1].exception_count = 2;
	rules[1].exceptions[0] = (struct exception){.condition = condition("tag:a and sender:IN"), .on = true};
	rules[1].exceptions[1] = (struct exception){.condition = condition("tag:c"), .on = false};
	rules[2].when = condition("tag:d");
	rules[3].when = condition("tag:e");
	assert_int_equal(rulebook_words(&book, &asked, &count), STATUS_OK);
	assert_int_equal(count, 3);
	assert_string_equal(asked[0], "sender:IN");
	assert_string_equal(asked[1], "tag:a");
	assert_string_equal(asked[2], "tag:b");
	free(asked);
	for (size_t i = 0; i < 4; i++)
		predicate_free(&rules[i].when);
	predicate_free(&rules[1].exceptions[0].condition);
	predicate_free(&rules[1].exceptions[1].condition);
}

static void
the_shortest_life_of_consent_counts(void **state)
{
	(void)state;
	struct rule rules[] = {{.id = "a", .kind = RULE_CONSENT, MARKETING, ALWAYS, .consent = {.good_for = {0}}},
		{.id = "b", .kind = RULE_CONSENT, MARKETING, ALWAYS, .consent = {.good_for = {9}}},
		{.id = "c", .kind = RULE_CONSENT, MARKETING, .from = {100}, .until = {INT32_MAX}, .consent = {.required = true, .good_for = {7}}},
		{.id = "d", .kind = RULE_CONSENT, MARKETING, ALWAYS, .consent = {.good_for = {8}}}};
	struct regime regime = {.id = "r", .everywhere = true, .rules = rules, .rule_count = 4};
	const struct rulebook book = {.regimes = &regime, .regime_count = 1};
	const struct class_facts facts = {.regions = NULL};
	struct law law;
	struct err err = ERR_INIT;
	assert_int_equal(law_merge(&book, &facts, &law, &err), STATUS_OK);
	assert_int_equal(law_consent_need(&law, (struct date){99}).good_for.us, 8);
	assert_int_equal(law_consent_need(&law, (struct date){100}).good_for.us, 7);
	assert_null(law_consent_rule(&law, (struct date){99}, 0));
	assert_string_equal(law_consent_rule(&law, (struct date){100}, 0)->id, "c");
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
		cmocka_unit_test(words_are_true_false_or_not_known),
		cmocka_unit_test(only_what_is_known_lifts_a_rule),
		cmocka_unit_test(advice_is_what_would_bind_and_does_not),
		cmocka_unit_test(the_terms_are_all_that_the_gate_does_not_judge),
		cmocka_unit_test(another_word_is_another_term),
		cmocka_unit_test(the_words_of_enforced_rules_are_asked_about_once),
		cmocka_unit_test(the_shortest_life_of_consent_counts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
