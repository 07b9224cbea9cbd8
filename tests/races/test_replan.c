/*
 * A plan that replaces another while messages leave, and two plans at once: nothing leaves twice, nothing is counted twice, one plan is
 * published.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "tests/support/daypart.h"
#include "tests/support/race_fixture.h"
#include "tests/support/rival.h"
#include "tests/support/sql_expect.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define HOLD_HEAD "BEGIN; SELECT FROM plan_head FOR UPDATE"
/* What a plan of nobody would leave behind. */
#define PUBLISH_ANOTHER \
	"WITH run AS (INSERT INTO plan_run (as_of, started_at, published_at, horizon, rulebook_id, tzdata, numbering, added, moved, " \
	"cancelled, kept," \
	" suppressed, held) SELECT '" RACE_PLAN_AT "', now(), now(), '7 days', rulebook_id, '', '', 0, 0, 0, 0, 0, 0 FROM rulebook_head" \
	" RETURNING plan_run) UPDATE plan_head SET plan_run = run.plan_run FROM run;"
#define SPRING " JOIN campaign_run USING (run_id) JOIN campaign AS c USING (campaign_id) WHERE c.name = 'spring'"

/* A slot leaves while a plan changes it --------------------------------------------------------------------------------------------------- */

/* How a new law leaves the seven of spring that were not claimed. */
struct change {
	const char *days;
	const char *slots;        /* of spring: how many, how many of them after the old window's beginning */
	const char *claim, *late; /* the next claims: now, and in the new window */
};

static const struct change changes[] = {
	{"every_day = \"12:00-20:00\";", "7|7", "0 0 0 0 0", "7 0 0 0 0"},                       /* moved */
	{"weekdays = \"closed\"; weekends = \"08:00-20:00\";", "0|0", "0 0 0 0 0", "0 0 0 0 0"}, /* cancelled: Monday to Wednesday */
};

static void
expect_change(const struct race *race, const struct change *change)
{
	sql_expect(race->watcher, "SELECT count(*), count(*) FILTER (WHERE due_at >= '2026-11-23 20:00Z') FROM slot" SPRING, change->slots);
	race_claim(race->first, &(struct race_claim){.lane = "north"}, change->claim);
	race_claim(race->first, &(struct race_claim){.lane = "north", .now = "2026-11-23T21:00:00Z"}, change->late);
	sql_expect(race->watcher, "SELECT count(*) FROM release" SPRING " AND released_at = '" RACE_NOW "'", "5");
	race_expect_healthy(race);
}

/*
 * | planner                    | claim (second)                         |
 * | snapshot; decides to move or cancel; waits for plan_head            |
 * |                            | five slots leave; COMMIT               |
 * | publishes: they stay where they are, in the ledger                  |
 */
static void
a_slot_that_left_before_the_publication_does_not_come_back(const struct race *race, const struct change *change)
{
	struct process *plan;

	race_plan(race);
	race_set_law(race, change->days, 2);
	sql_run(race->first, HOLD_HEAD);
	plan = race_start_plan(race);
	rival_expect_program_blocked(race->watcher, plan);
	race_claim(race->second, &(struct race_claim){.lane = "north", .limit = 5}, "5 0 0 0 0");
	sql_run(race->first, "COMMIT");
	race_expect_exit(&plan, 0);
	expect_change(race, change);
}

/*
 * | claim (second)             | planner                                |
 * | BEGIN; takes five slots    |                                        |
 * |                            | snapshot; decides; waits for the slots |
 * | COMMIT                     |                                        |
 * |                            | finds them gone, publishes the rest    |
 */
static void
a_slot_that_leaves_during_the_publication_does_not_come_back(const struct race *race, const struct change *change)
{
	struct process *plan;

	race_plan(race);
	race_set_law(race, change->days, 2);
	sql_run(race->second, "BEGIN");
	race_claim(race->second, &(struct race_claim){.lane = "north", .limit = 5}, "5 0 0 0 0");
	plan = race_start_plan(race);
	rival_expect_program_blocked(race->watcher, plan);
	sql_run(race->second, "COMMIT");
	race_expect_exit(&plan, 0);
	expect_change(race, change);
}

static void
a_slot_moved_after_it_left_does_not_come_back(void **state)
{
	a_slot_that_left_before_the_publication_does_not_come_back(*state, &changes[0]);
}

