/*
 * Pause, cancel, edit and stop, against a claim and against a publication: what was ended stays ended, whichever comes first.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/race_fixture.h"
#include "tests/support/rival.h"
#include "tests/support/sql_expect.h"

#define PAUSE "SELECT campaign_set_status('spring', 'paused')"
#define CANCEL "SELECT campaign_set_status('spring', 'cancelled')"
#define EDIT "UPDATE campaign SET local_from = '12:00', local_to = '20:00' WHERE name = 'spring'"

#define SPRING " JOIN campaign_run USING (run_id) JOIN campaign AS c USING (campaign_id) WHERE c.name = 'spring'"
#define HELD_OR_SUPPRESSED "SELECT r.name, count(*) FROM suppressed JOIN reason AS r USING (reason)" SPRING " GROUP BY 1"

/* Summer is nobody's business here. */
static void
expect_spring(const struct race *race, const char *slots, const char *others)
{
	sql_expect(race->watcher, "SELECT count(*) FROM slot" SPRING, slots);
	sql_expect(race->watcher, HELD_OR_SUPPRESSED, others);
	sql_expect(race->watcher,
		"SELECT count(*) FROM slot JOIN campaign_run USING (run_id) JOIN campaign AS c USING (campaign_id) WHERE c.name = 'summer'", "12");
	race_expect_healthy(race);
}

/* While a plan is made ------------------------------------------------------------------------------------------------------------------------ */

/*
 * | planner                    | change (second)                        |
 * | snapshot; decides; waits for plan_head (first holds it)             |
 * |                            | committed                              |
 * | first lets go: sees the change under its lock, plans again          |
 */
static void
change_before_publication(const struct race *race, const char *change)
{
	struct process *plan;

	sql_run(race->first, "BEGIN; SELECT FROM plan_head FOR SHARE");
	plan = race_start_plan(race);
	rival_expect_program_blocked(race->watcher, plan);
	sql_run(race->second, change);
	sql_run(race->first, "COMMIT");
	race_expect_exit(&plan, 0);
}

static void
a_campaign_paused_while_it_is_planned_is_not_published(void **state)
{
	change_before_publication(*state, PAUSE);
	expect_spring(*state, "0", "");
}

static void
a_campaign_cancelled_while_it_is_planned_is_not_published(void **state)
{
	change_before_publication(*state, CANCEL);
	expect_spring(*state, "0", "");
}

static void
a_campaign_edited_while_it_is_planned_is_planned_as_edited(void **state)
{
	const struct race *race = *state;

	change_before_publication(race, EDIT);
	sql_expect(race->watcher, "SELECT count(*) FROM slot" SPRING " AND due_at >= '2026-11-23 20:00Z'", "12");
	expect_spring(race, "12", "");
}

/*
 * | change (second)            | planner                                |
 * | BEGIN; plan_head in share mode, new status                          |
 * |                            | snapshot: still approved; waits for plan_head |
 * | COMMIT                     |                                        |
 * |                            | sees the change, plans again           |
 */
static void
a_publication_waits_for_a_cancellation_under_way(void **state)
{
	const struct race *race = *state;
	struct process *plan;

	sql_run(race->second, "BEGIN; " CANCEL);
	plan = race_start_plan(race);
	rival_expect_program_blocked(race->watcher, plan);
	sql_run(race->second, "COMMIT");
	race_expect_exit(&plan, 0);
	expect_spring(race, "0", "");
}

/* While it is published ----------------------------------------------------------------------------------------------------------------------- */

/* The planner behind its last look at the campaigns: it waits for permission_change, which `first` holds until COMMIT. */
static struct process *
start_publication(const struct race *race)
{
	struct process *plan;

	sql_run(race->first, "BEGIN; LOCK TABLE permission_change IN ACCESS EXCLUSIVE MODE");
	plan = race_start_plan(race);
	rival_expect_program_blocked(race->watcher, plan);
	return plan;
}

/*
 * | planner                    | change (second)                        |
 * | plan_head, last look       |                                        |
 * |                            | waits for plan_head                    |
 * | publishes                  |                                        |
 * |                            | new status; finds the new slots        |
 */
static void
change_during_publication(const struct race *race, const char *change)
{
	struct process *plan = start_publication(race);

	rival_send(race->second, change);
	rival_expect_blocked(race->watcher, race->second);
	sql_run(race->first, "COMMIT");
	race_expect_exit(&plan, 0);
	rival_finish(race->second);
}

static void
a_cancellation_takes_the_slots_of_the_publication_it_waited_for(void **state)
{
	change_during_publication(*state, CANCEL);
	expect_spring(*state, "0", "campaign_cancelled|12");
}

static void
a_pause_holds_the_slots_of_the_publication_it_waited_for(void **state)
{
	const struct race *race = *state;

	change_during_publication(race, PAUSE);
	race_claim(race->first, &(struct race_claim){.lane = "north"}, "0 0 0 12 0");
	expect_spring(race, "0", "campaign_paused|12");
}

