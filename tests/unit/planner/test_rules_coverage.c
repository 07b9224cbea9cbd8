/* rules_coverage: what keeps a row, and what is missing of it. */
#include "planner/rules_coverage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* One regime with two rules: a cap that cites R-901, and a note whose exception cites R-902. */
static struct rule rules[] = {
	{.id = "x.cap", .sources = "R-901 P-7", .kind = RULE_CAP},
	{.id = "x.note", .sources = "P-8", .kind = RULE_CAP, .exceptions = {{.sources = "R-902 R-903"}}, .exception_count = 1},
};
static struct regime regime;
static const struct rulebook book = {.regimes = &regime, .regime_count = 1};

static int
start_over(void **state)
{
	(void)state;
	regime = (struct regime){.id = "x", .status = REGIME_ENFORCED, .rules = rules, .rule_count = 2};
	rules[0].off = rules[1].off = false;
	return 0;
}

#define TEST "unit/planner/rules_coverage"
#define MUST STRENGTH_MUST
#define INFO STRENGTH_INFO

struct example {
	struct coverage_row row;
	const char *rules, *state, *missing;
};

static void
expect(const struct example *example)
{
	struct coverage_line line;
	struct err err = ERR_INIT;
	assert_int_equal(rules_coverage_judge(&example->row, &book, &line, &err), STATUS_OK);
	assert_string_equal(line.rules, example->rules);
	assert_string_equal(line.state, example->state);
	assert_string_equal(line.missing, example->missing);
	coverage_line_clear(&line);
}

static void
a_rule_or_its_exception_cites_a_row(void **state)
{
	(void)state;
	assert_true(rule_cites(&rules[0], 901));
	assert_false(rule_cites(&rules[0], 90));
	assert_false(rule_cites(&rules[0], 7));
	assert_true(rule_cites(&rules[1], 903));
}

static void
what_is_missing_of_a_row_is_told(void **state)
{
	static const struct example examples[] = {
		{{901, MUST, "main job", "", COVERAGE_RULE, "", TEST, ""}, "x.cap", "done", ""},
		{{902, MUST, "main job", "", COVERAGE_RULE, "", TEST, ""}, "x.note", "done", ""},
		{{904, MUST, "main job", "", COVERAGE_RULE, "", TEST, ""}, "", "done", "no rule cites it"},
		{{901, MUST, "main job", "", COVERAGE_RULE, "", "", ""}, "x.cap", "done", "no test speaks of it"},
		{{901, MUST, "main job", "", COVERAGE_RULE, "", TEST " unit/planner/rules_cov", ""}, "x.cap", "done",
			"no test unit/planner/rules_cov"},
		{{901, MUST, "main job", "", COVERAGE_RULE, "", "cases/law_windows.txt", ""}, "x.cap", "done", ""},
		{{904, MUST, "main job", "", COVERAGE_CODE, "", TEST, ""}, "", "done", "nothing says where"},
		{{904, MUST, "main job", "", COVERAGE_CODE, "a.c", TEST, ""}, "", "done", ""},
		{{904, MUST, "main job", "", COVERAGE_CODE, "a.c", "", ""}, "", "done", "no test speaks of it"},
		{{904, MUST, "main job", "", COVERAGE_RECORDED, "a.c", "", ""}, "", "done", "nothing says why software does not enforce it"},
		{{904, MUST, "main job", "", COVERAGE_RECORDED, "a.c", "", "a figure"}, "", "done", ""},
		{{904, MUST, "rulebook", "", COVERAGE_DUTY, "", "", "people do it"}, "", "duty", ""},
		{{901, MUST, "rulebook", "", COVERAGE_LATER, "", "", "waits"}, "x.cap", "done", "it is due, and left for later"},
		{{904, MUST, "people", "", COVERAGE_LATER, "", "", ""}, "", "later: people", ""},
		{{901, MUST, "rulebook, release, people", "", COVERAGE_RULE, "", TEST, ""}, "x.cap", "done, later: release, people", ""},
		{{904, INFO, "main job", "", COVERAGE_RULE, "", "", ""}, "", "done", "nothing accounts for it"},
		{{904, INFO, "main job", "", COVERAGE_RULE, "", "", "a figure"}, "", "done", ""},
		{{901, INFO, "main job", "", COVERAGE_RULE, "", "", ""}, "x.cap", "done", ""},
	};
	(void)state;
	for (size_t i = 0; i < sizeof examples / sizeof *examples; i++)
		expect(&examples[i]);
}

static void
a_rule_that_is_not_on_keeps_nothing(void **state)
{
	const struct example example = {
		{901, MUST, "main job", "", COVERAGE_RULE, "", TEST, ""}, "x.cap", "done", "no rule that is on cites it"};
	(void)state;
	rules[0].off = true;
	expect(&example);
	rules[0].off = false;
	regime.status = REGIME_ADVISORY;
	expect(&example);
}

/* R-054 has rows in tests/cases/law_windows.txt, whatever the table says. */
static void
case_files_that_speak_of_a_row_are_its_tests(void **state)
{
	const struct coverage_row row = {54, MUST, "main job", "", COVERAGE_RULE, "", "", ""};
	struct coverage_line line;
	struct err err = ERR_INIT;
	(void)state;
	assert_int_equal(rules_coverage_judge(&row, &book, &line, &err), STATUS_OK);
	assert_non_null(strstr(line.tests, "cases/law_windows.txt"));
	coverage_line_clear(&line);
}

/* What is said to judge a kind of rule is there. */
static void
every_kind_of_rule_is_judged_by_a_file_that_exists(void **state)
{
	const struct coverage_row row = {901, MUST, "main job", "", COVERAGE_RULE, "", TEST, ""};
	const struct rule before = rules[0];
	(void)state;
	for (int kind = 0; kind < RULE_KIND_COUNT; kind++) {
		struct coverage_line line;
		struct err err = ERR_INIT;
		char path[512];
		rules[0].kind = (enum rule_kind)kind;
		rules[0].prohibition.sources = kind == RULE_PROHIBITION;
		assert_int_equal(rules_coverage_judge(&row, &book, &line, &err), STATUS_OK);
		snprintf(path, sizeof path, "%s/%s", DAYPART_SOURCE_DIR, line.where);
		if (access(path, R_OK) != 0)
			fail_msg("%s rules: there is no \"%s\"", rule_kind_name((enum rule_kind)kind), line.where);
		coverage_line_clear(&line);
		rules[0] = before;
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_rule_or_its_exception_cites_a_row, start_over),
		cmocka_unit_test_setup(what_is_missing_of_a_row_is_told, start_over),
		cmocka_unit_test_setup(a_rule_that_is_not_on_keeps_nothing, start_over),
		cmocka_unit_test_setup(every_kind_of_rule_is_judged_by_a_file_that_exists, start_over),
		cmocka_unit_test_setup(case_files_that_speak_of_a_row_are_its_tests, start_over),
	};
	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
