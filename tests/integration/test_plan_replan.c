/* daypart plan, made again: what is still lawful stays where it is, what changed is repaired, and nothing else moves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "tests/support/plan_world.h"
#include "tests/support/sql_expect.h"

/* New York is open from 13:00Z to 02:00Z, Berlin from 07:00Z to 20:00Z. */
#define MORNING "--now 2026-11-23T12:00:00Z plan"
#define TWO_DAYS "'2026-11-23T13:00Z', '2026-11-25T00:00Z'"

static char *
slots(const struct plan_world *world)
{
	return sql_text(
		world->connection, "SELECT recipient_id, run_id, due_at, not_after, lane, part FROM slot ORDER BY run_id, bucket, recipient_id");
}

/* Compares and frees. */
static void
expect_same_slots(const struct plan_world *world, char *before)
{
	char *after = slots(world);

	assert_string_equal(after, before);
	free(after);
	free(before);
}

static void
with_nothing_changed_nothing_changes(void **state)
{
	const struct plan_world *world = *state;
	char *before, *everything;

	sql_run(world->connection,
		"UPDATE sender SET throughput_per_s = 0.01; SELECT people(30), person('bob', '+18005550106', 'US'), campaign('one', " TWO_DAYS "),"
		"	campaign('two', " TWO_DAYS ", pacing => 'even')");
	plan_world_make(world, MORNING);
	before = slots(world);
	sql_run(world->connection, "CREATE TEMP TABLE head AS TABLE plan_head; UPDATE plan_head SET checked_at = NULL");
	everything = sql_text(world->connection, "SELECT everything()");
	plan_world_make(world, MORNING);
	sql_expect(world->connection, "SELECT n.plan_run = o.plan_run, n.checked_at > o.checked_at FROM plan_head AS n, head AS o", "t|t");
	sql_run(world->connection, "UPDATE plan_head SET checked_at = NULL");
	sql_expect(world->connection, "SELECT everything()", everything);
	/* Later, when some are overdue, and from another host's point of view: with a longer horizon. */
	plan_world_make(world, "--now 2026-11-23T13:20:00Z plan --horizon 9d");
	sql_expect(world->connection, "SELECT n.plan_run = o.plan_run FROM plan_head AS n, head AS o", "t");
	expect_same_slots(world, before);
	free(everything);
}

/* People ------------------------------------------------------------------------------------------------------------------------------------- */

static void
a_new_member_is_added_and_nobody_moves(void **state)
{
	const struct plan_world *world = *state;

	sql_run(world->connection, "SELECT people(30), campaign('sale', " TWO_DAYS ")");
	plan_world_make(world, MORNING);
	sql_run(world->connection, "CREATE TEMP TABLE before AS TABLE slot; SELECT person('new', '+12125559999', 'US-NY'), approve_again()");
	plan_world_make(world, MORNING);
	sql_expect(world->connection, "SELECT count(*) FROM (TABLE before EXCEPT TABLE slot) AS lost", "0");
	sql_expect(
		world->connection, "SELECT source FROM (TABLE slot EXCEPT TABLE before) AS n JOIN recipient USING (bucket, recipient_id)", "new");
	sql_expect(world->connection, "SELECT added, moved, cancelled, kept FROM plan_run ORDER BY plan_run DESC LIMIT 1", "1|0|0|30");
}

static void
an_opt_out_takes_one_slot_for_good(void **state)
{
	const struct plan_world *world = *state;

	sql_run(world->connection, "SELECT people(3), campaign('sale', " TWO_DAYS ")");
	plan_world_make(world, MORNING);
	sql_run(world->connection,
		"CREATE TEMP TABLE before AS SELECT * FROM slot WHERE recipient_id <> person_id(12125550002); SELECT opt_out(phone_of('n2'))");
	sql_expect(world->connection, "SELECT outcome FROM outcome WHERE person = 'n2'", "opted_out");
	plan_world_make(world, MORNING);
	sql_expect(world->connection, "SELECT outcome FROM outcome WHERE person = 'n2'", "opted_out");
	sql_expect(world->connection, "SELECT count(*) FROM (TABLE before EXCEPT TABLE slot) AS lost", "0");
	sql_expect(world->connection, "SELECT count(*) FROM slot", "2");
}

