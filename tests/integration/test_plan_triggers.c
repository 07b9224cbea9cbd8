/* Things that happen to a plan: what each changes, and that it changes nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/daypart.h"
#include "tests/support/oracle.h"
#include "tests/support/plan_world.h"
#include "tests/support/sql_expect.h"
#include "tests/support/temp.h"

#define MORNING "--now 2026-11-23T12:00:00Z plan"
#define TWO_DAYS "'2026-11-23T13:00Z', '2026-11-25T00:00Z'"
#define KEEP "CREATE TEMP TABLE before AS SELECT bucket, recipient_id, run_id, due_at, not_after, lane, part FROM slot"
#define LOST \
	"SELECT count(*) FROM (TABLE before EXCEPT SELECT bucket, recipient_id, run_id, due_at, not_after, lane, part FROM slot) AS lost"

/* Senders ------------------------------------------------------------------------------------------------------------------------------------- */

static void
a_suspended_sender_keeps_its_slots_until_it_is_active_again(void **state)
{
	const struct plan_world *world = *state;

	sql_run(world->connection, "SELECT people(4), campaign('sale', " TWO_DAYS "), campaign('other', " TWO_DAYS ", sender => 'acme-two')");
	plan_world_make(world, MORNING);
	sql_run(world->connection, KEEP "; UPDATE sender SET status = 'suspended' WHERE name = 'acme'");
	plan_world_fail(world, MORNING, 1, "campaign \"sale\" cannot be planned: sender \"acme\" is suspended");
	sql_expect(world->connection, LOST, "0");
	sql_run(world->connection, "SELECT person('new', '+12125559999', 'US-NY'), approve_again()");
	plan_world_fail(world, MORNING, 1, "suspended");
	sql_expect(world->connection, "SELECT campaign FROM outcome WHERE person = 'new'", "other");
	sql_run(world->connection, "UPDATE sender SET status = 'active' WHERE name = 'acme'; SELECT approve_again()");
	plan_world_make(world, MORNING);
	sql_expect(world->connection, LOST, "0");
	sql_expect(world->connection, "SELECT campaign FROM outcome WHERE person = 'new' ORDER BY 1", "other\nsale");
	sql_expect(world->connection, "SELECT added, moved, cancelled, kept FROM plan_run ORDER BY plan_run DESC LIMIT 1", "1|0|0|9");
}

/* What has left names its sender and its category for good. */
static void
a_campaign_that_has_sent_stays_with_its_sender_and_category(void **state)
{
	const struct plan_world *world = *state;
	static const char refused[] = "it has sent messages from another sender or in another category: submit what is left as a new campaign";

	sql_run(world->connection, "SELECT people(2), campaign('sale', " TWO_DAYS ")");
	plan_world_make(world, MORNING);
	sql_run(world->connection, "SELECT release('n1', 'sale', '2026-11-23T13:00:01Z')");
	sql_run(world->connection, KEEP "; UPDATE campaign SET sender = 'acme-two'; SELECT approve_again()");
	plan_world_fail(world, "--now 2026-11-23T14:00:00Z plan", 1, refused);
	sql_run(world->connection, "UPDATE campaign SET sender = 'acme-sms', template = 'acme sms'; SELECT approve_again()");
	plan_world_fail(world, "--now 2026-11-23T14:00:00Z plan", 1, refused);
	sql_run(world->connection,
		"INSERT INTO template (name, language, business, channel, category, body, status, created_by)"
		"	SELECT 'news', language, business, channel, 'announcement', body, status, 'ana' FROM template WHERE name = 'acme whatsapp';"
		"UPDATE campaign SET sender = 'acme', template = 'news', category = 'announcement'");
	plan_world_fail(world, "--now 2026-11-23T14:00:00Z plan", 1, refused);
	sql_expect(world->connection, LOST, "0");
	sql_run(world->connection, "UPDATE campaign SET template = 'acme whatsapp', category = 'marketing'; SELECT approve_again()");
	plan_world_run(world, "--now 2026-11-23T14:00:00Z plan");
	sql_expect(world->connection, LOST, "0");
}

/* Zones --------------------------------------------------------------------------------------------------------------------------------------- */

