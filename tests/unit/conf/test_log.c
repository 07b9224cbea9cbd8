/* What reaches stderr: one line each, by severity. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf/log.h"

enum { CAPTURED_MAX = 32 * 1024 };

static int kept_stderr = -1, file = -1;

static void
begin_capture(void)
{
	file = memfd_create("test_log", MFD_CLOEXEC);
	kept_stderr = dup(STDERR_FILENO);
	assert_int_equal(dup2(file, STDERR_FILENO), STDERR_FILENO);
}

static void
end_capture(char text[CAPTURED_MAX])
{
	memset(text, 0, CAPTURED_MAX);

	dup2(kept_stderr, STDERR_FILENO);
	close(kept_stderr);
	assert_int_not_equal(pread(file, text, CAPTURED_MAX - 1, 0), -1);
	close(file);
}

static void
expect_captured(const char *expected)
{
	char text[CAPTURED_MAX];

	end_capture(text);
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

/* JSON -------------------------------------------------------------------------------------------------------------------------------------- */

/* The one line that was captured, which must be an object with as many members; the caller drops it. */
static json_t *
captured_object(size_t members)
{
	char text[CAPTURED_MAX];
	json_error_t error;
	json_t *object;

	log_set_format(LOG_TEXT);
	end_capture(text);
	assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
	object = json_loads(text, JSON_REJECT_DUPLICATES, &error);
	if (!json_is_object(object))
		fail_msg("%s: %s", error.text, text);
	assert_int_equal(json_object_size(object), members);
	return object;
}

static void
expect_member(const json_t *object, const char *name, const char *value)
{
	const char *is = json_string_value(json_object_get(object, name));

	assert_non_null(is);
	assert_string_equal(is, value);
}

static void
an_event_is_one_object(void **state)
{
	json_t *object;

	(void)state;
	begin_capture();
	log_open("daypartd", SEVERITY_INFO);
	log_set_format(LOG_JSON);
	log_event(SEVERITY_WARNING, &(struct log_about){.event = "sender_lost", .sender = "a \"b\"", .run = "7"},
		"sender %s\\\n\xff\xc0\x80日本", "a");
	object = captured_object(8);
	expect_member(object, "level", "warning");
	expect_member(object, "program", "daypartd");
	expect_member(object, "event", "sender_lost");
	expect_member(object, "message", "sender a\\\n\uFFFD\uFFFD\uFFFD日本");
	expect_member(object, "sender", "a \"b\"");
	expect_member(object, "run", "7");
	assert_int_equal(json_integer_value(json_object_get(object, "pid")), getpid());
	assert_int_equal(strlen(json_string_value(json_object_get(object, "time"))), strlen("2026-11-22T08:00:00.000000Z"));
	json_decref(object);
}

static void
an_error_is_one_object_too(void **state)
{
	struct err err = ERR_INIT;
	json_t *object;

	(void)state;
	err_set(&err, STATUS_TRANSIENT, "cannot reach the database");
	err_hint(&err, "Start the server.");
	begin_capture();
	log_open("daypart", SEVERITY_WARNING);
	log_set_format(LOG_JSON);
	assert_int_equal(log_err(SEVERITY_FATAL, &err), STATUS_TRANSIENT);
	object = captured_object(8);
	expect_member(object, "event", "error");
	expect_member(object, "class", "transient");
	expect_member(object, "message", "cannot reach the database");
	expect_member(object, "hint", "Start the server.");
	json_decref(object);
}

/* Whatever is too long is cut where an object still ends well. */
static void
an_object_is_whole_however_long_its_texts_are(void **state)
{
	struct err err = ERR_INIT;
	char text[2048];
	json_t *object;

	(void)state;
	memset(text, 1, sizeof(text) - 1); /* six bytes each */
	text[sizeof(text) - 1] = '\0';
	err_set(&err, STATUS_INVALID, "%s", text);
	err_detail(&err, "%s", text);
	err_hint(&err, "%s", text);
	begin_capture();
	log_open("daypart", SEVERITY_WARNING);
	log_set_format(LOG_JSON);
	assert_int_equal(log_err(SEVERITY_ERROR, &err), STATUS_INVALID);
	object = captured_object(8);
	expect_member(object, "message", err.primary);
	json_decref(object);
}

/* The journal reads a priority at the beginning of each line. */
static void
the_journal_is_told_priorities(void **state)
{
	struct err err = ERR_INIT;
	struct stat own;
	char stream[64];

	(void)state;
	err_set(&err, STATUS_INVALID, "no");
	err_hint(&err, "Yes.");
	begin_capture();
	assert_int_equal(fstat(STDERR_FILENO, &own), 0);
	snprintf(stream, sizeof(stream), "%llu:%llu", (unsigned long long)own.st_dev, (unsigned long long)own.st_ino);
	assert_int_equal(setenv("JOURNAL_STREAM", stream, 1), 0);
	log_open("daypart", SEVERITY_WARNING);
	assert_int_equal(log_err(SEVERITY_ERROR, &err), STATUS_INVALID);
	assert_int_equal(setenv("JOURNAL_STREAM", "1:1", 1), 0); /* of somebody else */
	log_open("daypart", SEVERITY_WARNING);
	log_message(SEVERITY_WARNING, "look");
	unsetenv("JOURNAL_STREAM");
	expect_captured("<3>daypart: error: no\n<3>daypart: hint: Yes.\ndaypart: warning: look\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_error_is_up_to_three_lines),
		cmocka_unit_test(what_is_quoted_cannot_break_the_line),
		cmocka_unit_test(only_what_is_severe_enough_is_said),
		cmocka_unit_test(the_longest_error_fits),
		cmocka_unit_test(an_event_is_one_object),
		cmocka_unit_test(an_error_is_one_object_too),
		cmocka_unit_test(an_object_is_whole_however_long_its_texts_are),
		cmocka_unit_test(the_journal_is_told_priorities),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
