/* Every word parses to itself and to nothing else. */
#include "planner/core/vocabulary.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void
every_category_round_trips(void **state)
{
	(void)state;
	for (unsigned i = 0; i < CATEGORY_COUNT; i++) {
		enum category parsed;
		assert_true(category_parse(category_name((enum category)i), &parsed));
		assert_int_equal(parsed, i);
	}
}

static void
every_channel_round_trips(void **state)
{
	(void)state;
	for (unsigned i = 0; i < CHANNEL_COUNT; i++) {
		enum channel parsed;
		assert_true(channel_parse(channel_name((enum channel)i), &parsed));
		assert_int_equal(parsed, i);
	}
}

static void
other_words_are_refused(void **state)
{
	(void)state;
	static const char *const words[] = {"", "Marketing", "marketing ", "mixed", "market", "email"};
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		enum category category;
		enum channel channel;
		assert_false(category_parse(words[i], &category));
		assert_false(channel_parse(words[i], &channel));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_category_round_trips),
		cmocka_unit_test(every_channel_round_trips),
		cmocka_unit_test(other_words_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
