/*
 * What the shipped rulebook means, in rows a lawyer can read and extend (tests/cases/law_*.txt), and that rows of the regulations which rules keep have
 * a case. That every rule is noticed when it is taken away is property/rule_mutation's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "conf/coverage.h"
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

static void
the_law_answers_every_row_as_written(void **state)
{
	size_t failures = 0;
	(void)state;
	for (size_t i = 0; i < law_case_count(cases); i++) {
		const struct law_case *row = law_case_at(cases, i);
		char answer[LAW_ANSWER_MAX];
		if (law_case_holds(cases, i, answer))
			continue;
		print_error("tests/cases/%s:%d: %s\n    not %s\n", row->file, row->line, answer, row->expected);
		failures++;
	}
	assert_int_equal(failures, 0);
	assert_true(law_case_count(cases) >= 400);
}

static bool
is_named(const char *rule_id)
{
	for (size_t i = 0; i < law_case_count(cases); i++)
		if (law_case_names(law_case_at(cases, i), rule_id))
			return true;
	return false;
}

/* Whether some rule that cites the row of the regulations decides a case. */
static bool
has_case(const char *source)
{
	const struct rulebook *rulebook = law_cases_rulebook(cases);
	for (size_t i = 0; i < rulebook->regime_count; i++)
		for (size_t j = 0; j < rulebook->regimes[i].rule_count; j++) {
			const struct rule *rule = &rulebook->regimes[i].rules[j];
			if (strstr(rule->sources, source) && rule->kind != RULE_NOTE && is_named(rule->id))
				return true;
		}
	return false;
}

static void
what_rules_keep_has_a_case(void **state)
{
	size_t failures = 0;
	(void)state;
	for (int i = 0; i < COVERAGE_ROWS; i++) {
		const struct coverage_row *row = &coverage_rows[i];
		char source[16];
		snprintf(source, sizeof(source), "R-%03d", row->number);
		if (row->how != COVERAGE_RULE || row->strength == STRENGTH_INFO || !coverage_is_due(row) || has_case(source))
			continue;
		print_error("%s (%s): no case is decided by a rule that cites it\n", source, row->subject);
		failures++;
	}
	assert_int_equal(failures, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_law_answers_every_row_as_written),
		cmocka_unit_test(what_rules_keep_has_a_case),
	};
	return cmocka_run_group_tests(tests, read_cases, free_cases) != 0;
}