/* Another host's zone data, in which Chicago keeps the time of Denver. */
static char *
move_chicago(void)
{
	char *folder = temp_path("zoneinfo"), command[512];
	const char *argv[] = {"sh", "-c", command, NULL};
	struct process_result result;

	snprintf(command, sizeof(command), "rm -rf '%s'; cp -rL /usr/share/zoneinfo '%s' && cp '%s/America/Denver' '%s/America/Chicago'",
		folder, folder, folder, folder);
	result = process_run(argv, NULL);
	assert_int_equal(result.exit_code, 0);
	process_result_free(&result);
	return folder;
}

static void
other_zone_data_move_the_people_of_that_zone(void **state)
{
	const struct plan_world *world = *state;
	char *folder, settings[1024];
	struct process_result result;

	sql_run(world->connection,
		"SELECT people(5), person('ana', '+13125550101', 'US-IL', 'America/Chicago'), person('bea', '+13125550102', 'US-IL', "
		"'America/Chicago'),"
		"	campaign('sale', " TWO_DAYS ")");
	plan_world_make(world, MORNING);
	sql_run(world->connection, KEEP);
	folder = move_chicago();
	snprintf(settings, sizeof(settings), "database = \"%s\";\nzoneinfo_dir = \"%s\";\n", world->conninfo, folder);
	result = daypart_run_with(settings, MORNING);
	assert_int_equal(result.exit_code, 0);
	process_result_free(&result);
	sql_expect(world->connection,
		"SELECT p.source, date_trunc('second', b.due_at), date_trunc('second', s.due_at)"
		"	FROM before AS b JOIN slot AS s USING (bucket, recipient_id, run_id) JOIN recipient AS p USING (bucket, recipient_id)"
		"	WHERE s.due_at <> b.due_at ORDER BY 1",
		"ana|2026-11-23 14:00:00+00|2026-11-23 15:00:00+00\nbea|2026-11-23 14:00:00+00|2026-11-23 15:00:00+00");
	sql_expect(world->connection,
		"SELECT array_to_string(regions, ' '), array_to_string(zones, ' '), people FROM plan_moved JOIN class USING (class_id)",
		"US-IL|America/Chicago|2");
	free(folder);
}

/* Calendars ----------------------------------------------------------------------------------------------------------------------------------- */

/* Puts the shipped law in force, with one more holiday in Brazil. */
static void
load_holiday(const struct plan_world *world, const char *day)
{
	char *folder = temp_path("calendars"), command[1024], settings[1024];
	const char *argv[] = {"sh", "-c", command, NULL};
	struct process_result result;

	snprintf(command, sizeof(command),
		"rm -rf '%s'; cp -r '%s/conf/calendars' '%s' && cd '%s' && sed -i '/^END:VCALENDAR/d' br.ics &&"
		" printf 'BEGIN:VEVENT\\r\\nUID:extra@br.daypart\\r\\nDTSTAMP:20240101T000000Z\\r\\nDTSTART;VALUE=DATE:%s\\r\\n"
		"SUMMARY:Extra\\r\\nEND:VEVENT\\r\\nEND:VCALENDAR\\r\\n' >>br.ics",
		folder, DAYPART_SOURCE_DIR, folder, folder, day);
	result = process_run(argv, NULL);
	assert_int_equal(result.exit_code, 0);
	process_result_free(&result);
	snprintf(settings, sizeof(settings), "database = \"%s\";\nrulebook_dir = \"%s/conf/rulebook\";\ncalendar_dir = \"%s\";\n",
		world->conninfo, DAYPART_SOURCE_DIR, folder);
	result = daypart_run_with(settings, "rules load");
	if (result.exit_code != 0)
		fail_msg("daypart rules load: %s%s", result.out, result.err);
	process_result_free(&result);
	free(folder);
}

static const char moved[] =
	"SELECT p.source, date_trunc('second', b.due_at), date_trunc('second', s.due_at)"
	"	FROM before AS b JOIN slot AS s USING (bucket, recipient_id, run_id) JOIN recipient AS p USING (bucket, recipient_id)"
	"	WHERE s.due_at <> b.due_at ORDER BY 1";

