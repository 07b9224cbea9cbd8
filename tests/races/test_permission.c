/*
 * Whatever takes a permission away, against a claim and against a publication: nothing is handed over after its commit, whichever comes first.
 *
 * Each test runs every deed of the table below, each on a person of its own.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <assert.h>
#include <stdio.h>

#include "tests/support/race_fixture.h"
#include "tests/support/rival.h"
#include "tests/support/sql_expect.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { DEED_MAX = 512 };

/* The person's number in a statement. */
#define PHONE "current_setting('race.phone')"
/* A file of one row, as `daypart import` lands it. */
#define IMPORT(kind, columns, values) \
	"SELECT import_begin(); INSERT INTO pg_temp.import_row VALUES (1, ARRAY[" PHONE values "]); SELECT import_batch('" kind \
	"', '{phone" columns "}')"

/* The first deed is about person 1, and so on; the people after the last keep their permission. */
static const char *const deeds[] = {
	"SELECT opt_out(" PHONE ")",
	"SELECT receive('north', " PHONE ", 'STOP')",
	"SELECT withdraw_consent(" PHONE ", 'acme', 'sms')",
	"SELECT record_consent(" PHONE ", 'acme', 'sms', given_at => '2026-02-01Z')", /* of which the method is not known */
	"SELECT add_recipient(" PHONE ", timezone => 'Europe/Berlin')",
	"SELECT add_recipient(" PHONE ", region => 'BR')",
	"SELECT record_send(" PHONE ", 'acme', 'sms', 'marketing', '2026-11-20Z')",
	IMPORT("opt-outs", "", ""),
	IMPORT("consents", ",business,channel,category,state", ", 'acme', 'sms', 'marketing', 'withdrawn'"),
	IMPORT("sends", ",business,channel,category,sent_at", ", 'acme', 'sms', 'marketing', '2026-11-20T00:00:00Z'"),
	IMPORT("recipients", ",timezone", ", 'Europe/Berlin'"),
};

/* Of a campaign: everybody, and who keep their permission. */
#define EVERYBODY "12"
#define THE_OTHERS "1"
static_assert(RACE_PEOPLE - COUNT(deeds) == 1, "THE_OTHERS");

static void
write_deed(size_t i, char out[DEED_MAX])
{
	snprintf(out, DEED_MAX, "SET race.phone = '+141555501%02zu'; %s", i + 1, deeds[i]);
}

static void
do_all(PGconn *session)
{
	char text[DEED_MAX];

	for (size_t i = 0; i < COUNT(deeds); i++) {
		write_deed(i, text);
		sql_run(session, text);
	}
}

/* Every deed in a session of its own, each of which must wait. */
static void
start_all(const struct race *race, PGconn *sessions[COUNT(deeds)])
{
	char text[DEED_MAX];

	for (size_t i = 0; i < COUNT(deeds); i++) {
		write_deed(i, text);
		sessions[i] = race_connect(race);
		rival_send(sessions[i], text);
		rival_expect_blocked(race->watcher, sessions[i]);
	}
}

static void
finish_all(PGconn *sessions[COUNT(deeds)])
{
	for (size_t i = 0; i < COUNT(deeds); i++) {
		rival_finish(sessions[i]);
		PQfinish(sessions[i]);
	}
}

/* Nothing is queued for them, in either campaign, and nothing was handed over but what `handed_over` says. */
static void
expect_nothing_left(const struct race *race, const char *handed_over)
{
#define VICTIMS " JOIN recipient USING (bucket, recipient_id) WHERE phone <= 14155550111"
	sql_expect(race->watcher, "SELECT count(*) FROM slot" VICTIMS, "0");
	sql_expect(race->watcher, "SELECT count(*) FROM release" VICTIMS " AND outcome = 'handed_over'", handed_over);
	race_expect_healthy(race);
}

/* Claims -------------------------------------------------------------------------------------------------------------------------------------- */

/*
 * | claim (first)              | deeds                                  |
 * | BEGIN; locks and judges    |                                        |
 * |                            | the fact; wait for the claim's slots   |
 * | COMMIT                     |                                        |
 * |                            | delete what is left; COMMIT            |
 * | claims of both lanes: only people with a permission                 |
 */
static void
waits_for_the_claim_that_holds_the_slot(void **state)
{
	const struct race *race = *state;
	PGconn *sessions[COUNT(deeds)];

	race_plan(race);
	sql_run(race->first, "BEGIN");
	race_claim(race->first, &(struct race_claim){.lane = "north"}, EVERYBODY " 0 0 0 0");
	start_all(race, sessions);
	sql_run(race->first, "COMMIT");
	finish_all(sessions);
	race_claim(race->first, &(struct race_claim){.lane = "south"}, THE_OTHERS " 0 0 0 0");
	expect_nothing_left(race, "11");
}

