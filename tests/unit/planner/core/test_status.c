/* Error texts: what they hold, what happens at their limits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "planner/core/status.h"

static void
set_replaces_everything(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	err_set(&err, STATUS_TRANSIENT, "first");
	err_detail(&err, "detail");
	err_hint(&err, "hint");
	memcpy(err.sqlstate, "40001", 6);

	assert_int_equal(err_set(&err, STATUS_INVALID, "second %d", 2), STATUS_INVALID);
	assert_int_equal(err.status, STATUS_INVALID);
	assert_string_equal(err.primary, "second 2");
	assert_string_equal(err.detail, "");
	assert_string_equal(err.hint, "");
	assert_string_equal(err.sqlstate, "");
}

static void
wrap_puts_the_context_before(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	err_set(&err, STATUS_INVALID, "bad magic");
	err_detail(&err, "byte %d", 0);
	assert_int_equal(err_wrap(&err, "time zone \"%s\"", "Asia/Kolkata"), STATUS_INVALID);
	assert_string_equal(err.primary, "time zone \"Asia/Kolkata\": bad magic");
	assert_string_equal(err.detail, "byte 0");
}

static void
an_argument_may_be_the_error_itself(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	err_set(&err, STATUS_INVALID, "inner");
	err_set(&err, STATUS_INTERNAL, "outer (%s)", err.primary);
	assert_string_equal(err.primary, "outer (inner)");
}

/* The limit falls into the last character of "x...xé", "x...x日" and so on: the whole character goes. */
static void
a_long_text_is_cut_between_characters(void **state)
{
	static const struct {
		const char *last;
		size_t padding, kept;
	} rows[] = {
		{"a", ERR_PRIMARY_MAX - 2, ERR_PRIMARY_MAX - 1},
		{"ab", ERR_PRIMARY_MAX - 2, ERR_PRIMARY_MAX - 1},
		{"\xC3\xA9", ERR_PRIMARY_MAX - 3, ERR_PRIMARY_MAX - 1},
		{"\xC3\xA9", ERR_PRIMARY_MAX - 2, ERR_PRIMARY_MAX - 2},
		{"\xE6\x97\xA5", ERR_PRIMARY_MAX - 2, ERR_PRIMARY_MAX - 2},
		{"\xE6\x97\xA5", ERR_PRIMARY_MAX - 3, ERR_PRIMARY_MAX - 3},
		{"\xF0\x9F\x98\x80", ERR_PRIMARY_MAX - 4, ERR_PRIMARY_MAX - 4},
		{"\xF0\x9F\x98\x80z", ERR_PRIMARY_MAX - 5, ERR_PRIMARY_MAX - 1},
	};
	char padding[ERR_PRIMARY_MAX];
	struct err err;

	(void)state;
	memset(padding, 'x', sizeof(padding));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		err_set(&err, STATUS_INVALID, "%.*s%s", (int)rows[i].padding, padding, rows[i].last);
		if (strlen(err.primary) != rows[i].kept)
			print_error("row %zu\n", i);
		assert_int_equal(strlen(err.primary), rows[i].kept);
	}
}

static void
every_status_has_a_name(void **state)
{
	(void)state;
	for (int status = STATUS_OK; status <= STATUS_INTERNAL; status++) {
		assert_non_null(status_name((enum status)status));
		assert_string_not_equal(status_name((enum status)status), "unknown");
	}
	assert_string_equal(status_name((enum status)99), "unknown");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(set_replaces_everything),
		cmocka_unit_test(wrap_puts_the_context_before),
		cmocka_unit_test(an_argument_may_be_the_error_itself),
		cmocka_unit_test(a_long_text_is_cut_between_characters),
		cmocka_unit_test(every_status_has_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
