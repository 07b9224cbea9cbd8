/*
 * Answers of a sink outside the database against whatever else decides about their messages: people who opt out, a plan that is published, another
 * daemon that takes the lane, a person at `daypart settle`. Whichever comes first, a message has one outcome, and nobody who opted out has a slot.
 *
 * The messages are those of spring, put in flight under epoch 1 and claim 7.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "tests/support/race_fixture.h"
#include "tests/support/rival.h"
#include "tests/support/sql_expect.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define SPRING "(SELECT run_id FROM campaign_run JOIN campaign USING (campaign_id) WHERE name = 'spring')"
/* The same answer to the messages of spring to those whose number ends so. */
#define SETTLE(people, answer) \
	"SELECT settle_flight('" RACE_NOW "', '2 s', (SELECT jsonb_agg(jsonb_build_object('bucket', bucket, 'recipient_id', recipient_id, " \
	"'run_id', " SPRING ", 'epoch', 1, 'claim', 7) || jsonb_build_object(" answer ")) FROM recipient WHERE phone % 100 " people "))"
#define HANDED_OVER "'state', 'handed_over', 'action', 'accepted', 'provider_id', 'wamid.1'"
#define NOT_TAKEN "'state', 'queued', 'again', timestamptz '" RACE_NOW "' + interval '1 minute', 'action', 'retry'"
#define UNCERTAIN "'state', 'uncertain', 'action', 'uncertain'"

static void
fly(const struct race *race)
{
	race_plan(race);
	sql_run(race->watcher,
		"WITH gone AS (DELETE FROM slot WHERE run_id = " SPRING " RETURNING *) INSERT INTO inflight (recipient_id, claimed_at, due_at, "
		"not_after, consent_given_at, epoch, claim, run_id, class_id, plan_run, attempt, bucket, lane) SELECT recipient_id, '" RACE_NOW
		"', due_at, not_after, '2026-01-01Z', 1, 7, run_id, class_id, plan_run, 1, bucket, lane FROM gone");
}

static void
expect_places(const struct race *race, const char *places)
{
	sql_expect(race->watcher,
		"SELECT what, count(*) FROM (SELECT run_id, outcome::text || coalesce(' ' || name, '') AS what FROM release LEFT JOIN reason USING "
		"(reason) UNION ALL SELECT run_id, s.kind || ' ' || name FROM suppressed s JOIN reason USING (reason) UNION ALL SELECT run_id, "
		"'queued' FROM slot UNION ALL SELECT run_id, CASE WHEN uncertain_at IS NULL THEN 'in flight' ELSE 'uncertain' END FROM inflight) "
		"AS "
		"everybody WHERE run_id = " SPRING " GROUP BY what ORDER BY what",
		places);
	race_expect_healthy(race);
}

/* Permissions ----------------------------------------------------------------------------------------------------------------------------- */

/* By persons 1, 2, 3: what becomes of a message that goes back into the queue after it. */
#define DEEDS \
	"SELECT opt_out('+14155550101'); SELECT withdraw_consent('+14155550102', 'acme', 'sms'); " \
	"SELECT add_recipient('+14155550103', timezone => 'Europe/Berlin')"

/*
 * | deeds (first)                 | answers: not taken (second)             |
 * | BEGIN; gates, fact; no slot   |                                         |
 * |                               | wait for the gates                      |
 * | COMMIT                        | see the facts: no slot                  |
 */
static void
a_message_comes_back_to_an_opt_out(void **state)
{
	const struct race *race = *state;

	fly(race);
	sql_run(race->first, "BEGIN");
	sql_run(race->first, DEEDS "; SELECT opt_out('+14155550105')");
	rival_send(race->second, SETTLE("<= 4", NOT_TAKEN));
	rival_expect_blocked(race->watcher, race->second);
	sql_run(race->watcher, SETTLE("= 5", HANDED_OVER)); /* what the provider has is not unsent, and waits for nobody */
	sql_run(race->first, "COMMIT");
	rival_finish(race->second);
	expect_places(race, "handed_over|1\nheld facts_changed|1\nin flight|7\nqueued|1\nrefused no_consent|1\nrefused opted_out|1");
}

