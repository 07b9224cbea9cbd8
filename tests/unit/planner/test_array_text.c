/* array_text: what PostgreSQL reads as an array. */
#include "planner/array_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void
an_array_is_braces_and_commas(void **state)
{
	(void)state;
	struct array_text array = ARRAY_TEXT_INIT;
	assert_true(array_text_is_empty(&array));
	assert_string_equal(array_text(&array), "{}");
	array_text_add_int(&array, 7);
	array_text_add_int(&array, INT64_MIN);
	assert_string_equal(array_text(&array), "{7,-9223372036854775808}");
	array_text_add_name(&array, "America/New_York");
	assert_string_equal(array_text(&array), "{7,-9223372036854775808,\"America/New_York\"}");
	assert_false(array_text_is_empty(&array));
	array_text_free(&array);
}

static void
an_array_grows(void **state)
{
	(void)state;
	struct array_text array = ARRAY_TEXT_INIT;
	for (int i = 0; i < 10000; i++)
		array_text_add_int(&array, i);
	const char *text = array_text(&array);
	assert_int_equal(strlen(text), 10 * 1 + 90 * 2 + 900 * 3 + 9000 * 4 + 9999 + 2);
	assert_string_equal(text + strlen(text) - 10, "9998,9999}");
	array_text_free(&array);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(an_array_is_braces_and_commas), cmocka_unit_test(an_array_grows)};
	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
