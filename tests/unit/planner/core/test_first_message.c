/* Whether a message counts as the first of the business to a person, told by what has left and by what else is queued. Now is Monday, 12:00 in New York;
 * the United States are open from 08:00 to 21:00. */
#include "planner/core/run_plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/law_fixture.h"
#include "tests/support/plan_fixture.h"
#include "tests/support/planned_rows.h"

#define MONDAY "2026-11-23T"
#define TUESDAY "2026-11-24T"

enum { LANE = 3, OWN_RUN = 1, OTHER_RUN = 2, UNSETTLED_RUN = 3, CLASS = 50 };

static struct {
	struct campaign_facts campaign;
	struct variant variants[2];
	struct terms terms;
	struct by_person *queue, *ledger;
	struct class_table *classes;
	struct run_plan *plan;
	bool untracked, contacted;
} world;

static int
open_world(void **state)
{
	(void)state;
	memset(&world, 0, sizeof world);
	world.campaign = plan_fixture_campaign(MONDAY "00:00:00-05:00", "2026-11-28T00:00:00-05:00");
	world.terms = *plan_fixture_terms();
	world.variants[0] = world.variants[1] = world.terms.variants[0];
	world.variants[1].arm = ARM_FIRST;
	world.terms.variants = world.variants;
	world.terms.variant_count = 2;
	world.terms.has_first_text = true;
	assert_int_equal(by_person_create(sizeof(struct queued_slot), &world.queue), STATUS_OK);
	assert_int_equal(by_person_create(sizeof(struct ledger_event), &world.ledger), STATUS_OK);
	return 0;
}

static int
close_world(void **state)
{
	(void)state;
	run_plan_free(&world.plan);
	class_table_free(&world.classes);
	by_person_free(&world.queue);
	by_person_free(&world.ledger);
	return 0;
}

/* The stored class of a person is told apart by what the message is to them. */
static int32_t
stored_class(void *context, size_t class)
{
	(void)context;
	return CLASS + (int32_t)class_table_at(world.classes, class)->order;
}

static bool
is_settled(void *context, int32_t run_id)
{
	(void)context;
	return run_id != UNSETTLED_RUN;
}

static void
queue(int32_t run_id, enum message_order order, const char *due_at, const char *not_after)
{
	const struct queued_slot slot = {.recipient_id = 1,
		.due_at = fixture_instant(due_at),
		.not_after = fixture_instant(not_after),
		.run_id = run_id,
		.class_id = CLASS + (int32_t)order,
		.lane = LANE,
		.category = CATEGORY_MARKETING,
		.channel = CHANNEL_SMS};
	assert_int_equal(by_person_add(world.queue, &slot), STATUS_OK);
}

static void
plan(void)
{
	const struct interval span = {fixture_instant(MONDAY "12:01:00-05:00"), fixture_instant("2027-06-01T00:00:00Z")};
	struct err err = ERR_INIT;
	const struct class_setup classes = {.campaign = &world.campaign,
		.terms = &world.terms,
		.words = plan_fixture_words(),
		.rulebook = plan_fixture_rulebook(),
		.context = plan_fixture_context(),
		.span = span,
		.margin = {10 * US_PER_SECOND}};
	assert_int_equal(class_table_create(&classes, &world.classes, &err), STATUS_OK);
	const struct run_plan_setup setup = {.campaign = &world.campaign,
		.terms = &world.terms,
		.classes = world.classes,
		.queue = world.queue,
		.ledger = world.ledger,
		.tracks_order = !world.untracked,
		.lane = LANE,
		.rate_milli = 1000,
		.span = span,
		.lead = {US_PER_MINUTE},
		.horizon = fixture_instant("2026-12-31T00:00:00Z"),
		.is_settled = is_settled,
		.class_id = stored_class};
	assert_int_equal(run_plan_create(&setup, &world.plan, &err), STATUS_OK);
	const struct member member = {.recipient_id = 1,
		.preferred_hour = -1,
		.known = true,
		.contacted = world.contacted,
		.phone = PHONE_NEW_YORK,
		.region = "",
		.timezone = "",
		.language = "",
		.stored_rule = "",
		.facts = {.consent_granted = true, .evidence = EVIDENCE_BIT(EVIDENCE_TIME), .given_at = {INT64_MIN}, .last_inbound = {INT64_MIN}}};
	if (run_plan_add(world.plan, &member, &err) != STATUS_OK || run_plan_deal(world.plan, &err) != STATUS_OK)
		fail_msg("%s", err.primary);
}

/* The only one that is added, moved or amended. */
static struct planned_slot
only_slot(void)
{
	assert_int_equal(run_plan_slot_count(world.plan), 1);
	return run_plan_slot(world.plan, 0);
}

/* Its text is that of the order. */
static void
expect_written(enum message_order expected)
{
	const struct plan_class *class = class_table_at(world.classes, only_slot().class);
	assert_string_equal(message_order_name(class->order), message_order_name(expected));
	assert_int_equal(world.variants[class->variant].arm, expected == ORDER_FIRST ? ARM_FIRST : ARM_A);
}

static void
expect_kept(void)
{
	assert_int_equal(run_plan_slot_count(world.plan), 0);
	assert_int_equal(run_plan_counts(world.plan)->kept, 1);
}

static void
whom_nothing_was_sent_gets_the_first(void **state)
{
	(void)state;
	plan();
	expect_written(ORDER_FIRST);
}

