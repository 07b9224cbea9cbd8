/* What becomes of a message by its provider's answer (REGULATIONS 2.10), and when it is tried again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scheduler/policy/answer_fate.h"

static const struct instant NOW = {INT64_C(1767225600) * US_PER_SECOND};

static struct answer_fate
fate_of(enum provider_action action, int attempt, int64_t retry_after_s)
{
	return answer_fate(&(struct answer_facts){.action = action,
		.attempt = attempt,
		.now = NOW,
		.retry_after = {retry_after_s * US_PER_SECOND},
		.seed = (uint64_t)attempt * 7919});
}

static void
every_answer_has_its_place(void **state)
{
	static const struct {
		enum provider_action action;
		enum slot_state next;
		const char *reason;
		bool obey;
	} rows[] = {
		{PROVIDER_ACCEPTED, SLOT_HANDED_OVER, NULL, false},
		{PROVIDER_RETRY, SLOT_QUEUED, NULL, false},
		{PROVIDER_RETRY_PERSON, SLOT_QUEUED, NULL, false},
		{PROVIDER_RETRY_SENDER, SLOT_QUEUED, NULL, false},
		{PROVIDER_RETRY_ACCOUNT, SLOT_QUEUED, NULL, false},
		{PROVIDER_LATER, SLOT_QUEUED, NULL, false},
		{PROVIDER_STOP_PERSON, SLOT_FAILED, "opted_out", true},
		{PROVIDER_UNREACHABLE, SLOT_FAILED, "unreachable", true},
		{PROVIDER_DROP, SLOT_FAILED, "sink_refused", false},
		{PROVIDER_STOP_CAMPAIGN, SLOT_HELD, "campaign_paused", true},
		{PROVIDER_HOLD_TEMPLATE, SLOT_HELD, "template_not_approved", true},
		{PROVIDER_CANCEL_TEMPLATE, SLOT_HELD, "template_not_approved", true},
		{PROVIDER_STOP_SENDER, SLOT_HELD, "breaker", true},
		{PROVIDER_PAUSE_ACCOUNT, SLOT_HELD, "breaker", true},
		{PROVIDER_LATE, SLOT_HELD, "window_closed", true},
		{PROVIDER_UNCERTAIN, SLOT_UNCERTAIN, NULL, false},
	};

	(void)state;
	assert_int_equal(sizeof(rows) / sizeof(rows[0]), PROVIDER_ACTION_COUNT);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct answer_fate fate = fate_of(rows[i].action, 1, 0);

		assert_int_equal(rows[i].action, i);
		assert_int_equal(slot_step(SLOT_IN_FLIGHT, fate.event), rows[i].next);
		assert_int_equal(fate.obey, rows[i].obey);
		assert_int_equal(fate.reason == NULL, rows[i].reason == NULL);
		if (fate.reason != NULL)
			assert_string_equal(fate.reason, rows[i].reason);
	}
}

static void
waits_grow_and_end(void **state)
{
	int64_t least = 0;

	(void)state;
	for (int attempt = 1; attempt < 10; attempt++) {
		const int64_t wait = fate_of(PROVIDER_RETRY_PERSON, attempt, 0).again.us - NOW.us;

		assert_true(wait >= 6 * US_PER_SECOND);
		assert_true(wait >= least);
		least = wait / 2 < 300 * US_PER_SECOND ? wait / 2 : 300 * US_PER_SECOND;
	}
	/* Often enough: its campaign's catch-up is asked. Not in this slot: given up. */
	assert_true(fate_of(PROVIDER_RETRY, 9, 0).again.us < INT64_MAX);
	assert_int_equal(fate_of(PROVIDER_RETRY, 10, 0).event, SLOT_RETRY);
	assert_true(fate_of(PROVIDER_RETRY, 10, 0).again.us == INT64_MAX);
	assert_int_equal(fate_of(PROVIDER_LATER, 4, 0).event, SLOT_FAIL);
	assert_string_equal(fate_of(PROVIDER_LATER, 4, 0).reason, "sink_refused");
	assert_true(fate_of(PROVIDER_LATER, 3, 0).again.us - NOW.us >= 16 * US_PER_HOUR);
}

static void
what_the_provider_asks_for_is_the_least(void **state)
{
	(void)state;
	assert_true(fate_of(PROVIDER_RETRY, 1, 77).again.us == NOW.us + 77 * US_PER_SECOND);
	assert_true(fate_of(PROVIDER_RETRY_PERSON, 9, 1).again.us - NOW.us > 100 * US_PER_SECOND);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_answer_has_its_place),
		cmocka_unit_test(waits_grow_and_end),
		cmocka_unit_test(what_the_provider_asks_for_is_the_least),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
