/* coverage: the table agrees with the totals of the regulations, and what it names is there. */
#include "conf/coverage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void
rows_are_as_many_as_the_regulations_say(void **state)
{
	(void)state;
	int counts[STRENGTH_INFO + 1] = {0};
	for (int i = 0; i < COVERAGE_ROWS; i++) {
		assert_int_equal(coverage_rows[i].number, i + 1);
		counts[coverage_rows[i].strength]++;
	}
	assert_int_equal(counts[STRENGTH_MUST], 143);
	assert_int_equal(counts[STRENGTH_SHOULD], 16);
	assert_int_equal(counts[STRENGTH_INFO], 32);
}

/* A misspelt owner would make a row look as if it could wait. */
static void
every_owner_is_known(void **state)
{
	static const char *const known[] = {"main job", "rulebook", "planner", "release", "people", "answers"};
	(void)state;
	for (int i = 0; i < COVERAGE_ROWS; i++) {
		char owners[128];
		snprintf(owners, sizeof owners, "%s", coverage_rows[i].owners);
		for (char *rest, *owner = strtok_r(owners, ",", &rest); owner != NULL; owner = strtok_r(NULL, ",", &rest)) {
			bool found = false;
			for (size_t k = 0; k < sizeof known / sizeof *known; k++)
				found |= strcmp(owner + strspn(owner, " "), known[k]) == 0;
			if (!found)
				fail_msg("R-%03d: unknown owner \"%s\"", coverage_rows[i].number, owner);
		}
	}
}

/* What its owner has done before the rest of his rows may be said already. */
static void
what_is_due_is_not_left_for_later(void **state)
{
	(void)state;
	for (int i = 0; i < COVERAGE_ROWS; i++)
		if (coverage_is_due(&coverage_rows[i]) && coverage_rows[i].how == COVERAGE_LATER)
			fail_msg("R-%03d: owned by %s, yet %s", i + 1, coverage_rows[i].owners, coverage_how_name(coverage_rows[i].how));
}

static void
files_it_names_exist(void **state)
{
	(void)state;
	for (int i = 0; i < COVERAGE_ROWS; i++) {
		char where[512];
		snprintf(where, sizeof where, "%s", coverage_rows[i].where);
		for (char *rest, *file = strtok_r(where, " ", &rest); file != NULL; file = strtok_r(NULL, " ", &rest)) {
			char path[1024];
			snprintf(path, sizeof path, "%s/%s", DAYPART_SOURCE_DIR, file);
			if (access(path, R_OK) != 0)
				fail_msg("R-%03d: there is no %s", coverage_rows[i].number, file);
		}
	}
}

static void
owners_that_are_not_done_are_told_one_by_one(void **state)
{
	(void)state;
	const struct coverage_row row = {.owners = "rulebook, release, main job, people"};
	size_t length;
	const char *owner = coverage_later_owner(&row, NULL, &length);
	assert_int_equal(length, strlen("release"));
	assert_memory_equal(owner, "release", length);
	owner = coverage_later_owner(&row, owner, &length);
	assert_int_equal(length, strlen("people"));
	assert_memory_equal(owner, "people", length);
	assert_null(coverage_later_owner(&row, owner, &length));
	assert_true(coverage_is_due(&row));
	assert_false(coverage_is_due(&(struct coverage_row){.owners = "people"}));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_as_many_as_the_regulations_say),
		cmocka_unit_test(every_owner_is_known),
		cmocka_unit_test(what_is_due_is_not_left_for_later),
		cmocka_unit_test(files_it_names_exist),
		cmocka_unit_test(owners_that_are_not_done_are_told_one_by_one),
	};
	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