static void
who_is_refused_is_planned_after_the_cure(void **state)
{
	const struct plan_world *world = *state;

	sql_run(world->connection,
		"SELECT person('consent', '+12125550101', 'US-NY'), person('region', '+12125550102', 'US-NY'), person('zone', '+12125550103', "
		"'US-NY'),"
		"	campaign('sale', " TWO_DAYS ");"
		"SELECT withdraw_consent(phone_of('consent'), 'acme', 'whatsapp');"
		"UPDATE recipient SET region = 'XQ' WHERE source = 'region'; UPDATE recipient SET timezone = 'Mars/Olympus' WHERE source = 'zone'");
	plan_world_make(world, MORNING);
	plan_world_expect(world, "sale", "consent|no_consent\nregion|unknown_region\nzone|unknown_zone");
	sql_run(world->connection,
		"SELECT record_consent(phone_of('consent'), 'acme', 'whatsapp', given_at => '2026-11-22T13:00Z', method => 'form', wording => 'I "
		"agree',"
		"	supplied_by_person => true, ip => '192.0.2.1', signature => '/x/');"
		"SELECT add_recipient(phone_of('region'), region => 'US-NY'), add_recipient(phone_of('zone'), timezone => 'America/Chicago')");
	plan_world_make(world, MORNING);
	plan_world_expect(world, "sale",
		"consent|11-23 13:00:00 - 11-24 02:00:00\n"
		"region|11-23 13:00:00 - 11-24 02:00:00\n"
		"zone|11-23 14:00:00 - 11-24 02:00:00");
}

/* As the daemon writes it for a campaign whose catch-up is the next window. */
static void
who_was_missed_is_placed_in_the_next_window(void **state)
{
	const struct plan_world *world = *state;

	sql_run(world->connection, "SELECT person('ana', '+12125550101', 'US-NY'), campaign('sale', " TWO_DAYS ")");
	plan_world_make(world, MORNING);
	sql_run(world->connection,
		"WITH gone AS (DELETE FROM slot RETURNING *) INSERT INTO suppressed (recipient_id, at, run_id, plan_run, bucket, reason, kind)"
		"	SELECT recipient_id, '2026-11-24T02:00Z', run_id, 0, bucket, reason, kind FROM gone, reason WHERE name = 'missed'");
	plan_world_make(world, "--now 2026-11-24T03:00:00Z plan");
	plan_world_expect(world, "sale", "ana|11-24 13:00:00 - 11-25 00:00:00");
}

static void
who_moved_away_is_held_and_placed_anew(void **state)
{
	const struct plan_world *world = *state;

	sql_run(world->connection, "SELECT person('ana', '+12125550101', 'US-NY'), campaign('sale', " TWO_DAYS ")");
	plan_world_make(world, MORNING);
	sql_run(world->connection, "SELECT add_recipient(phone_of('ana'), timezone => 'Europe/Berlin')");
	plan_world_expect(world, "sale", "ana|facts_changed");
	plan_world_make(world, MORNING);
	plan_world_expect(world, "sale", "ana|11-23 13:00:00 - 11-23 20:00:00");
}

/* Campaigns ----------------------------------------------------------------------------------------------------------------------------------- */

static void
an_edited_campaign_moves_to_its_new_hours(void **state)
{
	const struct plan_world *world = *state;

	sql_run(world->connection,
		"SELECT person('ana', '+12125550101', 'US-NY'), person('bob', '+12125550102', 'US-NY'), campaign('sale', " TWO_DAYS ")");
	plan_world_make(world, MORNING);
	sql_run(world->connection, "SELECT release('bob', 'sale', '2026-11-23T13:00:01Z')");
	sql_run(world->connection, "UPDATE campaign SET (local_from, local_to) = ('15:00', '17:00'); SELECT approve_again()");
	plan_world_run(world, "--now 2026-11-23T14:00:00Z plan");
	plan_world_expect(world, "sale", "ana|11-23 20:00:00 - 11-23 22:00:00\nbob|handed_over");
	sql_expect(
		world->connection, "SELECT campaign_hash = campaign_digest(c) FROM campaign_run JOIN campaign AS c USING (campaign_id)", "t");
	sql_expect(world->connection, "SELECT added, moved, cancelled, kept FROM plan_run ORDER BY plan_run DESC LIMIT 1", "0|1|0|0");
}

