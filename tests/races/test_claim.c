/*
 * Several claims at once, and claims while parts of the queue come and go: a slot leaves once, a cap holds, nobody stands still.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/fixture_slots.h"
#include "tests/support/race_fixture.h"
#include "tests/support/rival.h"
#include "tests/support/sql_expect.h"
#include "tests/support/temp.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { DAEMON_SLOTS = 2000 };

/* Two claims -------------------------------------------------------------------------------------------------------------------------------- */

/*
 * | first                      | second                                 |
 * | BEGIN; five slots          |                                        |
 * |                            | does not wait: BEGIN; four others; COMMIT |
 * | ROLLBACK: its five are back |                                       |
 * |                            | eight                                  |
 */
static void
two_claims_of_a_lane_take_different_slots(void **state)
{
	const struct race *race = *state;

	race_plan(race);
	sql_run(race->first, "BEGIN");
	race_claim(race->first, &(struct race_claim){.lane = "north", .limit = 5}, "5 0 0 0 0");
	race_claim(race->second, &(struct race_claim){.lane = "north", .limit = 4}, "4 0 0 0 0");
	sql_run(race->first, "ROLLBACK");
	race_claim(race->second, &(struct race_claim){.lane = "north"}, "8 0 0 0 0");
	race_expect_healthy(race);
}

/*
 * Two campaigns of one lane. A batch hands over one slot of a person and keeps the others locked until its end, so that whoever claims next
 * finds the first in the ledger.
 *
 * | first                                 | second                      |
 * | BEGIN; one slot of each of 12 people  |                             |
 * |                                       | nothing                     |
 * | COMMIT                                |                             |
 * |                                       | the other 12                |
 */
static void
one_slot_of_a_person_leaves_at_a_time(void **state)
{
	const struct race *race = *state;

	sql_run(race->first, "UPDATE campaign SET sender = 'north'");
	race_plan(race);
	sql_run(race->first, "BEGIN");
	race_claim(race->first, &(struct race_claim){.lane = "north"}, "12 0 0 0 0");
	race_claim(race->second, &(struct race_claim){.lane = "north"}, "0 0 0 0 0");
	sql_run(race->first, "COMMIT");
	race_claim(race->second, &(struct race_claim){.lane = "north"}, "12 0 0 0 0");
	race_expect_healthy(race);
}

/*
 * A plan gives slots other instants, which are due as well, after the claim's snapshot and before it comes to them: it finds versions that its
 * snapshot does not have. They are left to the next claim, in one place all the time.
 *
 * | watcher                    | first              | second                            |
 * | BEGIN; holds the lease     |                    |                                   |
 * |                            | claims: waits      |                                   |
 * |                            |                    | moves five slots by a minute      |
 * | COMMIT                     |                    |                                   |
 * |                            | the seven others   |                                   |
 * |                            | the five           |                                   |
 */
static void
slots_that_are_moved_under_a_claim_stay_in_the_queue(void **state)
{
	const struct race *race = *state;

	race_plan(race);
	sql_run(race->watcher, "BEGIN");
	sql_run(race->watcher, "SELECT FROM lane_lease FOR UPDATE");
	race_send_claim(race->first, &(struct race_claim){.lane = "north"});
	rival_expect_blocked(race->second, race->first);
	sql_run(race->second,
		"UPDATE slot SET due_at = due_at + interval '1 minute' WHERE (bucket, recipient_id, run_id) IN"
		" (SELECT bucket, recipient_id, run_id FROM slot JOIN sender ON sender_id = lane WHERE name = 'north' LIMIT 5)");
	sql_run(race->watcher, "COMMIT");
	race_finish_claim(race->first, "7 0 0 0 0");
	race_expect_healthy(race);
	race_claim(race->first, &(struct race_claim){.lane = "north"}, "5 0 0 0 0");
	race_expect_healthy(race);
}

/* One row for each instant: what both lanes hand over when they are claimed at once, so that neither sees the other in the ledger. */
struct moment {
	const char *now, *north, *south;
};

static void
claim_both_at_once(const struct race *race, const struct moment *moments, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		sql_run(race->first, "BEGIN");
		sql_run(race->second, "BEGIN");
		race_claim(race->first, &(struct race_claim){.lane = "north", .now = moments[i].now}, moments[i].north);
		race_claim(race->second, &(struct race_claim){.lane = "south", .now = moments[i].now}, moments[i].south);
		sql_run(race->first, "COMMIT");
		sql_run(race->second, "COMMIT");
	}
	sql_expect(race->watcher,
		"SELECT recipient_id FROM release WHERE outcome = 'handed_over'"
		" GROUP BY recipient_id, (released_at AT TIME ZONE 'America/Los_Angeles')::date HAVING count(*) > 1",
		"");
	sql_expect(race->watcher, "SELECT count(*) FROM slot", "0");
	race_expect_healthy(race);
}