/* An edit is a plain UPDATE and waits for nobody; the claim compares the campaign with what was planned. */
static void
an_edit_during_the_publication_holds_its_slots(void **state)
{
	const struct race *race = *state;
	struct process *plan = start_publication(race);

	sql_run(race->second, EDIT);
	sql_run(race->first, "COMMIT");
	race_expect_exit(&plan, 0);
	race_claim(race->first, &(struct race_claim){.lane = "north"}, "0 0 0 12 0");
	expect_spring(race, "0", "campaign_changed|12");
}

/* While messages leave ------------------------------------------------------------------------------------------------------------------------ */

/*
 * | claim (first)              | cancel (second)                        |
 * | BEGIN; takes five slots    |                                        |
 * |                            | new status; waits for the five         |
 * | COMMIT                     |                                        |
 * |                            | takes the other seven                  |
 */
static void
a_cancellation_waits_for_the_claim_under_way(void **state)
{
	const struct race *race = *state;

	race_plan(race);
	sql_run(race->first, "BEGIN");
	race_claim(race->first, &(struct race_claim){.lane = "north", .limit = 5}, "5 0 0 0 0");
	rival_send(race->second, CANCEL);
	rival_expect_blocked(race->watcher, race->second);
	sql_run(race->first, "COMMIT");
	rival_finish(race->second);
	race_claim(race->first, &(struct race_claim){.lane = "north"}, "0 0 0 0 0");
	expect_spring(race, "0", "campaign_cancelled|7");
}

/*
 * | cancel or pause (second)   | claim (first)                          |
 * | BEGIN; status, deletion    |                                        |
 * |                            | skips what is being cancelled          |
 * | COMMIT                     |                                        |
 * |                            | finds nothing                          |
 */
static void
a_cancellation_hides_its_slots_before_its_commit(void **state)
{
	const struct race *race = *state;

	race_plan(race);
	sql_run(race->second, "BEGIN; " CANCEL);
	race_claim(race->first, &(struct race_claim){.lane = "north"}, "0 0 0 0 0");
	sql_run(race->second, "COMMIT");
	race_claim(race->first, &(struct race_claim){.lane = "north"}, "0 0 0 0 0");
	expect_spring(race, "0", "campaign_cancelled|12");
}

/* A pause and a stop hold from their commit on; a claim neither waits for them nor keeps them waiting. */
static void
a_pause_and_a_claim_do_not_wait_for_each_other(void **state)
{
	const struct race *race = *state;

	race_plan(race);
	sql_run(race->first, "BEGIN");
	race_claim(race->first, &(struct race_claim){.lane = "north", .limit = 5}, "5 0 0 0 0");
	sql_run(race->second, "BEGIN; " PAUSE);
	sql_run(race->first, "COMMIT");
	race_claim(race->first, &(struct race_claim){.lane = "north", .limit = 3}, "3 0 0 0 0");
	sql_run(race->second, "COMMIT");
	race_claim(race->first, &(struct race_claim){.lane = "north"}, "0 0 0 4 0");
	expect_spring(race, "0", "campaign_paused|4");
}

static void
a_stop_leaves_the_queue_as_it_is(void **state)
{
	const struct race *race = *state;

	race_plan(race);
	sql_run(race->first, "BEGIN");
	race_claim(race->first, &(struct race_claim){.lane = "north", .limit = 5}, "5 0 0 0 0");
	sql_run(race->second, "BEGIN; SELECT stop_all()");
	sql_run(race->first, "COMMIT");
	race_claim(race->first, &(struct race_claim){.lane = "north", .limit = 3}, "3 0 0 0 0");
	sql_run(race->second, "COMMIT");
	race_claim(race->first, &(struct race_claim){.lane = "north"}, "0 0 0 0 0");
	expect_spring(race, "4", "");
	sql_run(race->second, "SELECT start_all()");
	race_claim(race->first, &(struct race_claim){.lane = "north"}, "4 0 0 0 0");
	expect_spring(race, "0", "");
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, race_set_up, race_tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_campaign_paused_while_it_is_planned_is_not_published),
		TEST(a_campaign_cancelled_while_it_is_planned_is_not_published),
		TEST(a_campaign_edited_while_it_is_planned_is_planned_as_edited),
		TEST(a_publication_waits_for_a_cancellation_under_way),
		TEST(a_cancellation_takes_the_slots_of_the_publication_it_waited_for),
		TEST(a_pause_holds_the_slots_of_the_publication_it_waited_for),
		TEST(an_edit_during_the_publication_holds_its_slots),
		TEST(a_cancellation_waits_for_the_claim_under_way),
		TEST(a_cancellation_hides_its_slots_before_its_commit),
		TEST(a_pause_and_a_claim_do_not_wait_for_each_other),
		TEST(a_stop_leaves_the_queue_as_it_is),
	};

	return cmocka_run_group_tests_name("life_cycle", tests, race_group_set_up, race_group_tear_down);
}
