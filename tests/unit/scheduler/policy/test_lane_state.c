/*
 * Every cell of the lane's table, drawn: `next action`, or a dot where the event changes nothing. Then what must hold of any such table:
 * whoever is told to stop ends, nothing starts after that, and whatever is in flight has somewhere to go when it fails.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "scheduler/policy/lane_state.h"

static const char drawn[] = "idle        hint         -> fetching fetch\n"
							"idle        stop         -> stopped disarm\n"
							"fetching    hint         -> fetching remember\n"
							"fetching    fetched      -> waiting arm_due\n"
							"fetching    fetched_none -> idle nothing\n"
							"fetching    failed       -> backing_off arm_retry\n"
							"fetching    stop         -> draining nothing\n"
							"waiting     hint         -> fetching fetch\n"
							"waiting     wake         -> claiming claim\n"
							"waiting     lease_lost   -> idle disarm\n"
							"waiting     stop         -> stopped disarm\n"
							"claiming    hint         -> claiming remember\n"
							"claiming    claimed_full -> claiming claim\n"
							"claiming    claimed      -> waiting arm_due\n"
							"claiming    claimed_last -> fetching fetch\n"
							"claiming    unknown_law  -> learning learn\n"
							"claiming    no_tokens    -> throttled arm_tokens\n"
							"claiming    halted       -> idle nothing\n"
							"claiming    failed       -> backing_off arm_retry\n"
							"claiming    stop         -> draining nothing\n"
							"learning    hint         -> learning remember\n"
							"learning    learned      -> claiming claim\n"
							"learning    failed       -> backing_off arm_retry\n"
							"learning    stop         -> draining nothing\n"
							"throttled   wake         -> claiming claim\n"
							"throttled   lease_lost   -> idle disarm\n"
							"throttled   stop         -> stopped disarm\n"
							"backing_off wake         -> fetching fetch\n"
							"backing_off lease_lost   -> idle disarm\n"
							"backing_off stop         -> stopped disarm\n"
							"draining    fetched      -> stopped disarm\n"
							"draining    fetched_none -> stopped disarm\n"
							"draining    claimed_full -> stopped disarm\n"
							"draining    claimed      -> stopped disarm\n"
							"draining    claimed_last -> stopped disarm\n"
							"draining    unknown_law  -> stopped disarm\n"
							"draining    learned      -> stopped disarm\n"
							"draining    halted       -> stopped disarm\n"
							"draining    failed       -> stopped disarm\n";

static void
every_cell_is_as_drawn(void **state)
{
	char picture[sizeof drawn + 512] = "";

	(void)state;
	for (int from = 0; from < LANE_STATE_COUNT; from++)
		for (int event = 0; event < LANE_EVENT_COUNT; event++) {
			const struct lane_step step = lane_step((enum lane_state)from, (enum lane_event)event);
			const size_t used = strlen(picture);

			if ((int)step.next != from || step.action != LANE_NOTHING)
				(void)snprintf(picture + used, sizeof picture - used, "%-11s %-12s -> %s %s\n", lane_state_name((enum lane_state)from),
					lane_event_name((enum lane_event)event), lane_state_name(step.next), lane_action_name(step.action));
		}
	assert_string_equal(picture, drawn);
}

static void
stop_ends_every_state_for_good(void **state)
{
	(void)state;
	for (int from = 0; from < LANE_STATE_COUNT; from++) {
		const enum lane_state next = lane_step((enum lane_state)from, LANE_STOP).next;

		assert_true(next == LANE_STOPPED || next == LANE_DRAINING);
	}
	for (int event = 0; event < LANE_EVENT_COUNT; event++) {
		const struct lane_step drained = lane_step(LANE_DRAINING, (enum lane_event)event);

		assert_true(drained.next == LANE_DRAINING || drained.next == LANE_STOPPED);
		assert_true(drained.action == LANE_NOTHING || drained.action == LANE_DISARM);
		assert_int_equal(lane_step(LANE_STOPPED, (enum lane_event)event).next, LANE_STOPPED);
		assert_int_equal(lane_step(LANE_STOPPED, (enum lane_event)event).action, LANE_NOTHING);
	}
}

/* A state that waits is armed by the way into it; a state in flight leaves on failure. */
static void
no_state_is_a_trap(void **state)
{
	static const enum lane_state in_flight[] = {LANE_FETCHING, LANE_CLAIMING, LANE_LEARNING, LANE_DRAINING};

	(void)state;
	for (size_t i = 0; i < sizeof in_flight / sizeof in_flight[0]; i++)
		assert_int_not_equal(lane_step(in_flight[i], LANE_FAILED).next, in_flight[i]);
	for (int from = 0; from < LANE_STATE_COUNT; from++)
		for (int event = 0; event < LANE_EVENT_COUNT; event++) {
			const struct lane_step step = lane_step((enum lane_state)from, (enum lane_event)event);

			if ((int)step.next == from)
				continue;
			assert_int_equal(step.next == LANE_WAITING, step.action == LANE_ARM_DUE);
			assert_int_equal(step.next == LANE_THROTTLED, step.action == LANE_ARM_TOKENS);
			assert_int_equal(step.next == LANE_BACKING_OFF, step.action == LANE_ARM_RETRY);
			assert_int_equal(step.next == LANE_FETCHING, step.action == LANE_FETCH);
			assert_int_equal(step.next == LANE_CLAIMING, step.action == LANE_CLAIM);
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_cell_is_as_drawn),
		cmocka_unit_test(stop_ends_every_state_for_good),
		cmocka_unit_test(no_state_is_a_trap),
	};
	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
