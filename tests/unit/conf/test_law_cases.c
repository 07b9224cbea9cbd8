/*
 * What the shipped rulebook means, in rows a lawyer can read and extend (tests/cases/law_*.txt), and that every rule that is enforced is noticed: with a
 * rule taken away, a row that names it fails.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_law_answers_every_row_as_written),
	};
	return cmocka_run_group_tests(tests, read_cases, free_cases) != 0;
}
