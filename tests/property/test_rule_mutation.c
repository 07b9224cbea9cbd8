/*
 * Every rule is noticed: with one rule taken out of the rulebook, a row of tests/cases/law_*.txt that names it fails. So no rule can be lost or loosened
 * to nothing without a test saying so, and no row names a rule that does not decide it.
 *
 * A rule is taken away by letting it bind no category. Only rows that name the rule are asked, which makes this a matter of a second. What software
 * only records (opt-out deadlines, retention, notes), what only ranks and info are not asked for here.
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
	return rule->strength != STRENGTH_INFO && rule->kind != RULE_OPT_OUT && rule->kind != RULE_RETENTION && rule->kind != RULE_NOTE &&
		rule->kind != RULE_PREFERENCE;
}

/* How many of the rows that name the rule fail now. */
static size_t
failures_of(const char *rule_id)
{
	size_t failures = 0;
	for (size_t i = 0; i < law_case_count(cases); i++) {
		char answer[LAW_ANSWER_MAX];
		failures += law_case_names(law_case_at(cases, i), rule_id) && !law_case_holds(cases, i, answer);
	}
	return failures;
}

static bool
is_named(const char *rule_id)
{
	for (size_t i = 0; i < law_case_count(cases); i++)
		if (law_case_names(law_case_at(cases, i), rule_id))
			return true;
	return false;
}

/* How many of the rows that name the rule fail without it. */
static size_t
failures_without(struct rule *rule)
{
	const uint32_t categories = rule->categories;
	rule->categories = 0;
	const size_t failures = failures_of(rule->id);
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
			if (!is_judged(rule))
				continue;
			rules++;
			if (failures_without(rule) > 0)
				continue;
			survivors++;
			print_error("%s (%s %s, %s): %s\n", rule->id, rule_kind_name(rule->kind), rule->sources,
				rulebook->regimes[i].status == REGIME_ENFORCED ? "enforced" : "overlay",
				is_named(rule->id) ? "no row that names it fails without it" : "no row of tests/cases/law_*.txt names it");
		}
	print_message("%zu rules taken away one by one, %zu of them unnoticed\n", rules, survivors);
	assert_true(rules > 0);
	assert_int_equal(survivors, 0);
}

/* The number on holidays of a cap is another rule in the same words. */
static void
a_holiday_number_taken_away_is_noticed(void **state)
{
	struct rulebook *rulebook = law_cases_rulebook(cases);
	size_t caps = 0;
	(void)state;
	for (size_t i = 0; i < rulebook->regime_count; i++)
		for (size_t j = 0; j < rulebook->regimes[i].rule_count; j++) {
			struct rule *rule = &rulebook->regimes[i].rules[j];
			if (rule->kind != RULE_CAP || rule->cap.on_holidays == 0)
				continue;
			const uint16_t on_holidays = rule->cap.on_holidays;
			caps++;
			rule->cap.on_holidays = 0;
			if (failures_of(rule->id) == 0)
				fail_msg("%s: no row that names it fails without its number on holidays", rule->id);
			rule->cap.on_holidays = on_holidays;
		}
	assert_true(caps > 0);
}

/* Without its subject a cap blocks more, so the rows that notice name no cap. */
static size_t
failures_of_all(void)
{
	size_t failures = 0;
	for (size_t i = 0; i < law_case_count(cases); i++) {
		char answer[LAW_ANSWER_MAX];
		failures += !law_case_holds(cases, i, answer);
	}
	return failures;
}

static void
a_subject_taken_away_is_noticed(void **state)
{
	struct rulebook *rulebook = law_cases_rulebook(cases);
	size_t caps = 0;
	(void)state;
	for (size_t i = 0; i < rulebook->regime_count; i++)
		for (size_t j = 0; j < rulebook->regimes[i].rule_count; j++) {
			struct rule *rule = &rulebook->regimes[i].rules[j];
			if (rule->kind != RULE_CAP || !rule->cap.same_subject)
				continue;
			caps++;
			rule->cap.same_subject = false;
			if (failures_of_all() == 0)
				fail_msg("%s: every row holds without its subject", rule->id);
			rule->cap.same_subject = true;
		}
	assert_true(caps > 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_rule_taken_away_is_noticed),
		cmocka_unit_test(a_holiday_number_taken_away_is_noticed),
		cmocka_unit_test(a_subject_taken_away_is_noticed),
	};
	return cmocka_run_group_tests(tests, read_cases, free_cases) != 0;
}
