/*
 * What is taken away for good while somebody else is about to use it: an occurrence that an edit left out, against claims and consumers; a private
 * table that its planner gave up, against its publication.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/race_fixture.h"
#include "tests/support/rival.h"
#include "tests/support/sql_expect.h"

#define HOLD_HEAD "BEGIN; SELECT FROM plan_head FOR UPDATE"
/* Behind all that a plan takes from the queue, and before its commit. */
#define HOLD_STATE "BEGIN; LOCK plan_state IN SHARE MODE"
#define DROPPED " JOIN campaign_run AS run USING (run_id) WHERE run.dropped_at IS NOT NULL"

/* Spring of the 23rd and of the 24th is planned, and then begins on the 24th. */
static void
plan_and_edit(const struct race *race)
{
	sql_run(race->watcher,
		"UPDATE campaign SET rrule = 'FREQ=DAILY;COUNT=2', ends_at = '2026-11-23T23:00:00Z' WHERE name = 'spring';"
		"UPDATE campaign SET ends_at = '2026-11-24T00:00:00Z' WHERE name = 'summer'");
	race_plan(race);
	sql_expect(race->watcher,
		"SELECT occurrence, count(*) FROM slot JOIN campaign_run USING (run_id) JOIN campaign AS c USING (campaign_id) "
		"WHERE c.name = 'spring' GROUP BY 1 ORDER BY 1",
		"2026-11-23|12\n2026-11-24|12");
	sql_run(race->watcher,
		"UPDATE campaign SET rrule = 'FREQ=DAILY;COUNT=1', starts_at = '2026-11-24T16:00:00Z', ends_at = '2026-11-24T23:00:00Z' "
		"WHERE name = 'spring'");
}

/* As a claim or a consumer does that began before the edit. */
static void
overlook_edit(const struct race *race)
{
	sql_run(race->watcher,
		"UPDATE campaign_run AS r SET campaign_hash = campaign_digest(c) FROM campaign AS c "
		"WHERE c.campaign_id = r.campaign_id AND c.name = 'spring'");
}

/* Of the dropped one: what left, of that what waits in the outbox, what was dropped there, and who was told that it will not come. */
static void
expect_dropped(const struct race *race, const char *expected)
{
	sql_expect(race->watcher,
		"SELECT (SELECT count(*) FROM release" DROPPED "), (SELECT count(*) FROM outbox" DROPPED "), (SELECT count(*) FROM outbox_dropped"
		" JOIN campaign_run AS run USING (run_id) JOIN reason USING (reason) WHERE run.dropped_at IS NOT NULL"
		"	AND name = 'occurrence_dropped'), (SELECT count(*) FROM suppressed JOIN reason USING (reason)" DROPPED
		"	AND name = 'occurrence_dropped'), (SELECT count(*) FROM slot" DROPPED ")",
		expected);
	sql_expect(race->watcher, "SELECT count(*) FROM campaign_run WHERE dropped_at IS NOT NULL", "1");
	race_expect_healthy(race);
}

/*
 * | claim (second)                        | planner                                 |
 * | BEGIN; takes five slots               |                                         |
 * |                                       | publishes; waits for the slots          |
 * | COMMIT                                |                                         |
 * |                                       | drops the others, and the five from the outbox |
 */
static void
what_leaves_before_its_occurrence_is_dropped_is_taken_from_the_outbox(void **state)
{
	const struct race *race = *state;
	struct process *plan;

	plan_and_edit(race);
	overlook_edit(race);
	sql_run(race->second, "BEGIN");
	race_claim(race->second, &(struct race_claim){.lane = "north", .limit = 5}, "5 0 0 0 0");
	plan = race_start_plan(race);
	rival_expect_program_blocked(race->watcher, plan);
	sql_run(race->second, "COMMIT");
	race_expect_exit(&plan, 0);
	expect_dropped(race, "5|0|5|7|0");
}

/*
 * | planner                               | claim (second)                          |
 * | drops the occurrence; waits for plan_state |                                    |
 * |                                       | finds nothing                           |
 * | COMMIT                                |                                         |
 */
static void
nothing_leaves_while_its_occurrence_is_dropped(void **state)
{
	const struct race *race = *state;
	struct process *plan;

	plan_and_edit(race);
	sql_run(race->first, HOLD_STATE);
	plan = race_start_plan(race);
	rival_expect_program_blocked(race->watcher, plan);
	race_claim(race->second, &(struct race_claim){.lane = "north"}, "0 0 0 0 0");
	sql_run(race->first, "COMMIT");
	race_expect_exit(&plan, 0);
	race_claim(race->second, &(struct race_claim){.lane = "north"}, "0 0 0 0 0");
	expect_dropped(race, "0|0|0|12|0");
}