/*
 * | answers: not taken (first)    | deeds (second)                          |
 * | BEGIN; gates, slots           |                                         |
 * |                               | wait for the gate                       |
 * | COMMIT                        | find the slots                          |
 */
static void
an_opt_out_finds_a_message_that_came_back(void **state)
{
	const struct race *race = *state;

	fly(race);
	sql_run(race->first, "BEGIN");
	sql_run(race->first, SETTLE("<= 4", NOT_TAKEN));
	rival_send(race->second, DEEDS);
	rival_expect_blocked(race->watcher, race->second);
	sql_run(race->first, "COMMIT");
	rival_finish(race->second);
	expect_places(race, "held facts_changed|1\nin flight|8\nqueued|1\nsuppressed no_consent|1\nsuppressed opted_out|1");
}

/* Plans ----------------------------------------------------------------------------------------------------------------------------------- */

#define STOP_PERSON_1 \
	"SELECT obey_provider('stop_person', bucket, recipient_id, " SPRING ", 'hello', 'en', '131050', 'stopped', 3) FROM recipient " \
	"WHERE phone = 14155550101"

static void
expect_no_slot_of_person_1(const struct race *race)
{
	sql_expect(race->watcher, "SELECT count(*) FROM slot JOIN recipient USING (bucket, recipient_id) WHERE phone = 14155550101", "0");
	race_expect_healthy(race);
}

static void
change_summer(const struct race *race)
{
	sql_run(race->watcher, "UPDATE campaign SET local_from = '11:00', local_to = '18:00' WHERE name = 'summer'");
}

/* The provider's word holds a publication back, as the person's own would. */
static void
a_publication_waits_for_the_providers_word(void **state)
{
	const struct race *race = *state;
	struct process *plan;

	fly(race);
	change_summer(race);
	sql_run(race->first, "BEGIN");
	sql_run(race->first, STOP_PERSON_1);
	plan = race_start_plan(race);
	rival_expect_program_blocked(race->watcher, plan);
	sql_run(race->first, "COMMIT");
	race_expect_exit(&plan, 0);
	sql_run(race->second, SETTLE("= 1", "'state', 'failed', 'why', 'opted_out', 'action', 'stop_person'"));
	expect_no_slot_of_person_1(race);
	expect_places(race, "failed opted_out|1\nin flight|11");
}

static void
the_providers_word_finds_what_was_published(void **state)
{
	const struct race *race = *state;
	struct process *plan;

	fly(race);
	change_summer(race);
	sql_run(race->first, "BEGIN; LOCK TABLE permission_change IN ACCESS EXCLUSIVE MODE");
	plan = race_start_plan(race);
	rival_expect_program_blocked(race->watcher, plan);
	rival_send(race->second, STOP_PERSON_1);
	rival_expect_blocked(race->watcher, race->second);
	sql_run(race->first, "COMMIT");
	race_expect_exit(&plan, 0);
	rival_finish(race->second);
	expect_no_slot_of_person_1(race);
}

/* A plan decided without what comes back: the message waits for the next one. */
static void
a_message_that_comes_back_after_a_publication_is_held(void **state)
{
	const struct race *race = *state;

	fly(race);
	change_summer(race);
	race_plan(race);
	sql_run(race->watcher, "UPDATE plan_run SET published_at = timestamptz '" RACE_NOW "' + interval '1 second'");
	sql_run(race->second, SETTLE("= 1", NOT_TAKEN));
	expect_places(race, "held facts_changed|1\nin flight|11");
}

/* People ---------------------------------------------------------------------------------------------------------------------------------- */

#define DECIDE(person, sent) \
	"SELECT settle_uncertain((SELECT idempotency_key FROM uncertain_message JOIN recipient USING (recipient_id) WHERE recipient.phone = " \
	"14155550100 + " person "), NULL, NULL, " sent ", 'the phone says so')"

/* The daemon has just begun to ask: the mark of the question does not hide the message, and its answer comes too late. */
static void
decide_while_the_sink_is_asked(const struct race *race)
{
	sql_run(race->first, "BEGIN");
	sql_expect(race->first, "SELECT count(*) FROM ask_flight(100)", "7");
	rival_send(race->second, DECIDE("7", "false"));
	rival_expect_blocked(race->watcher, race->second);
	sql_run(race->first, "COMMIT");
	rival_finish(race->second);
	sql_run(race->first, SETTLE("= 7", HANDED_OVER));
}