static void
a_campaign_put_off_to_another_day_reaches_nobody_twice(void **state)
{
	const struct plan_world *world = *state;

	sql_run(world->connection,
		"SELECT person('ana', '+12125550101', 'US-NY'), person('bob', '+12125550102', 'US-NY'), campaign('sale', " TWO_DAYS ")");
	plan_world_make(world, MORNING);
	sql_run(world->connection, "SELECT release('bob', 'sale', '2026-11-23T13:00:01Z')");
	sql_run(world->connection,
		"UPDATE campaign SET (starts_at, ends_at) = ('2026-11-25T13:00Z', '2026-11-26T00:00Z'); "
		"SELECT approve_again()");
	plan_world_run(world, "--now 2026-11-23T14:00:00Z plan");
	plan_world_expect(world, "sale", "ana|11-25 13:00:00 - 11-26 00:00:00\nbob|handed_over");
}

static void
an_edit_that_moves_nobody_is_noted_all_the_same(void **state)
{
	const struct plan_world *world = *state;
	char *before;

	sql_run(world->connection, "SELECT people(3), campaign('sale', " TWO_DAYS ")");
	plan_world_make(world, MORNING);
	before = slots(world);
	sql_run(world->connection, "UPDATE campaign SET catch_up = 'next_window'; SELECT approve_again()");
	plan_world_make(world, MORNING);
	expect_same_slots(world, before);
	sql_expect(
		world->connection, "SELECT campaign_hash = campaign_digest(c) FROM campaign_run JOIN campaign AS c USING (campaign_id)", "t");
}

static void
another_sender_takes_the_slots_over(void **state)
{
	const struct plan_world *world = *state;

	sql_run(world->connection,
		"UPDATE sender SET throughput_per_s = 0.01 WHERE name = 'acme-two'; SELECT people(5), campaign('sale', " TWO_DAYS ")");
	plan_world_make(world, MORNING);
	sql_run(world->connection, "UPDATE campaign SET sender = 'acme-two'; SELECT approve_again()");
	plan_world_make(world, MORNING);
	sql_expect(world->connection, "SELECT lane, count(*), min(due_at), max(due_at) FROM slot GROUP BY 1",
		"2|5|2026-11-23 13:00:00+00|2026-11-23 13:06:40+00");
}

static void
who_left_the_audience_is_not_written_to(void **state)
{
	const struct plan_world *world = *state;

	sql_run(world->connection,
		"SELECT person('ana', '+12125550101', 'US-NY'), person('bob', '+12125550102', 'US-NY'), add_member('some', '+12125550101'),"
		"	campaign('sale', " TWO_DAYS ")");
	plan_world_make(world, MORNING);
	sql_run(world->connection, "UPDATE campaign SET audience = 'some'; SELECT approve_again()");
	plan_world_make(world, MORNING);
	plan_world_expect(world, "sale", "ana|11-23 13:00:00 - 11-24 02:00:00\nbob|not_in_audience");
	plan_world_make(world, MORNING);
	sql_run(world->connection, "UPDATE campaign SET audience = 'acme'; SELECT approve_again()");
	plan_world_make(world, MORNING);
	plan_world_expect(world, "sale", "ana|11-23 13:00:00 - 11-24 02:00:00\nbob|11-23 13:00:00 - 11-24 02:00:00");
}

static void
a_pause_keeps_the_slots_and_a_cancellation_does_not(void **state)
{
	const struct plan_world *world = *state;
	char *before;

	sql_run(world->connection, "SELECT people(3), campaign('sale', " TWO_DAYS ")");
	plan_world_make(world, MORNING);
	before = slots(world);
	sql_run(world->connection, "SELECT campaign_set_status('sale', 'paused')");
	plan_world_make(world, MORNING);
	sql_run(world->connection, "SELECT campaign_set_status('sale', 'approved')");
	plan_world_make(world, MORNING);
	expect_same_slots(world, before);
	sql_run(world->connection, "SELECT campaign_set_status('sale', 'cancelled')");
	plan_world_make(world, MORNING);
	plan_world_expect(world, "sale", "n1|campaign_cancelled\nn2|campaign_cancelled\nn3|campaign_cancelled");
}