/*
 * | deeds (second)             | claim                                  |
 * | BEGIN; fact and deletion   |                                        |
 * |                            | skips the slots, waits for nobody      |
 * | COMMIT                     |                                        |
 * |                            | finds nothing                          |
 */
static void
hides_the_slot_from_a_claim_before_its_commit(void **state)
{
	const struct race *race = *state;

	race_plan(race);
	sql_run(race->second, "BEGIN");
	do_all(race->second);
	race_claim(race->first, &(struct race_claim){.lane = "north"}, THE_OTHERS " 0 0 0 0");
	sql_run(race->second, "COMMIT");
	race_claim(race->first, &(struct race_claim){.lane = "north"}, "0 0 0 0 0");
	expect_nothing_left(race, "0");
}

/*
 * | claim (first)              | deeds (second)                         |
 * | its snapshot, held up      |                                        |
 * |                            | fact and deletion, each committed      |
 * | goes on with the snapshot  |                                        |
 *
 * A claim reads `control` before it locks slots. The table becomes a view that takes a lock, which the watcher holds.
 */
static void
is_seen_by_a_claim_with_an_older_snapshot(void **state)
{
	const struct race *race = *state;

	race_plan(race);
	sql_run(race->watcher,
		"ALTER TABLE control RENAME TO control_row;"
		"CREATE VIEW control AS SELECT * FROM control_row WHERE pg_advisory_xact_lock_shared(1)::text = '';"
		"SELECT pg_advisory_lock(1)");
	race_send_claim(race->first, &(struct race_claim){.lane = "north"});
	rival_expect_blocked(race->watcher, race->first);
	do_all(race->second);
	sql_run(race->watcher, "SELECT pg_advisory_unlock(1)");
	race_finish_claim(race->first, THE_OTHERS " 0 0 0 0");
	expect_nothing_left(race, "0");
}

/* Publications -------------------------------------------------------------------------------------------------------------------------------- */

/* The next plan knows the facts: who may be sent something has a slot again, who may not has a reason that lasts. */
static void
expect_next_plan_decides(const struct race *race)
{
	race_plan(race);
	sql_expect(race->watcher,
		"SELECT phone - 14155550100, coalesce(r.name, 'planned') FROM recipient JOIN audience_member USING (bucket, recipient_id)"
		" CROSS JOIN campaign_run AS run JOIN campaign AS c USING (campaign_id)"
		" LEFT JOIN suppressed AS s USING (bucket, recipient_id, run_id) LEFT JOIN reason AS r USING (reason)"
		" WHERE c.name = 'spring' ORDER BY 1",
		"1|opted_out\n2|opted_out\n3|no_consent\n4|evidence_incomplete\n5|planned\n6|planned\n7|planned\n8|opted_out\n9|no_consent\n"
		"10|planned\n11|planned\n12|planned");
	race_expect_healthy(race);
}

/*
 * | planner                    | deeds (second)                         |
 * | snapshot; decides          |                                        |
 * | waits for plan_head (first holds it)                                |
 * |                            | fact, committed                        |
 * | first lets go: gates, sweep, publishes                              |
 */
static void
is_swept_from_a_plan_with_an_older_snapshot(void **state)
{
	const struct race *race = *state;
	struct process *plan;

	sql_run(race->first, "BEGIN; SELECT FROM plan_head FOR SHARE");
	plan = race_start_plan(race);
	rival_expect_program_blocked(race->watcher, plan);
	do_all(race->second);
	sql_run(race->first, "COMMIT");
	race_expect_exit(&plan, 0);
	sql_expect(race->watcher, "SELECT swept FROM plan_run", "22");
	sql_expect(race->watcher, "SELECT r.name, count(*) FROM suppressed JOIN reason AS r USING (reason) GROUP BY 1", "facts_changed|22");
	race_claim(race->first, &(struct race_claim){.lane = "north"}, THE_OTHERS " 0 0 0 0");
	expect_nothing_left(race, "0");
	expect_next_plan_decides(race);
}

