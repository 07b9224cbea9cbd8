/*
 * The server crashes while daypart plan runs, at points of its run that are held fast, watched for or drawn by lot; sometimes both die.
 *
 * What the database holds, and what must hold afterwards: tests/support/plan_fault.h.
 *
 * DAYPART_TORTURE_ROUNDS: how often it is struck at random, instead of 3.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "tests/support/daypart.h"
#include "tests/support/plan_fault.h"
#include "tests/support/sql_expect.h"

enum { RANDOM_CRASHES = 3 };

static void
crash_once(struct plan_fault *fault, const struct strike *strike, bool kill_too)
{
	struct strike_hold *hold = strike_hold(strike, fault->conninfo);
	struct process *planner = daypart_start(fault->conninfo, plan_fault_line);
	struct process_result result;
	bool is_new;

	strike_await(strike, fault->connection, planner);
	if (kill_too)
		process_signal(planner, SIGKILL);
	pg_cluster_restart(fault->cluster, PG_CLUSTER_IMMEDIATE);
	result = process_wait(&planner);
	strike_release(&hold);
	PQfinish(fault->connection);
	fault->connection = sql_connect(fault->conninfo, NULL);
	if (result.signal == 0 && result.exit_code != 0 && result.exit_code != 69 && result.exit_code != 75)
		fail_msg("%s: exit code %d: %s", strike->name, result.exit_code, result.err);
	assert_true(result.signal == SIGKILL || result.exit_code == 0 || strstr(result.err, "connection") != NULL);
	is_new = plan_fault_expect_whole(fault);
	assert_true(is_new || result.exit_code != 0);
	print_message("%s, %lld us%s: exit code %d, %s plan\n", strike->name, (long long)strike->delay_us, kill_too ? ", with the planner" : "",
		result.exit_code, is_new ? "new" : "old");
	process_result_free(&result);
	plan_fault_expect_reference(fault, is_new);
}

static void
crash_in_a_clone(struct plan_fault *fault, const struct strike *strike, bool kill_too)
{
	plan_fault_open(fault);
	crash_once(fault, strike, kill_too);
	plan_fault_close(fault);
}

static void
a_server_that_crashes_keeps_a_whole_plan(void **state)
{
	static const char *const at[] = {"slots are copied", "the gates are closed", "it commits"};

	for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++)
		crash_in_a_clone(*state, strike_find(plan_fault_points, PLAN_FAULT_POINTS, at[i]), false);
}

static void
crashed_at_any_moment_the_plan_is_the_old_or_the_new_one(void **state)
{
	struct plan_fault *fault = *state;
	const int crashes = random_rounds(RANDOM_CRASHES);

	for (int i = 0; i < crashes; i++) {
		const struct strike lot = plan_fault_lot(fault);

		crash_in_a_clone(fault, &lot, random_chance(&fault->random, 30));
	}
}

static int
start(void **state)
{
	return plan_fault_start(state, "crash_server");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_server_that_crashes_keeps_a_whole_plan),
		cmocka_unit_test(crashed_at_any_moment_the_plan_is_the_old_or_the_new_one),
	};

	return cmocka_run_group_tests(tests, start, plan_fault_stop) != 0;
}
