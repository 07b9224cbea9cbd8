/*
 * Caps after an outage, while messages that other systems sent are recorded: slots that are late leave only as far as the caps allow. A plan counts a slot
 * wherever it may still leave, and whoever records an outside message takes the person's slots along, so the claim need not count.
 *
 * Everything is two hours late. The law lets a person get two messages a day, and where a test says so one in any ten minutes from each sender.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/fixture_slots.h"
#include "tests/support/race_fixture.h"
#include "tests/support/rival.h"
#include "tests/support/sql_expect.h"

#define ADA "'+14155550101'"
#define SEND(at) "SELECT record_send(" ADA ", 'acme', 'sms', 'marketing', '" at "')"

/* Days of people with more messages than the law allows, from wherever. */
#define OVER_THE_CAP \
	"SELECT recipient_id, day, count(*) FROM (" \
	" SELECT recipient_id, (released_at AT TIME ZONE 'America/Los_Angeles')::date AS day FROM release WHERE outcome = 'handed_over'" \
	" UNION ALL SELECT recipient_id, (sent_at AT TIME ZONE 'America/Los_Angeles')::date FROM outside_send) AS m" \
	" GROUP BY 1, 2 HAVING count(*) > 2"

/* One has left; the second would be the third of the day. */
static void
what_is_sent_elsewhere_between_two_late_slots_counts(void **state)
{
	const struct race *race = *state;

	race_plan(race);
	race_claim(race->first, &(struct race_claim){.lane = "north"}, "12 0 0 0 0");
	sql_run(race->second, SEND("2026-11-23T17:00Z"));
	race_claim(race->first, &(struct race_claim){.lane = "south"}, "11 0 0 0 0");
	sql_expect(race->watcher, OVER_THE_CAP, "");
	race_expect_healthy(race);
}

/*
 * | outside messages (second)         | claim (first)        |
 * | BEGIN; recorded                   |                      |
 * |                                   | leaves the person out |
 * | COMMIT                            |                      |
 * | their slots are gone              |                      |
 */
static void
a_claim_during_the_recording_leaves_the_person_out(void **state)
{
	const struct race *race = *state;

	race_plan(race);
	sql_run(race->second, "BEGIN");
	sql_run(race->second, SEND("2026-11-23T16:30Z"));
	sql_run(race->second, SEND("2026-11-23T17:00Z"));
	race_claim(race->first, &(struct race_claim){.lane = "north"}, "11 0 0 0 0");
	race_claim(race->first, &(struct race_claim){.lane = "south"}, "11 0 0 0 0");
	sql_run(race->second, "COMMIT");
	sql_expect(race->watcher, "SELECT count(*) FROM slot", "0");
	sql_expect(race->watcher, OVER_THE_CAP, "");
	race_expect_healthy(race);
}

/* Both campaigns through one sender: the second slot of a person begins a pair's time after the first one's end, however late that leaves. */
static void
the_pair_rate_holds_for_late_slots(void **state)
{
	const struct race *race = *state;

	fixture_slots_rulebook(race->watcher,
		"id = \"house\"; title = \"House\"; status = \"enforced\"; regions = [\"US\"]; review_by = \"2099-12-31\"; "
		"windows = ( { id = \"house.window\"; source = \"house\"; strength = \"must\"; categories = [\"marketing\"]; "
		"days = { every_day = \"08:00-20:00\"; }; } ); "
		"rates = ( { id = \"house.pair\"; source = \"house\"; strength = \"must\"; categories = \"all\"; n = 1; per = \"10m\"; pair = "
		"true; } );");
	sql_run(race->first, "UPDATE campaign SET sender = 'north'");
	race_plan(race);
	sql_expect(race->watcher,
		"SELECT count(*) FROM slot AS a JOIN slot AS b USING (recipient_id)"
		" WHERE a.due_at < b.due_at AND b.due_at < a.not_after + interval '10 minutes'",
		"0");
	race_claim(race->first, &(struct race_claim){.lane = "north", .now = "2026-11-24T03:59:57Z"}, "12 0 0 0 0");
	race_claim(race->first, &(struct race_claim){.lane = "north", .now = "2026-11-24T03:59:58Z"}, "0 0 0 0 0");
	race_claim(race->first, &(struct race_claim){.lane = "north", .now = "2026-11-24T16:00:01Z"}, "12 0 0 0 0");
	race_expect_healthy(race);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, race_set_up, race_tear_down)
	const struct CMUnitTest tests[] = {
		TEST(what_is_sent_elsewhere_between_two_late_slots_counts),
		TEST(a_claim_during_the_recording_leaves_the_person_out),
		TEST(the_pair_rate_holds_for_late_slots),
	};

	return cmocka_run_group_tests(tests, race_group_set_up, race_group_tear_down);
}
