/*
 * daypart plan is killed, or asked to stop, at points of its run that are held fast, watched for or drawn by lot.
 *
 * What the database holds, and what must hold afterwards: tests/support/plan_fault.h.
 *
 * DAYPART_TORTURE_ROUNDS: how often it is struck at random, instead of 14.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/daypart.h"
#include "tests/support/plan_fault.h"

enum { RANDOM_KILLS = 14 };

/* Kill -------------------------------------------------------------------------------------------------------------------------------------- */

/* True: it was killed; false: it had ended. */
static bool
kill_once(struct plan_fault *fault, const struct strike *strike)
{
	struct strike_hold *hold = strike_hold(strike, fault->conninfo);
	struct process *planner = daypart_start(fault->conninfo, plan_fault_line);
	struct process_result result;
	bool is_new, killed;

	strike_await(strike, fault->connection, planner);
	process_signal(planner, SIGKILL);
	result = process_wait(&planner);
	killed = result.signal == SIGKILL;
	assert_true(killed || result.exit_code == 0);
	strike_release(&hold);
	plan_fault_await_no_planner(fault);
	is_new = plan_fault_expect_whole(fault);
	assert_true(is_new || killed);
	print_message(
		"%s, %lld us: %s, %s plan\n", strike->name, (long long)strike->delay_us, killed ? "killed" : "had ended", is_new ? "new" : "old");
	process_result_free(&result);
	plan_fault_expect_reference(fault, is_new);
	return killed;
}

static void
killed_at_any_point_the_plan_is_the_old_or_the_new_one(void **state)
{
	struct plan_fault *fault = *state;
	const int random_kills = random_rounds(RANDOM_KILLS);
	int killed = 0;

	for (int i = 0; i < PLAN_FAULT_POINTS + random_kills; i++) {
		const struct strike lot = plan_fault_lot(fault);

		plan_fault_open(fault);
		killed += kill_once(fault, i < PLAN_FAULT_POINTS ? &plan_fault_points[i] : &lot);
		plan_fault_close(fault);
	}
	print_message("%d of %d killed\n", killed, PLAN_FAULT_POINTS + random_kills);
	assert_true(killed > PLAN_FAULT_HELD_POINTS);
}

/* Signals ----------------------------------------------------------------------------------------------------------------------------------- */

static void
stop_once(struct plan_fault *fault, const struct strike *strike, int signal)
{
	struct strike_hold *hold = strike_hold(strike, fault->conninfo);
	struct process *planner = daypart_start(fault->conninfo, plan_fault_line);
	struct process_result result;

	strike_await(strike, fault->connection, planner);
	process_signal(planner, signal);
	result = process_wait(&planner); /* although the lock is still held */
	strike_release(&hold);
	plan_fault_await_no_planner(fault);
	if (result.exit_code != 75 || strstr(result.err, "the old plan stands") == NULL)
		fail_msg("%s, signal %d: exit code %d: %s", strike->name, signal, result.exit_code, result.err);
	assert_false(plan_fault_expect_whole(fault));
	process_result_free(&result);
	plan_fault_expect_reference(fault, false);
}

static void
asked_to_stop_it_leaves_the_old_plan(void **state)
{
	static const struct {
		const char *at;
		int signal;
	} rows[] = {{"the audience is read", SIGTERM}, {"the plan run is written", SIGINT}, {"the gates are closed", SIGTERM}};
	struct plan_fault *fault = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		plan_fault_open(fault);
		stop_once(fault, strike_find(plan_fault_points, PLAN_FAULT_POINTS, rows[i].at), rows[i].signal);
		plan_fault_close(fault);
	}
}

static int
start(void **state)
{
	return plan_fault_start(state, "kill_planner");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(killed_at_any_point_the_plan_is_the_old_or_the_new_one),
		cmocka_unit_test(asked_to_stop_it_leaves_the_old_plan),
	};

	return cmocka_run_group_tests(tests, start, plan_fault_stop) != 0;
}