/* The same when everybody had been refused before: the refusal of those who are swept must not go. */
static void
is_swept_from_a_plan_that_ends_a_refusal(void **state)
{
	const struct race *race = *state;
	struct process *plan;

	race_set_law(race, "weekdays = \"closed\"; weekends = \"08:00-20:00\";", 2); /* the campaigns end on a Wednesday */
	race_plan(race);
	sql_expect(race->watcher, "SELECT count(*) FROM suppressed", "24");
	race_set_law(race, "every_day = \"08:00-20:00\";", 2);
	sql_run(race->first, "BEGIN; SELECT FROM plan_head FOR SHARE");
	plan = race_start_plan(race);
	rival_expect_program_blocked(race->watcher, plan);
	do_all(race->second);
	sql_run(race->first, "COMMIT");
	race_expect_exit(&plan, 0);
	sql_expect(race->watcher, "SELECT count(*) FROM suppressed", "22");
	expect_nothing_left(race, "0");
	expect_next_plan_decides(race);
}

/*
 * | planner                    | deeds (second)                         |
 * |                            | BEGIN; gates, fact, deletion of nothing |
 * | (somebody else commits, so that the deeds lie inside the snapshot's span) |
 * | snapshot; decides; waits for a gate                                 |
 * |                            | (a claim finds nothing)                |
 * |                            | COMMIT                                 |
 * | gates, sweep, publishes    |                                        |
 *
 * Without the gates the slots would be published between the deletion and its commit.
 */
static void
holds_a_publication_back_until_its_commit(void **state)
{
	const struct race *race = *state;
	struct process *plan;

	sql_run(race->second, "BEGIN");
	do_all(race->second);
	sql_run(race->first, "SELECT pg_current_xact_id()");
	plan = race_start_plan(race);
	rival_expect_program_blocked(race->watcher, plan);
	race_claim(race->first, &(struct race_claim){.lane = "north"}, "0 0 0 0 0");
	sql_run(race->second, "COMMIT");
	race_expect_exit(&plan, 0);
	race_claim(race->first, &(struct race_claim){.lane = "north"}, THE_OTHERS " 0 0 0 0");
	expect_nothing_left(race, "0");
	expect_next_plan_decides(race);
}

/*
 * | planner                    | deeds                                  |
 * | gates; waits for permission_change (first holds it)                 |
 * |                            | wait for their gates                   |
 * | first lets go: publishes   |                                        |
 * |                            | fact, deletion of the new slots        |
 */
static void
waits_for_a_publication_and_takes_its_slots(void **state)
{
	const struct race *race = *state;
	PGconn *sessions[COUNT(deeds)];
	struct process *plan;

	sql_run(race->first, "BEGIN; LOCK TABLE permission_change IN ACCESS EXCLUSIVE MODE");
	plan = race_start_plan(race);
	rival_expect_program_blocked(race->watcher, plan);
	start_all(race, sessions);
	sql_run(race->first, "COMMIT");
	race_expect_exit(&plan, 0);
	finish_all(sessions);
	sql_expect(race->watcher, "SELECT swept FROM plan_run", "0");
	race_claim(race->first, &(struct race_claim){.lane = "north"}, THE_OTHERS " 0 0 0 0");
	expect_nothing_left(race, "0");
	expect_next_plan_decides(race);
}

/* Case D': with a frozen snapshot a slot published meanwhile would survive, so every deed refuses one. */
static void
refuses_a_frozen_snapshot(void **state)
{
	static const char *const levels[] = {"REPEATABLE READ", "SERIALIZABLE"};
	const struct race *race = *state;
	char text[DEED_MAX], begin[64];

	race_plan(race);
	for (size_t i = 0; i < COUNT(deeds); i++)
		for (size_t level = 0; level < COUNT(levels); level++) {
			write_deed(i, text);
			snprintf(begin, sizeof(begin), "BEGIN ISOLATION LEVEL %s", levels[level]);
			sql_run(race->first, begin);
			rival_send(race->first, text);
			rival_expect_error(race->first, "25001");
			sql_run(race->first, "ROLLBACK");
		}
	sql_expect(race->watcher, "SELECT count(*) FROM slot", "24");
	race_expect_healthy(race);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, race_set_up, race_tear_down)
	const struct CMUnitTest tests[] = {
		TEST(waits_for_the_claim_that_holds_the_slot),
		TEST(hides_the_slot_from_a_claim_before_its_commit),
		TEST(is_seen_by_a_claim_with_an_older_snapshot),
		TEST(is_swept_from_a_plan_with_an_older_snapshot),
		TEST(is_swept_from_a_plan_that_ends_a_refusal),
		TEST(holds_a_publication_back_until_its_commit),
		TEST(waits_for_a_publication_and_takes_its_slots),
		TEST(refuses_a_frozen_snapshot),
	};

	return cmocka_run_group_tests_name("permission", tests, race_group_set_up, race_group_tear_down);
}
