/*
 * A plan so large that its slots are loaded into a private table before it is published, against an opt-out and a pause: a table that nobody sees
 * yet must not keep what is taken away meanwhile.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sql_embedded.h"
#include "tests/support/daypart.h"
#include "tests/support/plan_fault.h"
#include "tests/support/sql_expect.h"

/* Loaded, and about to be published. */
static const struct strike before_publication = {"plan_head", .lock = "SELECT FROM plan_head FOR SHARE"};

/*
 * | planner                             | change                            |
 * | snapshot; loads; waits for plan_head |                                  |
 * |                                     | committed                         |
 * | publishes                           |                                   |
 */
static void
change_before_publication(struct plan_fault *fault, const char *change)
{
	struct strike_hold *hold = strike_hold(&before_publication, fault->conninfo);
	struct process *planner = daypart_start(fault->conninfo, plan_fault_line);
	struct process_result result;

	strike_await(&before_publication, fault->connection, planner);
	sql_expect(fault->connection, "SELECT count(*) FROM slot WHERE part > 0", "0"); /* nobody sees it yet */
	sql_run(fault->connection, change);
	strike_release(&hold);
	result = process_wait(&planner);
	if (result.exit_code != 0)
		fail_msg("exit code %d: %s", result.exit_code, result.err);
	process_result_free(&result);
	for (size_t i = 0; i < sql_check_count; i++)
		sql_expect(fault->connection, sql_checks[i].text, "");
}

static void
an_opt_out_is_swept_from_the_private_table(void **state)
{
	struct plan_fault *fault = *state;

	plan_fault_open(fault);
	change_before_publication(
		fault, "SET daypart.now = '2026-11-20T14:00:00Z'; SELECT opt_out('+' || phone) FROM recipient WHERE bucket IN (100, 900)");
	sql_expect(fault->connection, "SELECT count(*) > 50000, count(*) FILTER (WHERE bucket IN (100, 900)) FROM slot WHERE part > 0", "t|0");
	sql_expect(fault->connection,
		"SELECT swept > 0, swept = (SELECT count(*) FROM suppressed JOIN reason USING (reason) WHERE name = 'facts_changed') "
		"FROM plan_head JOIN plan_run USING (plan_run)",
		"t|t");
	plan_fault_close(fault);
}

static void
a_pause_leaves_nothing_of_the_private_table(void **state)
{
	struct plan_fault *fault = *state;

	plan_fault_open(fault);
	change_before_publication(fault, "SELECT campaign_set_status('bench', 'paused')");
	sql_expect(fault->connection,
		"SELECT count(*) FROM slot JOIN campaign_run USING (run_id) JOIN campaign AS c USING (campaign_id) WHERE c.name = 'bench'", "0");
	sql_expect(fault->connection, "SELECT relname FROM pg_class WHERE relname ~ '^slot_[1-9][0-9]*$'", "");
	plan_fault_close(fault);
}

static int
start(void **state)
{
	return plan_fault_start(state, "large_plan");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_opt_out_is_swept_from_the_private_table),
		cmocka_unit_test(a_pause_leaves_nothing_of_the_private_table),
	};

	return cmocka_run_group_tests(tests, start, plan_fault_stop) != 0;
}
