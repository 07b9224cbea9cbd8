/* Row by row what a provider's answer means: tests/cases/provider_answers.txt. Then that nothing else is ever taken for an acceptance. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "scheduler/policy/provider_answer.h"
#include "tests/support/case_file.h"

static void
every_row_of_the_table(void **state)
{
	struct case_file *file = case_file_open("provider_answers.txt", ';');
	char *field[4];

	(void)state;
	while (case_file_next(file, field, 4)) {
		const int code = strcmp(field[1], "none") == 0 ? PROVIDER_NO_CODE : (int)strtol(field[1], NULL, 10);
		const char *country = strcmp(field[2], "any") == 0 ? NULL : field[2];
		const char *action = provider_action_name(provider_action((int)strtol(field[0], NULL, 10), code, country));

		if (strcmp(action, field[3]) != 0)
			fail_msg("provider_answers.txt:%d: %s", case_file_line(file), action);
	}
	case_file_close(&file);
}

static void
only_a_success_without_an_error_is_accepted(void **state)
{
	(void)state;
	for (int status = 0; status < 1000; status++) {
		assert_int_equal(provider_action(status, PROVIDER_NO_CODE, "BR") == PROVIDER_ACCEPTED, status >= 200 && status < 300);
		for (int code = 0; code < 1000; code++)
			assert_int_not_equal(provider_action(status, code, "BR"), PROVIDER_ACCEPTED);
	}
}

static void
every_action_has_a_name_of_its_own(void **state)
{
	(void)state;
	for (int i = 0; i < PROVIDER_ACTION_COUNT; i++)
		for (int j = 0; j < i; j++)
			assert_string_not_equal(provider_action_name((enum provider_action)i), provider_action_name((enum provider_action)j));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_of_the_table),
		cmocka_unit_test(only_a_success_without_an_error_is_accepted),
		cmocka_unit_test(every_action_has_a_name_of_its_own),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