static void
whom_something_was_sent_gets_a_later_one(void **state)
{
	(void)state;
	world.contacted = true;
	plan();
	expect_written(ORDER_LATER);
}

static void
where_it_does_not_matter_nobody_says(void **state)
{
	(void)state;
	world.untracked = world.contacted = true;
	plan();
	expect_written(ORDER_ANY);
}

/* What may leave after this one makes this one the first, and so does what is over only after it may have left. */
static void
another_message_that_may_leave_later_changes_nothing(void **state)
{
	(void)state;
	queue(OTHER_RUN, ORDER_FIRST, MONDAY "12:05:00-05:00", MONDAY "20:00:00-05:00");
	plan();
	expect_written(ORDER_FIRST);
	/* a minute before it is over, this one could leave only after it */
	assert_int_equal(run_plan_counts(world.plan)->holds_until.us, fixture_instant(MONDAY "19:59:00-05:00").us);
}

/* The campaign begins on Tuesday, when Monday's message is over. */
static void
another_message_that_is_over_by_then_makes_it_a_later_one(void **state)
{
	(void)state;
	world.campaign = plan_fixture_campaign(TUESDAY "00:00:00-05:00", "2026-11-28T00:00:00-05:00");
	queue(OTHER_RUN, ORDER_FIRST, MONDAY "12:05:00-05:00", MONDAY "21:00:00-05:00");
	plan();
	expect_written(ORDER_LATER);
}

/* To the microsecond: at its last instant it is over. */
static void
over_is_over_at_the_first_instant_of_the_other(void **state)
{
	for (int late = 0; late < 2; late++) {
		close_world(state);
		open_world(state);
		world.campaign = plan_fixture_campaign(TUESDAY "00:00:00-05:00", "2026-11-28T00:00:00-05:00");
		queue(OTHER_RUN, ORDER_FIRST, TUESDAY "07:00:00-05:00", late ? TUESDAY "08:00:00.000001-05:00" : TUESDAY "08:00:00-05:00");
		plan();
		expect_written(late ? ORDER_FIRST : ORDER_LATER);
	}
}

/* What this plan has yet to look at may move away. */
static void
another_message_that_may_still_move_does_not_count(void **state)
{
	(void)state;
	world.campaign = plan_fixture_campaign(TUESDAY "00:00:00-05:00", "2026-11-28T00:00:00-05:00");
	queue(UNSETTLED_RUN, ORDER_FIRST, MONDAY "12:05:00-05:00", MONDAY "21:00:00-05:00");
	plan();
	expect_written(ORDER_FIRST);
}

static void
planning_again_tells_the_same(void **state)
{
	static const struct {
		enum message_order order;
		const char *due_at, *not_after; /* of the other message */
	} rows[] = {
		{ORDER_FIRST, MONDAY "12:05:00-05:00", TUESDAY "08:30:00-05:00"}, {ORDER_LATER, MONDAY "12:05:00-05:00", MONDAY "21:00:00-05:00"}};
	for (size_t i = 0; i < 2; i++) {
		close_world(state);
		open_world(state);
		world.campaign = plan_fixture_campaign(TUESDAY "00:00:00-05:00", "2026-11-28T00:00:00-05:00");
		queue(OTHER_RUN, ORDER_FIRST, rows[i].due_at, rows[i].not_after);
		queue(OWN_RUN, rows[i].order, TUESDAY "09:00:00-05:00", TUESDAY "21:00:00-05:00");
		plan();
		expect_kept();
	}
}

/* The message before it came to nothing: it says the long text, at the instant it has. */
static void
a_later_message_that_became_the_first_is_amended(void **state)
{
	(void)state;
	queue(OWN_RUN, ORDER_LATER, TUESDAY "09:00:00-05:00", TUESDAY "21:00:00-05:00");
	plan();
	expect_written(ORDER_FIRST);
	assert_int_equal(only_slot().due_at.us, fixture_instant(TUESDAY "09:00:00-05:00").us);
	assert_int_equal(run_plan_counts(world.plan)->kept, 1);
}

/* One that was planned as the first is lawful whatever has left since; so close to its end it would find no other instant. */
static void
a_first_message_that_is_due_stays_the_first(void **state)
{
	(void)state;
	world.contacted = true;
	queue(OWN_RUN, ORDER_FIRST, MONDAY "12:00:10-05:00", MONDAY "12:00:50-05:00");
	plan();
	expect_kept();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(whom_nothing_was_sent_gets_the_first, open_world, close_world),
		cmocka_unit_test_setup_teardown(whom_something_was_sent_gets_a_later_one, open_world, close_world),
		cmocka_unit_test_setup_teardown(where_it_does_not_matter_nobody_says, open_world, close_world),
		cmocka_unit_test_setup_teardown(another_message_that_may_leave_later_changes_nothing, open_world, close_world),
		cmocka_unit_test_setup_teardown(another_message_that_is_over_by_then_makes_it_a_later_one, open_world, close_world),
		cmocka_unit_test_setup_teardown(over_is_over_at_the_first_instant_of_the_other, open_world, close_world),
		cmocka_unit_test_setup_teardown(another_message_that_may_still_move_does_not_count, open_world, close_world),
		cmocka_unit_test_setup_teardown(planning_again_tells_the_same, open_world, close_world),
		cmocka_unit_test_setup_teardown(a_later_message_that_became_the_first_is_amended, open_world, close_world),
		cmocka_unit_test_setup_teardown(a_first_message_that_is_due_stays_the_first, open_world, close_world),
	};
	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