static void
a_slot_cancelled_after_it_left_stays_in_the_ledger(void **state)
{
	a_slot_that_left_before_the_publication_does_not_come_back(*state, &changes[1]);
}

static void
a_slot_moved_while_it_leaves_does_not_come_back(void **state)
{
	a_slot_that_leaves_during_the_publication_does_not_come_back(*state, &changes[0]);
}

static void
a_slot_cancelled_while_it_leaves_stays_in_the_ledger(void **state)
{
	a_slot_that_leaves_during_the_publication_does_not_come_back(*state, &changes[1]);
}

/* One snapshot ------------------------------------------------------------------------------------------------------------------------------ */

/*
 * | planner                    | claim (first)                          |
 * | snapshot                   | (holds the queue or the ledger)        |
 * | begins to read what is held                                         |
 * |                            | all of spring leave: from one to the other; COMMIT |
 * | sees it as it was; reads the other                                  |
 *
 * A planner without a snapshot of its own would see the other as it is by now. Were the queue read first, a person would be in both and have no
 * room left on the first day under a cap of two; were the ledger first, in neither, and have some under a cap of one. Spring is not planned,
 * or its plan would stand for the messages that were overlooked.
 */
static void
expect_counted_once(const struct race *race, const char *table, int cap, const char *first_day)
{
	struct process *plan;
	char lock[64];

	race_set_law(race, "every_day = \"08:00-20:00\";", cap);
	sql_run(race->first, "SELECT campaign_set_status('summer', 'paused')");
	race_plan(race);
	sql_run(race->first, "SELECT campaign_set_status('summer', 'approved')");
	snprintf(lock, sizeof(lock), "BEGIN; LOCK TABLE %s", table);
	sql_run(race->first, lock);
	plan = daypart_start(race->conninfo, "--now " RACE_PLAN_AT " plan --campaign summer");
	rival_expect_program_blocked(race->watcher, plan);
	race_claim(race->first, &(struct race_claim){.lane = "north"}, "12 0 0 0 0");
	sql_run(race->first, "COMMIT");
	race_expect_exit(&plan, 0);
	sql_expect(race->watcher, "SELECT count(*) FILTER (WHERE due_at < '2026-11-24 08:00Z'), count(*) FROM slot", first_day);
	race_expect_healthy(race);
}

static void
a_message_that_leaves_while_the_queue_is_read_counts_once(void **state)
{
	expect_counted_once(*state, "slot", 2, "12|12");
}

static void
a_message_that_leaves_while_the_ledger_is_read_counts_once(void **state)
{
	expect_counted_once(*state, "release", 1, "0|12");
}

/*
 * | planner                    | another (first)                        |
 * | snapshot                   | (holds the classes)                    |
 * | begins to read the classes                                          |
 * |                            | somebody leaves the audience; COMMIT   |
 * | reads the audience as it was, which is the one that was approved    |
 *
 * An audience read by a snapshot of its own would be another than the approved one, and hold everybody. What happened is the next plan's business.
 */
static void
all_streams_are_of_one_snapshot(void **state)
{
	const struct race *race = *state;
	struct process *plan;

	sql_run(race->first, "BEGIN; LOCK TABLE class");
	plan = race_start_plan(race);
	rival_expect_program_blocked(race->watcher, plan);
	sql_run(race->first, "DELETE FROM audience_member WHERE recipient_id = person_id(14155550101); COMMIT");
	race_expect_exit(&plan, 0);
	sql_expect(race->watcher, "SELECT (SELECT count(*) FROM slot), (SELECT count(*) FROM suppressed)", "24|0");
	race_plan(race);
	sql_expect(race->watcher, "SELECT name, count(*) FROM suppressed JOIN reason USING (reason) GROUP BY 1 ORDER BY 1",
		"audience_changed|22\nnot_in_audience|2");
}

/* Two planners ------------------------------------------------------------------------------------------------------------------------------ */

/*
 * | planner                    | another (first)                        |
 * | snapshot; decides; waits for plan_head                              |
 * |                            | publishes                              |
 * | plans again from a new snapshot, publishes                          |
 */
static void
an_overtaken_planner_plans_again(void **state)
{
	const struct race *race = *state;
	struct process *plan;

	sql_run(race->first, HOLD_HEAD);
	plan = race_start_plan(race);
	rival_expect_program_blocked(race->watcher, plan);
	sql_run(race->first, PUBLISH_ANOTHER "COMMIT");
	race_expect_exit(&plan, 0);
	sql_expect(race->watcher, "SELECT count(*), count(*) FILTER (WHERE plan_run = (SELECT plan_run FROM plan_head)) FROM slot", "24|24");
	sql_expect(race->watcher, "SELECT count(*) FROM plan_run", "2");
	race_expect_healthy(race);
}