/* Case F. A cap of one a day, two campaigns, two lanes: the plan leaves no instant at which both slots of a person may leave. */
static void
a_cap_holds_when_both_lanes_are_claimed_at_once(void **state)
{
	static const struct moment on_time[] = {
		{"2026-11-23T15:59:59Z", "0 0 0 0 0", "0 0 0 0 0"},
		{"2026-11-23T16:00:01Z", "12 0 0 0 0", "0 0 0 0 0"},
		{"2026-11-24T03:59:57Z", "0 0 0 0 0", "0 0 0 0 0"},
		{"2026-11-24T16:00:01Z", "0 0 0 0 0", "12 0 0 0 0"},
	};

	race_set_law(*state, "every_day = \"08:00-20:00\";", 1);
	race_plan(*state);
	claim_both_at_once(*state, on_time, COUNT(on_time));
}

/* The same after a day on which nothing was released: what is late is not lawful, and does not meet what is on time. */
static void
a_cap_holds_after_an_outage(void **state)
{
	static const struct moment late[] = {
		{"2026-11-24T16:00:01Z", "0 0 12 0 0", "12 0 0 0 0"},
	};

	race_set_law(*state, "every_day = \"08:00-20:00\";", 1);
	race_plan(*state);
	claim_both_at_once(*state, late, COUNT(late));
}

/* Two daemons ------------------------------------------------------------------------------------------------------------------------------- */

static struct process *
start_daemon(const struct race *race)
{
	static const char program[] = DAYPART_BUILD_DIR "/daypartd";
	char text[512];

	(void)snprintf(text, sizeof(text), "database = \"%s\";\nrelease = { poll = \"1s\"; batch = 50; };\n", race->conninfo);

	char *config = temp_write("daypartd.cfg", text);
	const char *argv[] = {program, "--config", config, "--until-idle", NULL};
	struct process *daemon = process_start(argv, NULL);

	free(config);
	return daemon;
}

/* How many it says it handed over. */
static int
wait_for_tally(struct process **daemon)
{
	struct process_result result = process_wait(daemon);
	const char *ended = strstr(result.err, "ended: ");
	int tally = 0;

	if (result.exit_code != 0 || ended == NULL || sscanf(ended, "ended: %d handed over", &tally) != 1) /* NOLINT(cert-err34-c) */
		fail_msg("daypartd: exit code %d\n%s", result.exit_code, result.err);
	process_result_free(&result);
	return tally;
}

/* Real programs, the real clock: each slot is handed over by one of the two. */
static void
two_daemons_share_a_lane(void **state)
{
	const struct race *race = *state;
	struct process *daemons[2];
	int run;

	race_set_law(race, "every_day = \"00:00-24:00\";", 0); /* the fixture's class was planned under no terms */
	sql_run(race->watcher, "UPDATE installation SET rehearsal = false");
	run = fixture_slots_campaign(race->watcher, &(struct fixture_campaign){.name = "flood", .sender = "east", .throughput = "4000"});
	fixture_slots_add(race->watcher, &(struct fixture_slots){.run = run, .count = DAEMON_SLOTS, .due = "0s", .not_after = "1h"});
	for (size_t i = 0; i < COUNT(daemons); i++)
		daemons[i] = start_daemon(race);
	assert_int_equal(wait_for_tally(&daemons[0]) + wait_for_tally(&daemons[1]), DAEMON_SLOTS);
	sql_expect(race->watcher,
		"SELECT (SELECT count(*) FROM slot), (SELECT count(*) FROM release WHERE outcome = 'handed_over'), count(*) FROM outbox",
		"0|2000|2000");
}

/* Parts ------------------------------------------------------------------------------------------------------------------------------------- */

/* What a large plan does, uncommitted: summer's slots leave part 0 and come back in a part of their own. */
#define PUBLISH_PART \
	"BEGIN; SELECT plan_stage(); SELECT create_slot_part();" \
	"WITH gone AS (DELETE FROM slot_0 USING sender WHERE name = 'south' AND lane = sender_id RETURNING slot_0.*)" \
	" INSERT INTO slot_1 SELECT recipient_id, due_at, not_after, run_id, class_id, plan_run, bucket, lane, 1 FROM gone;" \
	"SELECT index_slot_part(1::smallint);" \
	"SELECT publish_plan(plan_run, plan_run, pg_current_snapshot(), 1::smallint, '{}', '{}') FROM plan_head"

/*
 * | claim (first)              | publication (second)                   |
 * | BEGIN; five slots          |                                        |
 * |                            | BEGIN; attaches a part, does not wait  |
 * | seven more, does not wait  |                                        |
 * | COMMIT                     | COMMIT                                 |
 * | the prepared claim finds the slots of the new part                  |
 */
