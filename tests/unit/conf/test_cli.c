/* Command lines: what is set, what is left over, what is said about mistakes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "conf/cli.h"

enum { ARGUMENTS_MAX = 12 };

struct line {
	int argc;
	char *argv[ARGUMENTS_MAX + 1];
	char text[256];
};

/* "verb --a b" becomes an argv. */
static void
split(struct line *line, const char *text)
{
	snprintf(line->text, sizeof(line->text), "%s", text);
	line->argc = 0;
	for (char *word = strtok(line->text, " "); word != NULL; word = strtok(NULL, " "))
		line->argv[line->argc++] = word;
	line->argv[line->argc] = NULL;
}

struct values {
	const char *campaign;
	bool dry_run;
	int verbose, jobs;
	struct duration horizon;
	struct instant now;
};

static enum status
parse(struct line *line, struct values *out, enum cli_unknown unknown, struct err *err)
{
	const struct cli_option options[] = {
		{"campaign", 'c', CLI_TEXT, &out->campaign},
		{"dry-run", 0, CLI_FLAG, &out->dry_run},
		{"verbose", 'v', CLI_COUNT, &out->verbose},
		{"jobs", 'j', CLI_INT, &out->jobs},
		{"horizon", 0, CLI_DURATION, &out->horizon},
		{"now", 0, CLI_INSTANT, &out->now},
	};

	*out = (struct values){.jobs = -1};
	return cli_parse(&line->argc, line->argv, options, sizeof(options) / sizeof(options[0]), unknown, err);
}

static void
write_values(const struct line *line, const struct values *values, char out[256])
{
	int size = snprintf(out, 256, "c=%s d=%d v=%d j=%d h=%lld n=%lld :", values->campaign ? values->campaign : "-", values->dry_run,
		values->verbose, values->jobs, (long long)(values->horizon.us / US_PER_SECOND), (long long)(values->now.us / US_PER_SECOND));

	for (int i = 0; i < line->argc; i++)
		size += snprintf(out + size, (size_t)(256 - size), " %s", line->argv[i]);
}

static void
options_are_taken_in_any_order(void **state)
{
	static const struct {
		const char *line, *expected;
	} cases[] = {
		{"plan", "c=- d=0 v=0 j=-1 h=0 n=0 : plan"},
		{"plan --campaign a x --dry-run y", "c=a d=1 v=0 j=-1 h=0 n=0 : plan x y"},
		{"plan --campaign=a -vv -v", "c=a d=0 v=3 j=-1 h=0 n=0 : plan"},
		{"plan -c a -j4", "c=a d=0 v=0 j=4 h=0 n=0 : plan"},
		{"plan -vca", "c=a d=0 v=1 j=-1 h=0 n=0 : plan"},
		{"plan -c a -c b", "c=b d=0 v=0 j=-1 h=0 n=0 : plan"},
		{"plan --horizon 7d --now 1970-01-01T00:00:05Z", "c=- d=0 v=0 j=-1 h=604800 n=5 : plan"},
		{"plan -v -- --dry-run -c", "c=- d=0 v=1 j=-1 h=0 n=0 : plan --dry-run -c"},
		{"plan -", "c=- d=0 v=0 j=-1 h=0 n=0 : plan -"},
	};
	struct line line;
	struct values values;
	struct err err;
	char text[256];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		split(&line, cases[i].line);
		assert_int_equal(parse(&line, &values, CLI_REFUSE_UNKNOWN, &err), STATUS_OK);
		write_values(&line, &values, text);
		assert_string_equal(text, cases[i].expected);
	}
}

static void
mistakes_are_named_with_a_cure(void **state)
{
	static const struct {
		const char *line, *primary, *hint;
	} cases[] = {
		{"plan --campain a", "unknown option --campain", "Did you mean --campaign?"},
		{"plan --zzz", "unknown option --zzz", ""},
		{"plan -x", "unknown option -x", ""},
		{"plan -vx", "unknown option -vx", ""},
		{"plan --campaign", "--campaign needs a value", ""},
		{"plan --dry-run=yes", "--dry-run takes no value", ""},
		{"plan --jobs many", "--jobs: \"many\" is not a whole number", ""},
		{"plan --jobs 99999999999", "--jobs: \"99999999999\" is not a whole number", ""},
	};
	struct line line;
	struct values values;
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		split(&line, cases[i].line);
		assert_int_equal(parse(&line, &values, CLI_REFUSE_UNKNOWN, &err), STATUS_INVALID);
		assert_string_equal(err.primary, cases[i].primary);
		assert_string_equal(err.hint, cases[i].hint);
	}
}

