/* Which {{name}}s a text holds, and the text with values in their places: the same reading as the database's, \{\{([^{}]*)\}\}. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "scheduler/sink/placeholder.h"

static const struct {
	const char *body, *filled;
} rows[] = {
	{"", ""},
	{"no names", "no names"},
	{"{{a}}", "Ann"},
	{"Hi {{a}}, {{b}}!", "Hi Ann, 7 < 8!"},
	{"{{a}}{{a}}{{b}}", "AnnAnn7 < 8"},
	{"{{e}}.", "."},
	{"{{nobody}} {{a}}", "{{nobody}} Ann"},
	{"{{{a}}}", "{Ann}"},
	{"{{a}", "{{a}"},
	{"{{a b}}", "{{a b}}"},
	{"{{a {{a}}", "{{a Ann"},
	{"{{}}", "{{}}"},
	{"{ {a}}", "{ {a}}"},
	{"é{{a}}你", "éAnn你"},
};

static void
values_stand_in_the_places_of_names(void **state)
{
	json_t *values = json_pack("{s:s, s:s, s:s}", "a", "Ann", "b", "7 < 8", "e", "");

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char *text = placeholder_fill(rows[i].body, values);

		assert_string_equal(text, rows[i].filled);
		free(text);
	}
	json_decref(values);
}

static void
names_are_found_in_order(void **state)
{
	const char *at = "{{x}} {{{first_name}} {y} {{}}";
	struct placeholder found;

	(void)state;
	assert_true(placeholder_next(at, &found));
	assert_memory_equal(found.name, "x", found.name_size);
	assert_true(placeholder_next(found.until, &found));
	assert_int_equal(found.name_size, strlen("first_name"));
	assert_memory_equal(found.name, "first_name", found.name_size);
	assert_true(placeholder_next(found.until, &found));
	assert_int_equal(found.name_size, 0);
	assert_false(placeholder_next(found.until, &found));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_stand_in_the_places_of_names),
		cmocka_unit_test(names_are_found_in_order),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