static void
a_part_is_attached_while_messages_leave(void **state)
{
	const struct race *race = *state;

	race_plan(race);
	sql_run(race->first, "BEGIN");
	race_claim(race->first, &(struct race_claim){.lane = "north", .limit = 5}, "5 0 0 0 0");
	sql_run(race->second, PUBLISH_PART);
	race_claim(race->first, &(struct race_claim){.lane = "north"}, "7 0 0 0 0");
	sql_run(race->first, "COMMIT");
	sql_run(race->second, "COMMIT");
	sql_expect(race->watcher, "SELECT count(*) FROM slot_1", "12");
	race_claim(race->first, &(struct race_claim){.lane = "south"}, "12 0 0 0 0");
	race_expect_healthy(race);
}

#define DROP "SELECT drop_empty_slot_parts()"
#define PARTS "SELECT count(*) FROM pg_inherits WHERE inhparent = 'slot'::regclass"

/*
 * | claim (first)              | the next plan (second)                 |
 * | BEGIN; all of part 1       |                                        |
 * |                            | looks for drained parts: still full to it |
 * | ROLLBACK                   |                                        |
 * | all of part 1              |                                        |
 * |                            | drops it                               |
 */
static void
a_part_that_is_being_drained_is_not_dropped(void **state)
{
	const struct race *race = *state;

	race_plan(race);
	sql_run(race->second, PUBLISH_PART);
	sql_run(race->second, "COMMIT");
	sql_expect(race->second, DROP, "0"); /* full, and nobody in the way */
	sql_run(race->first, "BEGIN");
	race_claim(race->first, &(struct race_claim){.lane = "south"}, "12 0 0 0 0");
	sql_expect(race->second, DROP, "0");
	sql_run(race->first, "ROLLBACK");
	race_claim(race->first, &(struct race_claim){.lane = "south"}, "12 0 0 0 0");
	sql_expect(race->second, DROP, "1");
	sql_expect(race->watcher, PARTS, "1");
	race_expect_healthy(race);
}

/*
 * | report (first)             | the next plan (second)      | claim (watcher) |
 * | BEGIN; reads the queue     |                             |                 |
 * |                            | wants to drop part 1: waits |                 |
 * |                            |                             | gets through    |
 * |                            | gives up, without an error  |                 |
 * | COMMIT                     |                             |                 |
 * |                            | drops it                    |                 |
 */
static void
a_report_keeps_a_drained_part_and_stops_nobody(void **state)
{
	const struct race *race = *state;

	race_plan(race);
	sql_run(race->second, PUBLISH_PART);
	sql_run(race->second, "COMMIT");
	race_claim(race->first, &(struct race_claim){.lane = "south"}, "12 0 0 0 0");
	sql_run(race->first, "BEGIN");
	sql_expect(race->first, "SELECT count(*) FROM slot", "12");
	rival_send(race->second, DROP);
	race_claim(race->watcher, &(struct race_claim){.lane = "north"}, "12 0 0 0 0");
	rival_finish(race->second);
	sql_expect(race->watcher, PARTS, "2");
	sql_run(race->first, "COMMIT");
	sql_expect(race->second, DROP, "1");
	race_expect_healthy(race);
}

/*
 * | analyzes (first)                | the next plan (second)                       |
 * | BEGIN; looks at a dead plan's table |                                          |
 * |                                 | wants to drop it: waits, for nobody waits behind it |
 * | COMMIT                          |                                              |
 * |                                 | drops it                                     |
 */
static void
a_dead_plans_table_goes_although_somebody_looks_at_it(void **state)
{
	const struct race *race = *state;

	sql_expect(race->first, "SELECT open_slot_part()", "1");
	sql_run(race->first, "SELECT pg_advisory_unlock_all()"); /* as when its session ends */
	sql_run(race->first, "BEGIN; LOCK TABLE slot_1 IN SHARE UPDATE EXCLUSIVE MODE");
	rival_send(race->second, DROP);
	rival_expect_blocked(race->watcher, race->second);
	sql_run(race->first, "SELECT pg_sleep(0.3); COMMIT"); /* longer than for a part that claims wait for */
	rival_finish(race->second);
	sql_expect(race->watcher, "SELECT to_regclass('slot_1')", "");
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, race_set_up, race_tear_down)
	const struct CMUnitTest tests[] = {
		TEST(two_claims_of_a_lane_take_different_slots),
		TEST(one_slot_of_a_person_leaves_at_a_time),
		TEST(slots_that_are_moved_under_a_claim_stay_in_the_queue),
		TEST(a_cap_holds_when_both_lanes_are_claimed_at_once),
		TEST(a_cap_holds_after_an_outage),
		TEST(two_daemons_share_a_lane),
		TEST(a_part_is_attached_while_messages_leave),
		TEST(a_part_that_is_being_drained_is_not_dropped),
		TEST(a_report_keeps_a_drained_part_and_stops_nobody),
		TEST(a_dead_plans_table_goes_although_somebody_looks_at_it),
	};

	return cmocka_run_group_tests_name("claim", tests, race_group_set_up, race_group_tear_down);
}
