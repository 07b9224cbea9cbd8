/* Which regimes cover which region, and which rules bind. */
#include "planner/core/rulebook.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

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
		cmocka_unit_test(freeing_nothing_is_allowed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