static void
a_new_holiday_moves_the_people_who_keep_it(void **state)
{
	const struct plan_world *world = *state;

	sql_run(world->connection,
		"SELECT people(5), person('ana', '+5511900000001', 'BR-SP'), person('bia', '+5511900000002', 'BR-SP'), campaign('sale', " TWO_DAYS
		")");
	plan_world_make(world, MORNING);
	sql_run(world->connection, KEEP);
	load_holiday(world, "20261125"); /* behind the campaign */
	plan_world_make(world, MORNING);
	sql_expect(world->connection, LOST, "0");
	load_holiday(world, "20261123");
	plan_world_make(world, MORNING);
	sql_expect(
		world->connection, moved, "ana|2026-11-23 13:00:00+00|2026-11-24 12:00:00+00\nbia|2026-11-23 13:00:00+00|2026-11-24 12:00:00+00");
	sql_expect(world->connection, LOST, "2");
	sql_expect(world->connection,
		"SELECT array_to_string(regions, ' '), people, date_trunc('second', after_from) FROM plan_moved JOIN class USING (class_id)",
		"BR BR-SP|2|2026-11-24 12:00:00+00");
	sql_expect(world->connection, "SELECT added, moved, cancelled, kept FROM plan_run ORDER BY plan_run DESC LIMIT 1", "0|2|0|5");
}

/* After an outage ------------------------------------------------------------------------------------------------------------------------------ */

/* As the daemon leaves a backlog behind whose last lawful instant has passed. */
#define MISS \
	"WITH gone AS (DELETE FROM slot RETURNING *) INSERT INTO suppressed (recipient_id, at, run_id, plan_run, bucket, reason, kind)" \
	"	SELECT recipient_id, '2026-11-24T02:00Z', run_id, 0, bucket, reason, kind FROM gone, reason WHERE name = 'missed'"

static void
a_backlog_is_planned_for_the_next_window_at_the_senders_pace(void **state)
{
	const struct plan_world *world = *state;

	sql_run(world->connection,
		"UPDATE sender SET throughput_per_s = 0.1; SELECT people(20), campaign('sale', " TWO_DAYS ");"
		"UPDATE campaign SET catch_up = 'next_window'; SELECT approve_again()");
	plan_world_make(world, MORNING);
	sql_run(world->connection, MISS);
	plan_world_make(world, "--now 2026-11-24T03:00:00Z plan");
	sql_expect(world->connection,
		"SELECT count(*), min(due_at), max(due_at) - min(due_at), count(DISTINCT due_at), (SELECT count(*) FROM suppressed) FROM slot",
		"20|2026-11-24 13:00:00+00|00:03:10|20|0");
	sql_expect(world->connection, "SELECT added, moved, cancelled, kept FROM plan_run ORDER BY plan_run DESC LIMIT 1", "20|0|0|0");
}

static void
what_expired_is_dropped_for_good(void **state)
{
	const struct plan_world *world = *state;

	sql_run(world->connection, "SELECT people(3), campaign('sale', " TWO_DAYS ")");
	plan_world_make(world, MORNING);
	sql_run(world->connection, "SELECT release('n' || n, 'sale', '2026-11-24T02:00Z', 'expired') FROM generate_series(1, 3) AS n");
	plan_world_run(world, "--now 2026-11-24T03:00:00Z plan");
	plan_world_expect(world, "sale", "n1|expired\nn2|expired\nn3|expired");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		PLAN_WORLD_TEST(a_suspended_sender_keeps_its_slots_until_it_is_active_again),
		PLAN_WORLD_TEST(a_campaign_that_has_sent_stays_with_its_sender_and_category),
		PLAN_WORLD_TEST(other_zone_data_move_the_people_of_that_zone),
		PLAN_WORLD_TEST(a_new_holiday_moves_the_people_who_keep_it),
		PLAN_WORLD_TEST(a_backlog_is_planned_for_the_next_window_at_the_senders_pace),
		PLAN_WORLD_TEST(what_expired_is_dropped_for_good),
	};

	return cmocka_run_group_tests(tests, plan_world_start, plan_world_stop) != 0;
}