/* Law ----------------------------------------------------------------------------------------------------------------------------------------- */

static void
set_us_hours(const struct plan_world *world, const char *hours)
{
	char edit[128];

	snprintf(edit, sizeof(edit), "0,/every_day = \"08:00-21:00\"/s//every_day = \"%s\"/", hours);
	plan_world_edit_rules(world, "us.cfg", edit);
}

/* One message every 1000 seconds from 13:06:40Z on: the last leaves at 21:10Z. */
static const char spread[] = "UPDATE sender SET throughput_per_s = 0.001; SELECT people(30), campaign('sale', " TWO_DAYS ")";

static void
a_tighter_rulebook_moves_only_what_lies_outside(void **state)
{
	const struct plan_world *world = *state;

	sql_run(world->connection, spread);
	plan_world_make(world, MORNING);
	sql_run(world->connection, "CREATE TEMP TABLE before AS TABLE slot");
	set_us_hours(world, "10:00-18:00");
	plan_world_make(world, MORNING);
	sql_expect(world->connection,
		"SELECT count(*), bool_and(due_at::time >= '15:00' AND not_after::time <= '23:00'), count(DISTINCT due_at) FROM slot", "30|t|30");
	sql_expect(world->connection,
		"SELECT b.due_at::time >= '15:00' AS lawful, n.due_at = b.due_at AS stays, count(*)"
		"	FROM before AS b JOIN slot AS n USING (bucket, recipient_id, run_id) GROUP BY 1, 2 ORDER BY 1",
		"f|f|7\nt|t|23");
}

static void
a_later_opening_leaves_what_is_inside_as_it_is(void **state)
{
	const struct plan_world *world = *state;

	sql_run(world->connection, spread);
	plan_world_make(world, MORNING);
	sql_run(world->connection, "CREATE TEMP TABLE before AS TABLE slot");
	set_us_hours(world, "10:00-21:00");
	plan_world_make(world, MORNING);
	sql_expect(world->connection,
		"SELECT b.due_at::time >= '15:00' AS lawful, (n.due_at, n.not_after) = (b.due_at, b.not_after) AS stays, count(*)"
		"	FROM before AS b JOIN slot AS n USING (bucket, recipient_id, run_id) GROUP BY 1, 2 ORDER BY 1",
		"f|f|7\nt|t|23");
}

static void
a_looser_rulebook_moves_nothing(void **state)
{
	const struct plan_world *world = *state;
	char *before;

	set_us_hours(world, "10:00-18:00");
	sql_run(world->connection, spread);
	plan_world_make(world, MORNING);
	before = slots(world);
	set_us_hours(world, "08:00-21:00");
	plan_world_make(world, MORNING);
	expect_same_slots(world, before);
	sql_expect(world->connection,
		"SELECT DISTINCT class.rulebook_id = head.rulebook_id FROM slot JOIN class USING (class_id), rulebook_head AS head", "t");
}

/* Parts --------------------------------------------------------------------------------------------------------------------------------------- */

/* As fixture.person() would make them, in one statement a table. */
static const char crowd[] =
	"CREATE TEMP TABLE crowd AS SELECT phone, person_id(phone) AS id FROM (SELECT 12120000000 + n AS phone FROM generate_series(1, 50001) "
	"AS n) AS p;"
	"INSERT INTO recipient (recipient_id, phone, added_at, bucket, region) SELECT id, phone, '2026-01-05', bucket_of(id), 'US-NY' FROM "
	"crowd;"
	"INSERT INTO audience_member SELECT id, audience_id, bucket_of(id) FROM crowd, audience WHERE name = 'acme';"
	"INSERT INTO consent (recipient_id, given_at, business_id, evidence, channel, category, state, bucket)"
	"	SELECT id, '2026-01-05', business_id, (SELECT sum(1 << bit) FROM evidence_bit), 'whatsapp', 'marketing', 'granted', bucket_of(id)"
	"	FROM crowd, business WHERE name = 'acme'";

