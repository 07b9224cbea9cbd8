/*
 * Which host may release from which copy of the database: every line of the table, and the edge between a failover and a backup.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scheduler/policy/adoption_rule.h"

struct row {
	struct adoption_facts facts;
	enum adoption_verdict verdict;
};

static const struct row rows[] = {
	{{false, NULL, {INT64_MIN}, NULL, {INT64_MIN}}, ADOPTION_FIRST},
	{{false, NULL, {INT64_MIN}, "a", {INT64_MIN}}, ADOPTION_FIRST}, /* the file of a first start that went no further */
	{{false, NULL, {INT64_MIN}, "a", {0}}, ADOPTION_WENT_BACK},
	{{false, "a", {0}, NULL, {INT64_MIN}}, ADOPTION_NOT_HERE},
	{{false, "a", {0}, "b", {0}}, ADOPTION_OTHER},
	{{false, "a", {0}, "b", {INT64_MAX}}, ADOPTION_OTHER},
	{{false, "a", {INT64_MIN}, "a", {INT64_MIN}}, ADOPTION_OURS},
	{{false, "a", {100 * US_PER_SECOND}, "a", {INT64_MIN}}, ADOPTION_OURS},
	{{false, "a", {100 * US_PER_SECOND}, "a", {100 * US_PER_SECOND}}, ADOPTION_OURS},
	{{false, "a", {100 * US_PER_SECOND}, "a", {160 * US_PER_SECOND}}, ADOPTION_OURS},
	{{false, "a", {100 * US_PER_SECOND}, "a", {160 * US_PER_SECOND + 1}}, ADOPTION_WENT_BACK},
	{{false, "a", {INT64_MIN}, "a", {160 * US_PER_SECOND}}, ADOPTION_WENT_BACK},
	{{false, "a", {900 * US_PER_SECOND}, "a", {160 * US_PER_SECOND}}, ADOPTION_OURS}, /* other hosts went on */
	{{true, NULL, {INT64_MIN}, NULL, {INT64_MIN}}, ADOPTION_OURS},
	{{true, "a", {0}, NULL, {INT64_MIN}}, ADOPTION_OURS},
};

static void
every_row_is_judged_as_written(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (adoption_judge(&rows[i].facts) != rows[i].verdict)
			fail_msg("row %zu: verdict %d, expected %d", i, adoption_judge(&rows[i].facts), rows[i].verdict);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(every_row_is_judged_as_written)};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
