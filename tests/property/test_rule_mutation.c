/*
 * Every rule is noticed: with one rule taken out of the rulebook, a row of tests/cases/law_*.txt that names it fails. So no rule can be lost or loosened
 * to nothing without a test saying so, and no row names a rule that does not decide it.
 *
 * A rule is taken away by letting it bind no category. Only rows that name the rule are asked, which makes this a matter of a second. What software
 * only records (opt-out deadlines, retention, notes) and info are not asked for here.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/law_cases.h"

static struct law_cases *cases;

static int
read_cases(void **state)
{
	(void)state;
	cases = law_cases_read();
	return 0;
}

static int
free_cases(void **state)
{
	(void)state;
	law_cases_free(&cases);
	return 0;
}

static bool
is_judged(const struct rule *rule)
{
	return rule->strength != STRENGTH_INFO && rule->kind != RULE_OPT_OUT && rule->kind != RULE_RETENTION && rule->kind != RULE_NOTE;
}

/* How many of the rows that name the rule fail without it. */
static size_t
failures_without(struct rule *rule, size_t *out_named)
{
	const uint32_t categories = rule->categories;
	size_t failures = 0;
	*out_named = 0;
	rule->categories = 0;
	for (size_t i = 0; i < law_case_count(cases); i++) {
		char answer[LAW_ANSWER_MAX];
		if (!law_case_names(law_case_at(cases, i), rule->id))
			continue;
		(*out_named)++;
		failures += !law_case_holds(cases, i, answer);
	}
	rule->categories = categories;
	return failures;
}

static void
a_rule_taken_away_is_noticed(void **state)
{
	struct rulebook *rulebook = law_cases_rulebook(cases);
	size_t rules = 0, survivors = 0;
	(void)state;
	for (size_t i = 0; i < rulebook->regime_count; i++)
		for (size_t j = 0; j < rulebook->regimes[i].rule_count; j++) {
			struct rule *rule = &rulebook->regimes[i].rules[j];
			size_t named;
			if (!is_judged(rule))
				continue;
			rules++;
			if (failures_without(rule, &named) > 0)
				continue;
			survivors++;
			print_error("%s (%s %s, %s): %s\n", rule->id, rule_kind_name(rule->kind), rule->sources,
				rulebook->regimes[i].status == REGIME_ENFORCED ? "enforced" : "overlay",
				named > 0 ? "no row that names it fails without it" : "no row of tests/cases/law_*.txt names it");
		}
	print_message("%zu rules taken away one by one, %zu of them unnoticed\n", rules, survivors);
	assert_true(rules > 0);
	assert_int_equal(survivors, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_rule_taken_away_is_noticed),
	};
	return cmocka_run_group_tests(tests, read_cases, free_cases) != 0;
}