static void
a_list_takes_every_value_and_a_date_is_a_date(void **state)
{
	struct cli_list facts = {.count = 0};
	struct date on;
	const struct cli_option options[] = {{"fact", 0, CLI_LIST, &facts}, {"on", 0, CLI_DATE, &on}};
	struct line line;
	struct err err;

	(void)state;
	split(&line, "show --fact a --on 1970-01-03 --fact=b c");
	assert_int_equal(cli_parse(&line.argc, line.argv, options, 2, CLI_REFUSE_UNKNOWN, &err), STATUS_OK);
	assert_int_equal(line.argc, 2);
	assert_int_equal(on.days, 2);
	assert_int_equal(facts.count, 2);
	assert_string_equal(facts.items[0], "a");
	assert_string_equal(facts.items[1], "b");
	facts.count = CLI_LIST_MAX;
	split(&line, "show --fact a");
	assert_int_equal(cli_parse(&line.argc, line.argv, options, 2, CLI_REFUSE_UNKNOWN, &err), STATUS_INVALID);
	assert_string_equal(err.primary, "--fact: given more than 16 times");
	split(&line, "show --on tomorrow");
	assert_int_equal(cli_parse(&line.argc, line.argv, options, 2, CLI_REFUSE_UNKNOWN, &err), STATUS_INVALID);
}

static void
unknown_options_can_be_left_for_the_verb(void **state)
{
	struct line line;
	struct values values;
	struct err err;
	char text[256];

	(void)state;
	split(&line, "daypart -v plan --all --campaign a -- --jobs 3");
	assert_int_equal(parse(&line, &values, CLI_LEAVE_UNKNOWN, &err), STATUS_OK);
	write_values(&line, &values, text);
	assert_string_equal(text, "c=a d=0 v=1 j=-1 h=0 n=0 : daypart plan --all -- --jobs 3");
}

static void
operands_are_counted(void **state)
{
	struct line line;
	struct err err;

	(void)state;
	split(&line, "pause");
	assert_int_equal(cli_expect_operands(line.argc, line.argv, 1, 1, "CAMPAIGN", &err), STATUS_INVALID);
	assert_string_equal(err.primary, "pause: missing CAMPAIGN");
	split(&line, "pause a b");
	assert_int_equal(cli_expect_operands(line.argc, line.argv, 1, 1, "CAMPAIGN", &err), STATUS_INVALID);
	assert_string_equal(err.primary, "pause: unexpected argument \"b\"");
	split(&line, "pause a");
	assert_int_equal(cli_expect_operands(line.argc, line.argv, 1, 1, "CAMPAIGN", &err), STATUS_OK);
}

static void
every_status_has_an_exit_code(void **state)
{
	static const int expected[] = {[STATUS_OK] = 0,
		[STATUS_NOT_FOUND] = 65,
		[STATUS_INVALID] = 65,
		[STATUS_CONFLICT] = 75,
		[STATUS_TRANSIENT] = 75,
		[STATUS_UNCERTAIN] = 75,
		[STATUS_NO_MEMORY] = 75,
		[STATUS_CANCELLED] = 75,
		[STATUS_INTERNAL] = 70};

	(void)state;
	for (int i = 0; i <= STATUS_INTERNAL; i++)
		assert_int_equal(cli_exit_code((enum status)i), expected[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_are_taken_in_any_order),
		cmocka_unit_test(mistakes_are_named_with_a_cure),
		cmocka_unit_test(a_list_takes_every_value_and_a_date_is_a_date),
		cmocka_unit_test(unknown_options_can_be_left_for_the_verb),
		cmocka_unit_test(operands_are_counted),
		cmocka_unit_test(every_status_has_an_exit_code),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