/* Of two who decide, the second finds it decided: answers and people, on a message of their own each. */
static void
who_decides_first_decides(void **state)
{
	static const struct {
		const char *first, *second;
	} rows[] = {
		{SETTLE("= 1", HANDED_OVER), DECIDE("1", "false")},
		{SETTLE("= 2", NOT_TAKEN), DECIDE("2", "true")},
		{DECIDE("3", "false"), SETTLE("= 3", HANDED_OVER)},
		{DECIDE("4", "true"), SETTLE("= 4", NOT_TAKEN)},
		{DECIDE("5", "false"), SETTLE("= 5", NOT_TAKEN)},
		{DECIDE("6", "false"), DECIDE("6", "true")},
	};
	const struct race *race = *state;

	fly(race);
	sql_run(race->watcher, SETTLE("<= 7", UNCERTAIN));
	decide_while_the_sink_is_asked(race);
	for (size_t i = 0; i < COUNT(rows); i++) {
		sql_run(race->first, "BEGIN");
		sql_run(race->first, rows[i].first);
		rival_send(race->second, rows[i].second);
		rival_expect_blocked(race->watcher, race->second);
		sql_run(race->first, "COMMIT");
		rival_finish(race->second);
	}
	expect_places(race, "handed_over|2\nheld not_sent|4\nin flight|5\nqueued|1");
	sql_expect(race->watcher, "SELECT sent, count(*) FROM settlement GROUP BY sent ORDER BY sent", "f|4\nt|1");
}

/* Daemons --------------------------------------------------------------------------------------------------------------------------------- */

/*
 * | Ben, who has the lane (first) | Ana's answers (second)                  |
 * | BEGIN; uncertain              |                                         |
 * |                               | wait                                    |
 * | COMMIT                        | are good all the same                   |
 * |                               | BEGIN; more of them                     |
 * | once more: waits              |                                         |
 * |                               | COMMIT                                  |
 * | makes only the rest uncertain |                                         |
 */
static void
answers_and_a_takeover_meet(void **state)
{
	const struct race *race = *state;

	fly(race);
	sql_run(race->watcher, "UPDATE lane_lease SET epoch = 2");
	sql_run(race->first, "BEGIN");
	sql_expect(race->first, "SELECT recover_flight()", "12");
	rival_send(race->second, SETTLE("<= 2", HANDED_OVER) "; " SETTLE("= 3", NOT_TAKEN));
	rival_expect_blocked(race->watcher, race->second);
	sql_run(race->first, "COMMIT");
	rival_finish(race->second);
	sql_run(race->watcher, "UPDATE inflight SET uncertain_at = NULL");
	sql_run(race->second, "BEGIN");
	sql_run(race->second, SETTLE("= 4", HANDED_OVER) "; " SETTLE("= 5", NOT_TAKEN));
	rival_send(race->first, "SELECT recover_flight()");
	rival_expect_blocked(race->watcher, race->first);
	sql_run(race->second, "COMMIT");
	rival_finish(race->first);
	expect_places(race, "handed_over|3\nqueued|2\nuncertain|7");
	/* What came back is the new holder's; that the old one says the same again, or another thing, changes nothing. */
	race_claim(race->first, &(struct race_claim){.lane = "north", .now = "2026-11-23T18:02:00Z", .epoch = 2}, "2 0 0 0 0");
	sql_run(race->second, SETTLE("= 3", NOT_TAKEN) "; " SETTLE("= 5", HANDED_OVER));
	expect_places(race, "handed_over|5\nuncertain|7");
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, race_set_up, race_tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_message_comes_back_to_an_opt_out),
		TEST(an_opt_out_finds_a_message_that_came_back),
		TEST(a_publication_waits_for_the_providers_word),
		TEST(the_providers_word_finds_what_was_published),
		TEST(a_message_that_comes_back_after_a_publication_is_held),
		TEST(who_decides_first_decides),
		TEST(answers_and_a_takeover_meet),
	};

	return cmocka_run_group_tests_name("settle", tests, race_group_set_up, race_group_tear_down);
}
