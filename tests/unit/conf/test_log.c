/* What reaches stderr: one line each, by severity. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "conf/log.h"

static int kept_stderr = -1, file = -1;

static void
begin_capture(void)
{
	file = memfd_create("test_log", MFD_CLOEXEC);
	kept_stderr = dup(STDERR_FILENO);
	assert_int_equal(dup2(file, STDERR_FILENO), STDERR_FILENO);
}

static void
expect_captured(const char *expected)
{
	char text[8192] = "";

	dup2(kept_stderr, STDERR_FILENO);
	close(kept_stderr);
	assert_int_not_equal(pread(file, text, sizeof(text) - 1, 0), -1);
	close(file);
	assert_string_equal(text, expected);
}

static void
an_error_is_up_to_three_lines(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	err_set(&err, STATUS_INVALID, "cannot read the settings");
	err_detail(&err, "daypart.cfg:12");
	err_hint(&err, "Correct it.");
	begin_capture();
	log_open("daypart", SEVERITY_WARNING);
	assert_int_equal(log_err(SEVERITY_ERROR, &err), STATUS_INVALID);
	err_set(&err, STATUS_INVALID, "alone");
	assert_int_equal(log_err(SEVERITY_FATAL, &err), STATUS_INVALID);
	expect_captured("daypart: error: cannot read the settings\ndaypart: detail: daypart.cfg:12\ndaypart: hint: Correct it.\n"
					"daypart: fatal: alone\n");
}

static void
what_is_quoted_cannot_break_the_line(void **state)
{
	(void)state;
	begin_capture();
	log_open("daypartd", SEVERITY_DEBUG);
	log_message(SEVERITY_DEBUG, "name \"%s\"", "a\nb\x1b[2J\x7f日本");
	expect_captured("daypartd: debug: name \"a b [2J 日本\"\n");
}

static void
only_what_is_severe_enough_is_said(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	err_set(&err, STATUS_TRANSIENT, "later");
	begin_capture();
	log_open("daypart", SEVERITY_ERROR);
	log_message(SEVERITY_WARNING, "not heard");
	assert_int_equal(log_err(SEVERITY_INFO, &err), STATUS_TRANSIENT);
	assert_int_equal(log_err(SEVERITY_ERROR, &err), STATUS_TRANSIENT);
	expect_captured("daypart: error: later\n");
}

static void
the_longest_error_fits(void **state)
{
	char text[2048], *expected = NULL;
	struct err err = ERR_INIT;

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	err_set(&err, STATUS_INVALID, "%s", text);
	err_detail(&err, "%s", text);
	err_hint(&err, "%s", text);
	assert_true(asprintf(&expected, "daypart: error: %s\ndaypart: detail: %s\ndaypart: hint: %s\n", err.primary, err.detail, err.hint) > 0);
	begin_capture();
	log_open("daypart", SEVERITY_WARNING);
	assert_int_equal(log_err(SEVERITY_ERROR, &err), STATUS_INVALID);
	expect_captured(expected);
	free(expected);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_error_is_up_to_three_lines),
		cmocka_unit_test(what_is_quoted_cannot_break_the_line),
		cmocka_unit_test(only_what_is_severe_enough_is_said),
		cmocka_unit_test(the_longest_error_fits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
