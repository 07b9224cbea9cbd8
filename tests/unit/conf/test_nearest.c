/* The word that was meant. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "conf/nearest.h"

static void
distance_counts_typing_errors(void **state)
{
	static const struct {
		const char *a, *b;
		size_t expected;
	} cases[] = {
		{"", "", 0},
		{"", "abc", 3},
		{"abc", "", 3},
		{"plan", "plan", 0},
		{"plan", "PLAN", 0},
		{"plan", "paln", 1},
		{"plan", "pln", 1},
		{"plan", "plaan", 1},
		{"plan", "plon", 1},
		{"status", "statsu", 1},
		{"import", "export", 2},
		{"release", "relase", 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(nearest_distance(cases[i].a, cases[i].b), cases[i].expected);
}

static void
the_nearest_word_is_found_or_none(void **state)
{
	static const char *const words[] = {"init", "import", "plan", "pause", "status", "stop", "start"};
	static const struct {
		const char *word, *expected;
	} cases[] = {{"imprt", "import"}, {"staus", "status"}, {"pla", "plan"}, {"strat", "start"}, {"frobnicate", NULL}, {"", NULL}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *found = nearest_word(cases[i].word, words, sizeof(words) / sizeof(words[0]));

		if (cases[i].expected == NULL)
			assert_null(found);
		else
			assert_string_equal(found, cases[i].expected);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(distance_counts_typing_errors),
		cmocka_unit_test(the_nearest_word_is_found_or_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
