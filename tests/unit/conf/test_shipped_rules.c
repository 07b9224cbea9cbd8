/*
 * The shipped rulebook, pinned: every regime and every rule it holds (tests/cases/shipped_regimes.txt and shipped_rules.txt). What the rules mean is in
 * law_*.txt. A change of the law begins in these tables.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/law_text.h"
#include "tests/support/case_file.h"
#include "tests/support/rule_text.h"

static struct parsed_law law;

static void
print_problem(void *context, const char *file, int line, const char *what)
{
	(void)context;
	print_error("%s:%d: %s\n", file, line, what);
}

static int
read_shipped_law(void **state)
{
	struct law_texts texts = LAW_TEXTS_INIT;
	struct err err = ERR_INIT;
	(void)state;
	enum status status = law_texts_read(DAYPART_SOURCE_DIR "/conf/rulebook", DAYPART_SOURCE_DIR "/conf/calendars", &texts, &err);
	if (status == STATUS_OK)
		status = law_parse(&texts, print_problem, NULL, &law, &err);
	if (status != STATUS_OK)
		print_error("%s %s\n", err.primary, err.detail);
	law_texts_free(&texts);
	return status == STATUS_OK ? 0 : -1;
}

static int
free_shipped_law(void **state)
{
	(void)state;
	parsed_law_free(&law);
	return 0;
}

/* Tells a field that is not what the table says; 1 when so. */
static size_t
differs(const struct case_file *file, const char *name, const char *what, const char *is)
{
	if (strcmp(what, is) == 0)
		return 0;
	print_error("line %d, %s: the rulebook says\n    %s\n    not %s\n", case_file_line(file), name, is, what);
	return 1;
}

static void
the_shipped_regimes_are_exactly_these(void **state)
{
	static const char *const kinds[] = {"law", "carrier", "platform", "self_regulation", "house"};
	static const char *const statuses[] = {"enforced", "advisory", "off"};
	struct case_file *file = case_file_open("shipped_regimes.txt", ';');
	size_t failures = 0, listed = 0;
	char *field[5], text[RULE_TEXT_MAX];
	(void)state;
	for (; case_file_next(file, field, 5); listed++) {
		const struct regime *regime = NULL;
		for (size_t i = 0; i < law.rulebook->regime_count && !regime; i++)
			if (strcmp(law.rulebook->regimes[i].id, field[0]) == 0)
				regime = &law.rulebook->regimes[i];
		if (!regime) {
			fail_msg("shipped_regimes.txt:%d: no regime %s is shipped", case_file_line(file), field[0]);
			break;
		}
		failures += differs(file, field[0], field[1], kinds[regime->kind]);
		failures += differs(file, field[0], field[2], statuses[regime->status]);
		regime_text_regions(regime, text);
		failures += differs(file, field[0], field[3], text);
		rule_text_date(regime->review_by, text);
		failures += differs(file, field[0], field[4], text);
	}
	case_file_close(&file);
	assert_int_equal(failures, 0);
	assert_int_equal(listed, law.rulebook->regime_count);
}

static size_t
compare_rule(const struct case_file *file, char *const *field, const struct rule *rule)
{
	static const char *const strengths[] = {"must", "should", "info"};
	char text[RULE_TEXT_MAX];
	size_t failures = differs(file, field[0], field[1], rule->sources);
	failures += differs(file, field[0], field[2], strengths[rule->strength]);
	rule_text_binds(rule, text);
	failures += differs(file, field[0], field[3], text);
	rule_text_says(rule, text);
	return failures + differs(file, field[0], field[4], text);
}

static void
the_shipped_rules_are_exactly_these(void **state)
{
	struct case_file *file = case_file_open("shipped_rules.txt", ';');
	size_t failures = 0, listed = 0, shipped = 0;
	char *field[5];
	(void)state;
	for (; case_file_next(file, field, 5); listed++) {
		const struct rule *rule = rulebook_find(law.rulebook, field[0], NULL);
		if (!rule) {
			fail_msg("shipped_rules.txt:%d: no rule %s is shipped", case_file_line(file), field[0]);
			break;
		}
		failures += compare_rule(file, field, rule);
	}
	case_file_close(&file);
	for (size_t i = 0; i < law.rulebook->regime_count; i++)
		shipped += law.rulebook->regimes[i].rule_count;
	assert_int_equal(failures, 0);
	assert_int_equal(shipped, listed);
	assert_int_equal(law.rulebook->should, SHOULD_BLOCK);
}

/* A law is read again within a year of its last reading, and a rule carries the name of its regime. */
static void
every_regime_is_named_and_dated(void **state)
{
	struct date oldest, youngest;
	struct err err = ERR_INIT;
	(void)state;
	assert_int_equal(date_parse("2026-11-21", &oldest, &err), STATUS_OK);
	assert_int_equal(date_parse("2027-11-21", &youngest, &err), STATUS_OK);
	for (size_t i = 0; i < law.rulebook->regime_count; i++) {
		const struct regime *regime = &law.rulebook->regimes[i];
		const size_t length = strlen(regime->id);
		assert_true(regime->review_by.days > oldest.days && regime->review_by.days <= youngest.days);
		for (size_t j = 0; j < regime->rule_count; j++)
			if (strncmp(regime->rules[j].id, regime->id, length) != 0 || regime->rules[j].id[length] != '.')
				fail_msg("rule %s of regime %s", regime->rules[j].id, regime->id);
	}
}

/* The documents' own regimes bind; what only Part 2 of the regulations says waits until a person confirms it. */
static void
overlays_wait_for_a_person(void **state)
{
	(void)state;
	for (size_t i = 0; i < law.rulebook->regime_count; i++)
		for (size_t j = 0; j < law.rulebook->regimes[i].rule_count; j++) {
			const struct rule *rule = &law.rulebook->regimes[i].rules[j];
			if (law.rulebook->regimes[i].status == REGIME_ENFORCED && strstr(rule->sources, "P-"))
				fail_msg("%s is enforced and cites %s", rule->id, rule->sources);
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_shipped_regimes_are_exactly_these),
		cmocka_unit_test(the_shipped_rules_are_exactly_these),
		cmocka_unit_test(every_regime_is_named_and_dated),
		cmocka_unit_test(overlays_wait_for_a_person),
	};
	return cmocka_run_group_tests(tests, read_shipped_law, free_shipped_law) != 0;
}
