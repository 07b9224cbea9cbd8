/* The command line as a user meets it: no database behind it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "tests/support/daypart.h"

static const struct {
	const char *line;
	int exit_code;
	const char *out, *err; /* parts */
} cases[] = {
	{"", 64, "", "usage: daypart"},
	{"help", 0, "usage: daypart", ""},
	{"--help", 0, "usage: daypart", ""},
	{"help init", 0, "usage: daypart init [--rehearsal]", ""},
	{"init --help", 0, "usage: daypart init [--rehearsal]", ""},
	{"help rules", 0, "rules show REGION CATEGORY [--channel whatsapp|sms] [--on DATE] [--fact WORD ...]", ""},
	{"help lint", 0, "usage: daypart lint TEMPLATE | --campaign NAME | --all | --file FILE.csv", ""},
	{"help approve", 0, "--wording BUSINESS/NAME", ""},
	{"help settings", 0, "| `release.workers` | 1 to 64 threads | `2` |", ""},
	{"help innit", 64, "", "Did you mean: daypart init"},
	{"--version", 0, "daypart 0.1.0", ""},
	{"staus", 64, "", "Did you mean: daypart status"},
	{"frobnicate", 64, "", "See: daypart help"},
	{"status extra", 64, "", "unexpected argument \"extra\""},
	{"status --al", 64, "", "unknown option --al"},
	{"--now yesterday status", 64, "", "\"yesterday\" is not an instant"},
	{"--now 2026-11-23T09:00:00 status", 64, "", "--now"},
	{"status --now", 64, "", "--now needs a value"},
	{"--format xml status", 64, "", "--format must be table, csv or json, not \"xml\""},
	{"-v -q status", 64, "", "contradict"},
	{"--config /nonexistent status", 78, "", "cannot read /nonexistent"},
	{"pause", 64, "", "missing CAMPAIGN"},
	{"pause --nte x spring", 64, "", "Did you mean --note?"},
	{"stop", 64, "", "stop needs --all"},
	{"stop --all now", 64, "", "unexpected argument \"now\""},
	{"status", 69, "", "cannot reach the database"},
	{"-q status", 69, "", "cannot reach the database"},
};

static void
every_line_has_its_exit_code_and_text(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct process_result result = daypart_run("host=/nonexistent", cases[i].line);

		if (result.exit_code != cases[i].exit_code || strstr(result.out, cases[i].out) == NULL || strstr(result.err, cases[i].err) == NULL)
			print_error("daypart %s: exit code %d\n%s%s\n", cases[i].line, result.exit_code, result.out, result.err);
		assert_int_equal(result.exit_code, cases[i].exit_code);
		assert_non_null(strstr(result.out, cases[i].out));
		assert_non_null(strstr(result.err, cases[i].err));
		process_result_free(&result);
	}
}

static void
wrong_settings_are_a_configuration_error(void **state)
{
	struct process_result result = daypart_run_with("release = { wokers = 2; };", "status");

	(void)state;
	assert_int_equal(result.exit_code, 78);
	assert_non_null(strstr(result.err, "daypart.cfg:1"));
	assert_non_null(strstr(result.err, "daypart: hint: Did you mean \"release.workers\"?"));
	process_result_free(&result);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_line_has_its_exit_code_and_text),
		cmocka_unit_test(wrong_settings_are_a_configuration_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