/*
 * | planner                               | consumer (second)                       |
 * | snapshot; waits for plan_head         |                                         |
 * |                                       | BEGIN; takes a message from the outbox  |
 * | drops the occurrence but for that one |                                         |
 * |                                       | COMMIT: the message went out            |
 */
static void
what_a_consumer_is_taking_goes_out(void **state)
{
	const struct race *race = *state;
	struct process *plan;

	plan_and_edit(race);
	overlook_edit(race);
	race_claim(race->second, &(struct race_claim){.lane = "north", .limit = 5}, "5 0 0 0 0");
	sql_run(race->first, HOLD_HEAD);
	plan = race_start_plan(race);
	rival_expect_program_blocked(race->watcher, plan);
	sql_run(race->second, "BEGIN");
	sql_expect(race->second, "SELECT count(*) FROM take_outbox(1)", "1");
	sql_run(race->first, "COMMIT");
	race_expect_exit(&plan, 0);
	sql_run(race->second, "COMMIT");
	expect_dropped(race, "5|0|4|7|0");
}

/*
 * | planner                               | edits (first)                           |
 * | snapshot without the occurrences      |                                         |
 * | waits for plan_head                   |                                         |
 * |                                       | brings them back; COMMIT                |
 * | plans again, and all stays as it was  |                                         |
 */
static void
what_is_brought_back_while_it_is_dropped_stays(void **state)
{
	const struct race *race = *state;
	struct process *plan;

	plan_and_edit(race);
	sql_run(race->watcher, /* beyond the horizon: nothing of it is planned */
		"UPDATE campaign SET starts_at = '2027-11-24T16:00:00Z', ends_at = '2027-11-24T23:00:00Z' WHERE name = 'spring'");
	sql_run(race->first, HOLD_HEAD);
	plan = race_start_plan(race);
	rival_expect_program_blocked(race->watcher, plan);
	sql_run(race->first,
		"UPDATE campaign SET rrule = 'FREQ=DAILY;COUNT=2', starts_at = '2026-11-23T16:00:00Z', ends_at = '2026-11-23T23:00:00Z'"
		"	WHERE name = 'spring'; COMMIT");
	race_expect_exit(&plan, 0);
	sql_expect(race->watcher, "SELECT count(*) FROM campaign_run WHERE dropped_at IS NOT NULL", "0");
	sql_expect(race->watcher,
		"SELECT occurrence, count(*), min(s.plan_run), max(s.plan_run) FROM slot AS s JOIN campaign_run USING (run_id)"
		"	JOIN campaign AS c USING (campaign_id) WHERE c.name = 'spring' GROUP BY 1 ORDER BY 1",
		"2026-11-23|12|1|1\n2026-11-24|12|1|1");
	race_expect_healthy(race);
}

/*
 * | publication (first)                   | planner that lost its connection (second) |
 * | BEGIN; attaches the table             |                                         |
 * |                                       | drops its table; waits for it           |
 * | COMMIT                                |                                         |
 * |                                       | finds it published, leaves it           |
 */
static void
a_table_that_was_published_after_all_is_not_dropped(void **state)
{
	const struct race *race = *state;

	sql_expect(race->first, "SELECT open_slot_part()", "1");
	sql_run(race->first, "BEGIN; ALTER TABLE slot ATTACH PARTITION slot_1 FOR VALUES IN (1)");
	rival_send(race->second, "SELECT drop_slot_part(1::smallint)");
	rival_expect_blocked(race->watcher, race->second);
	sql_run(race->first, "COMMIT");
	rival_finish(race->second);
	sql_expect(race->watcher, "SELECT is_attached_slot_part(1)", "t");
	sql_expect(race->watcher, "SELECT drop_slot_part(1::smallint)", "f");
}

#define RACE_TEST(test) cmocka_unit_test_setup_teardown(test, race_set_up, race_tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RACE_TEST(what_leaves_before_its_occurrence_is_dropped_is_taken_from_the_outbox),
		RACE_TEST(nothing_leaves_while_its_occurrence_is_dropped),
		RACE_TEST(what_a_consumer_is_taking_goes_out),
		RACE_TEST(what_is_brought_back_while_it_is_dropped_stays),
		RACE_TEST(a_table_that_was_published_after_all_is_not_dropped),
	};

	return cmocka_run_group_tests(tests, race_group_set_up, race_group_tear_down);
}
