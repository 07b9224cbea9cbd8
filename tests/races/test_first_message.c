/*
 * First messages (F10): what was planned as a later message does not leave when nothing has left before it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/daypart.h"
#include "tests/support/race_fixture.h"
#include "tests/support/sql_expect.h"

#define WHY "SELECT r.name, count(*) FROM suppressed JOIN reason AS r USING (reason) GROUP BY 1"
#define QUEUED "SELECT k.template, k.message_order, count(*) FROM slot JOIN class AS k USING (class_id) WHERE run_id = 2 GROUP BY 1, 2"

/* One a day: spring on Monday, summer on Tuesday, with a text of its own for whom it is the first message. */
static void
plan_two_days(const struct race *race)
{
	sql_run(race->watcher,
		"INSERT INTO template (name, language, business, channel, category, body, status, created_by)"
		"	VALUES ('welcome', 'en', 'acme', 'sms', 'marketing', 'Welcome', 'approved', 'ana');"
		"UPDATE campaign SET first_template = 'welcome' WHERE name = 'summer'");
	race_set_law(race, "every_day = \"08:00-20:00\";", 1);
	race_plan(race);
	sql_expect(race->watcher, QUEUED, "hello|later|12");
}

static void
a_later_message_leaves_after_the_first(void **state)
{
	const struct race *race = *state;

	plan_two_days(race);
	race_claim(race->first, &(struct race_claim){.lane = "north", .now = "2026-11-23T16:00:01Z"}, "12 0 0 0 0");
	race_claim(race->second, &(struct race_claim){.lane = "south", .now = "2026-11-24T16:00:01Z"}, "12 0 0 0 0");
	race_expect_healthy(race);
}

/* The first ones come to nothing: the short text is held, and planned again as the long one. */
static void
a_later_message_is_held_when_nothing_has_left_before(void **state)
{
	const struct race *race = *state;
	struct process *plan;

	plan_two_days(race);
	race_claim(race->first, &(struct race_claim){.lane = "north", .now = "2026-11-24T16:00:01Z"}, "0 0 12 0 0");
	race_claim(race->second, &(struct race_claim){.lane = "south", .now = "2026-11-24T16:00:01Z"}, "0 0 0 12 0");
	sql_expect(race->watcher, WHY, "first_not_sent|12");
	race_expect_healthy(race);
	plan = daypart_start(race->conninfo, "--now 2026-11-24T16:10:00Z plan");
	race_expect_exit(&plan, 0);
	sql_expect(race->watcher, QUEUED, "welcome|first|12");
	race_claim(race->second, &(struct race_claim){.lane = "south", .now = "2026-11-24T17:00:01Z"}, "12 0 0 0 0");
	race_expect_healthy(race);
}

/*
 * | first                             | second                                  |
 * | BEGIN; Monday's messages leave    |                                         |
 * |                                   | does not see them: holds Tuesday's      |
 * | ROLLBACK or COMMIT                |                                         |
 */
static void
a_first_message_counts_when_it_has_committed(void **state)
{
	const struct race *race = *state;

	plan_two_days(race);
	sql_run(race->first, "BEGIN");
	race_claim(race->first, &(struct race_claim){.lane = "north", .now = "2026-11-23T16:00:01Z", .limit = 5}, "5 0 0 0 0");
	race_claim(race->second, &(struct race_claim){.lane = "south", .now = "2026-11-24T16:00:01Z", .limit = 6}, "0 0 0 6 0");
	sql_run(race->first, "ROLLBACK");
	race_claim(race->second, &(struct race_claim){.lane = "south", .now = "2026-11-24T16:00:01Z"}, "0 0 0 6 0");
	sql_expect(race->watcher, WHY, "first_not_sent|12");
	race_claim(race->first, &(struct race_claim){.lane = "north", .now = "2026-11-23T16:00:01Z"}, "12 0 0 0 0");
	race_expect_healthy(race);
}

/* What another system sent counts, and what was taken from the outbox and given to nobody does not. */
static void
what_reached_the_person_counts(void **state)
{
	const struct race *race = *state;

	plan_two_days(race);
	race_claim(race->first, &(struct race_claim){.lane = "north", .now = "2026-11-23T16:00:01Z"}, "12 0 0 0 0");
	sql_run(race->watcher,
		"INSERT INTO outbox_dropped SELECT recipient_id, released_at, run_id, bucket, 17 FROM release ORDER BY recipient_id LIMIT 7;"
		"INSERT INTO outside_send (recipient_id, sent_at, business_id, channel, category, bucket)"
		"	SELECT d.recipient_id, '2020-01-01Z', b.business_id, 'sms', 'marketing', d.bucket"
		"	FROM outbox_dropped AS d, business AS b WHERE b.name = 'acme' ORDER BY d.recipient_id LIMIT 3");
	race_claim(race->second, &(struct race_claim){.lane = "south", .now = "2026-11-24T16:00:01Z"}, "8 0 0 4 0");
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, race_set_up, race_tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_later_message_leaves_after_the_first),
		TEST(a_later_message_is_held_when_nothing_has_left_before),
		TEST(a_first_message_counts_when_it_has_committed),
		TEST(what_reached_the_person_counts),
	};

	return cmocka_run_group_tests_name("first_message", tests, race_group_set_up, race_group_tear_down);
}
