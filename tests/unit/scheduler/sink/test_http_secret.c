/* Where secrets may come from, and that no error shows one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "scheduler/sink/http_secret.h"
#include "tests/support/temp.h"

#define SECRET "EAAG-top.secret_42"

static void
expect(const char *where, enum status status, const char *primary)
{
	struct http_secret secret;
	struct err err = ERR_INIT;

	if (http_secret_read("release.http.token", where, &secret, &err) != status)
		fail_msg("%s: %s", where, err.primary);
	if (status == STATUS_OK) {
		assert_string_equal(secret.text, SECRET);
	} else {
		if (strstr(err.primary, primary) == NULL)
			fail_msg("%s: %s", where, err.primary);
		assert_non_null(strstr(err.primary, "release.http.token"));
		assert_null(strstr(err.primary, SECRET));
		assert_null(strstr(err.hint, SECRET));
	}
	http_secret_forget(&secret);
	assert_null(secret.text);
}

static void
comes_from_the_environment(void **state)
{
	char long_one[HTTP_SECRET_MAX + 2];

	(void)state;
	setenv("DAYPART_TEST_TOKEN", SECRET, 1);
	expect("env:DAYPART_TEST_TOKEN", STATUS_OK, NULL);
	setenv("DAYPART_TEST_TOKEN", SECRET "\r\nX-Evil: 1", 1);
	expect("env:DAYPART_TEST_TOKEN", STATUS_OK, NULL); /* one line */
	setenv("DAYPART_TEST_TOKEN", "", 1);
	expect("env:DAYPART_TEST_TOKEN", STATUS_INVALID, "is empty");
	setenv("DAYPART_TEST_TOKEN", SECRET " and more", 1);
	expect("env:DAYPART_TEST_TOKEN", STATUS_INVALID, "holds a blank");
	memset(long_one, 'x', sizeof long_one - 1);
	long_one[sizeof long_one - 1] = '\0';
	setenv("DAYPART_TEST_TOKEN", long_one, 1);
	expect("env:DAYPART_TEST_TOKEN", STATUS_INVALID, "longer than");
	unsetenv("DAYPART_TEST_TOKEN");
	expect("env:DAYPART_TEST_TOKEN", STATUS_INVALID, "no environment variable DAYPART_TEST_TOKEN");
}

static void
comes_from_a_file_that_is_private(void **state)
{
	char *path = temp_write("token", SECRET "\n"), where[512];

	(void)state;
	snprintf(where, sizeof where, "file:%s", path);
	for (mode_t mode = 0600; mode <= 0677; mode++) {
		chmod(path, mode);
		expect(where, mode == 0600 ? STATUS_OK : STATUS_INVALID, "others may read or write");
	}
	chmod(path, 0400);
	expect(where, STATUS_OK, NULL);
	snprintf(where, sizeof where, "file:%s", temp_dir());
	expect(where, STATUS_INVALID, "is no regular file");
	expect("file:/nowhere/token", STATUS_INVALID, "cannot read /nowhere/token");
	expect("file:token", STATUS_INVALID, "whole path");
	free(path);
}

static void
never_stands_in_the_settings(void **state)
{
	struct http_secret secret;
	struct err err = ERR_INIT;

	(void)state;
	expect(SECRET, STATUS_INVALID, "neither env: nor file:");
	assert_int_equal(http_secret_read("release.http.token", "", &secret, &err), STATUS_OK);
	assert_null(secret.text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(comes_from_the_environment),
		cmocka_unit_test(comes_from_a_file_that_is_private),
		cmocka_unit_test(never_stands_in_the_settings),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