static void
a_large_addition_gets_a_part_of_its_own_that_goes_when_it_is_drained(void **state)
{
	const struct plan_world *world = *state;

	sql_run(world->connection, crowd);
	sql_run(world->connection, "UPDATE sender SET throughput_per_s = 10; SELECT campaign('sale', " TWO_DAYS ")");
	plan_world_run(world, "-q " MORNING " --dry-run");
	sql_expect(world->connection, "SELECT to_regclass('slot_1')", "");
	plan_world_run(world, "-q " MORNING);
	sql_expect(world->connection, "SELECT tableoid::regclass, part, count(*) FROM slot GROUP BY 1, 2", "slot_1|1|50001");
	sql_expect(world->connection,
		"SELECT parent.relname, pg_get_indexdef(i.indexrelid) LIKE '%(bucket, recipient_id, run_id, part)', i.indisvalid"
		"	FROM pg_index AS i JOIN pg_inherits AS h ON h.inhrelid = i.indexrelid JOIN pg_class AS parent ON parent.oid = h.inhparent"
		"	WHERE i.indrelid = 'slot_1'::regclass ORDER BY 1",
		"slot_lane|f|t\nslot_pkey|t|t");

	sql_run(world->connection, "SELECT person('new', '+13125550101', 'US-IL'), approve_again()");
	plan_world_run(world, "-q " MORNING);
	sql_expect(
		world->connection, "SELECT tableoid::regclass, part, count(*) FROM slot GROUP BY 1, 2 ORDER BY 2", "slot_0|0|1\nslot_1|1|50001");

	sql_run(world->connection,
		"WITH gone AS (DELETE FROM slot WHERE part = 1 RETURNING *)"
		"	INSERT INTO release (recipient_id, due_at, released_at, run_id, class_id, plan_run, bucket, outcome)"
		"	SELECT recipient_id, due_at, due_at, run_id, class_id, plan_run, bucket, 'handed_over' FROM gone");
	plan_world_run(world, "-q " MORNING);
	sql_expect(world->connection, "SELECT to_regclass('slot_1')", "");
	sql_expect(world->connection, "SELECT count(*) FROM slot", "1");
	sql_expect(world->connection, "SELECT count(*) FROM suppressed", "0");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		PLAN_WORLD_TEST(with_nothing_changed_nothing_changes),
		PLAN_WORLD_TEST(a_new_member_is_added_and_nobody_moves),
		PLAN_WORLD_TEST(an_opt_out_takes_one_slot_for_good),
		PLAN_WORLD_TEST(who_is_refused_is_planned_after_the_cure),
		PLAN_WORLD_TEST(who_was_missed_is_placed_in_the_next_window),
		PLAN_WORLD_TEST(who_moved_away_is_held_and_placed_anew),
		PLAN_WORLD_TEST(an_edited_campaign_moves_to_its_new_hours),
		PLAN_WORLD_TEST(a_campaign_put_off_to_another_day_reaches_nobody_twice),
		PLAN_WORLD_TEST(an_edit_that_moves_nobody_is_noted_all_the_same),
		PLAN_WORLD_TEST(another_sender_takes_the_slots_over),
		PLAN_WORLD_TEST(who_left_the_audience_is_not_written_to),
		PLAN_WORLD_TEST(a_pause_keeps_the_slots_and_a_cancellation_does_not),
		PLAN_WORLD_TEST(a_tighter_rulebook_moves_only_what_lies_outside),
		PLAN_WORLD_TEST(a_later_opening_leaves_what_is_inside_as_it_is),
		PLAN_WORLD_TEST(a_looser_rulebook_moves_nothing),
		PLAN_WORLD_TEST(a_large_addition_gets_a_part_of_its_own_that_goes_when_it_is_drained),
	};

	return cmocka_run_group_tests(tests, plan_world_start, plan_world_stop) != 0;
}
