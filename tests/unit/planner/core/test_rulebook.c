/* Which regimes cover which region, and which rules bind. */
#include "planner/core/rulebook.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct regime us = {.id = "us", .regions = {"US", "PR"}, .region_count = 2};
static const struct regime texas = {.id = "us-tx", .regions = {"US-TX"}, .region_count = 1};
static const struct regime house = {.id = "house", .everywhere = true};

static const struct {
	const struct regime *regime;
	const char *region;
	bool covered;
} coverings[] = {
	{&us, "US", true},
	{&us, "US-TX", true},
	{&us, "PR", true},
	{&us, "CA", false},
	{&us, "U", false},
	{&us, "USA", false},
	{&texas, "US-TX", true},
	{&texas, "US-NY", false},
	{&texas, "US", true}, /* a person somewhere in the country may be in Texas */
	{&texas, "US-T", false},
	{&house, "BR", true},
	{&house, "", true},
};

static void
a_country_covers_its_subdivisions_and_an_unknown_part_attaches(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(coverings) / sizeof(coverings[0]); i++)
		if (regime_covers(coverings[i].regime, coverings[i].region) != coverings[i].covered)
			fail_msg("%s over %s", coverings[i].regime->id, coverings[i].region);
}

static const struct {
	enum regime_status status;
	enum strength strength;
	bool enforce_should, binds;
} bindings[] = {
	{REGIME_ENFORCED, STRENGTH_MUST, false, true},
	{REGIME_ENFORCED, STRENGTH_SHOULD, false, false},
	{REGIME_ENFORCED, STRENGTH_SHOULD, true, true},
	{REGIME_ENFORCED, STRENGTH_INFO, true, false},
	{REGIME_ADVISORY, STRENGTH_MUST, true, false},
	{REGIME_OFF, STRENGTH_MUST, true, false},
};

static void
strength_and_status_decide_what_binds(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bindings) / sizeof(bindings[0]); i++) {
		struct rulebook rulebook = {.should = bindings[i].enforce_should ? SHOULD_BLOCK : SHOULD_WARN};
		struct regime regime = {.status = bindings[i].status};
		struct rule rule = {.strength = bindings[i].strength};
		if (rule_binds(&rulebook, &regime, &rule) != bindings[i].binds)
			fail_msg("row %zu", i);
	}
}

static void
a_rule_is_found_by_its_id_with_its_regime(void **state)
{
	(void)state;
	struct rule first[] = {{.id = "a.window"}, {.id = "a.cap"}}, second[] = {{.id = "b.window"}};
	struct regime regimes[] = {{.id = "a", .rules = first, .rule_count = 2}, {.id = "b", .rules = second, .rule_count = 1}};
	const struct rulebook rulebook = {.regimes = regimes, .regime_count = 2};
	const struct regime *regime = NULL;
	assert_ptr_equal(rulebook_find(&rulebook, "b.window", &regime), &second[0]);
	assert_ptr_equal(regime, &regimes[1]);
	assert_ptr_equal(rulebook_find(&rulebook, "a.cap", NULL), &first[1]);
	assert_null(rulebook_find(&rulebook, "a", &regime));
}

static void
every_kind_has_a_name_of_its_own(void **state)
{
	(void)state;
	for (int i = 0; i < RULE_KIND_COUNT; i++) {
		assert_true(*rule_kind_name((enum rule_kind)i));
		for (int j = 0; j < i; j++)
			assert_string_not_equal(rule_kind_name((enum rule_kind)i), rule_kind_name((enum rule_kind)j));
	}
}

static void
a_rulebook_owns_its_conditions_and_texts(void **state)
{
	(void)state;
	struct rulebook *rulebook = calloc(1, sizeof(*rulebook));
	struct err err = ERR_INIT;
	assert_non_null(rulebook);
	rulebook->regimes = calloc(1, sizeof(*rulebook->regimes));
	rulebook->regime_count = 1;
	rulebook->regimes[0].title = strdup("T");
	rulebook->regimes[0].file = strdup("t.cfg");
	rulebook->regimes[0].rules = calloc(1, sizeof(*rulebook->regimes[0].rules));
	rulebook->regimes[0].rule_count = 1;
	struct rule *rule = &rulebook->regimes[0].rules[0];
	rule->kind = RULE_NOTE;
	rule->note.text = strdup("Train the staff.");
	assert_int_equal(predicate_parse("tag:a", &rule->when, &err), STATUS_OK);
	assert_int_equal(predicate_parse("tag:b", &rule->exceptions[0].condition, &err), STATUS_OK);
	rule->exception_count = 1;
	rulebook_free(&rulebook); /* the leak checker of the sanitised build looks on */
	assert_null(rulebook);
}

static void
freeing_nothing_is_allowed(void **state)
{
	(void)state;
	struct rulebook *none = NULL;
	rulebook_free(&none);
	assert_null(none);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_country_covers_its_subdivisions_and_an_unknown_part_attaches),
		cmocka_unit_test(strength_and_status_decide_what_binds),
		cmocka_unit_test(a_rule_is_found_by_its_id_with_its_regime),
		cmocka_unit_test(every_kind_has_a_name_of_its_own),
		cmocka_unit_test(a_rulebook_owns_its_conditions_and_texts),
		cmocka_unit_test(freeing_nothing_is_allowed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