/* The same again and again: nothing of the overtaken plan is to be seen, and the program says that it should be run later. */
static void
a_planner_that_is_always_overtaken_gives_up(void **state)
{
	const struct race *race = *state;
	struct process *plan;

	sql_run(race->first, HOLD_HEAD);
	plan = race_start_plan(race);
	while (rival_program_is_blocked(race->watcher, plan))
		sql_run(race->first, PUBLISH_ANOTHER "COMMIT; " HOLD_HEAD);
	sql_run(race->first, "COMMIT");
	race_expect_exit(&plan, 75);
	sql_expect(race->watcher, "SELECT (SELECT count(*) FROM slot), (SELECT count(*) FROM suppressed), (SELECT count(*) FROM campaign_run)",
		"0|0|0");
	race_expect_healthy(race);
}

static void
a_second_planner_leaves_the_first_alone(void **state)
{
	const struct race *race = *state;
	struct process *plan;
	struct process_result other;

	sql_run(race->first, HOLD_HEAD);
	plan = race_start_plan(race);
	rival_expect_program_blocked(race->watcher, plan);
	other = daypart_run(race->conninfo, "--now " RACE_PLAN_AT " plan");
	assert_int_equal(other.exit_code, 75);
	assert_non_null(strstr(other.err, "another daypart plan is running"));
	process_result_free(&other);
	sql_run(race->first, "COMMIT");
	race_expect_exit(&plan, 0);
	sql_expect(race->watcher, "SELECT count(*) FROM slot", "24");
	race_expect_healthy(race);
}

/* What committed after its snapshot, the sweep would not see. */
static void
a_plan_is_not_published_from_a_frozen_snapshot(void **state)
{
	static const char *const levels[] = {"BEGIN ISOLATION LEVEL REPEATABLE READ", "BEGIN ISOLATION LEVEL SERIALIZABLE"};
	const struct race *race = *state;

	for (size_t i = 0; i < COUNT(levels); i++) {
		sql_run(race->first, levels[i]);
		rival_send(race->first, "SELECT publish_plan(1, 0, pg_current_snapshot(), 0::smallint, '{}', '{}')");
		rival_expect_error(race->first, "25001");
		sql_run(race->first, "ROLLBACK");
	}
}

/*
 * | planner                      | daypart init of a later version      |
 * | plans; waits for plan_head                                          |
 * |                              | upgrades the schema; COMMIT          |
 * | publishes nothing: it may not know what the schema asks for         |
 */
static void
a_plan_is_not_published_on_a_schema_of_the_future(void **state)
{
	const struct race *race = *state;
	struct process *plan;

	sql_run(race->first, HOLD_HEAD);
	plan = race_start_plan(race);
	rival_expect_program_blocked(race->watcher, plan);
	sql_run(race->second, "INSERT INTO migration (version, name, checksum) VALUES (9999, 'future', 'x')");
	sql_run(race->first, "COMMIT");
	race_expect_exit(&plan, 65);
	sql_expect(race->watcher, "SELECT count(*) FROM slot", "0");
	sql_run(race->second, "DELETE FROM migration WHERE version = 9999");
	race_plan(race);
	race_expect_healthy(race);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, race_set_up, race_tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_slot_moved_after_it_left_does_not_come_back),
		TEST(a_slot_cancelled_after_it_left_stays_in_the_ledger),
		TEST(a_slot_moved_while_it_leaves_does_not_come_back),
		TEST(a_slot_cancelled_while_it_leaves_stays_in_the_ledger),
		TEST(a_message_that_leaves_while_the_queue_is_read_counts_once),
		TEST(a_message_that_leaves_while_the_ledger_is_read_counts_once),
		TEST(all_streams_are_of_one_snapshot),
		TEST(an_overtaken_planner_plans_again),
		TEST(a_planner_that_is_always_overtaken_gives_up),
		TEST(a_second_planner_leaves_the_first_alone),
		TEST(a_plan_is_not_published_from_a_frozen_snapshot),
		TEST(a_plan_is_not_published_on_a_schema_of_the_future),
	};

	return cmocka_run_group_tests_name("replan", tests, race_group_set_up, race_group_tear_down);
}
