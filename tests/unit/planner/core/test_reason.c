/* Codes are stored in databases: unique, found, and none of them moved. */
#include "planner/core/reason.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void
every_code_is_found_once(void **state)
{
	(void)state;
	for (size_t i = 0; i < reason_table_count; i++) {
		assert_ptr_equal(reason_info(reason_table[i].code), &reason_table[i]);
		assert_in_range((uintmax_t)reason_table[i].code, 1, INT16_MAX);
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(reason_table[i].name, reason_table[j].name);
	}
	assert_null(reason_info(REASON_NONE));
	assert_null(reason_info((enum reason)9999));
}

static void
names_are_the_constants_in_lower_case(void **state)
{
	(void)state;
	static const char *const constants[] = {
#define REASON(code, NAME, name, kind, text, cure) #NAME,
#include "planner/core/reason.def"
#undef REASON
	};
	for (size_t i = 0; i < reason_table_count; i++) {
		const char *name = reason_table[i].name;
		assert_int_equal(strlen(name), strlen(constants[i]));
		for (size_t c = 0; name[c]; c++)
			assert_int_equal(name[c], tolower((unsigned char)constants[i][c]));
		assert_true(*reason_table[i].text && *reason_table[i].cure);
	}
}

static void
stored_codes_keep_their_meaning(void **state)
{
	(void)state;
	assert_int_equal(REASON_OPTED_OUT, 1);
	assert_int_equal(REASON_CALENDAR_UNKNOWN, 11);
	assert_int_equal(REASON_NOT_A_RECIPIENT, 23);
	assert_int_equal(reason_info(REASON_OPTED_OUT)->kind, REASON_SUPPRESSED);
	assert_int_equal(reason_info(REASON_UNKNOWN_ZONE)->kind, REASON_HELD);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_code_is_found_once),
		cmocka_unit_test(names_are_the_constants_in_lower_case),
		cmocka_unit_test(stored_codes_keep_their_meaning),
	};
	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
