/* A campaign that recurs: each occurrence is planned, sent and accounted for by itself, and an edit may take some back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/daypart.h"
#include "tests/support/plan_world.h"
#include "tests/support/sql_expect.h"
#include "tests/support/temp.h"

/* Monday, 02:30 UTC. */
#define NIGHT "--now 2026-11-23T02:30:00Z plan --horizon 15d"
#define WEEK_LATER "--now 2026-11-30T02:30:00Z plan --horizon 15d"
#define MONDAYS(day) "11-" day " 14:00:00 - 11-" day " 22:00:00"

/* Mondays from nine to five in New York. */
static void
make_series(const struct plan_world *world, const char *rrule)
{
	char statement[256];

	sql_run(world->connection, "SELECT person('ana', '+12125550101', 'US-NY')");
	sql_run(world->connection, "SELECT campaign('news', '2026-11-23 09:00 local', '2026-11-23 17:00 local')");
	snprintf(statement, sizeof statement, "UPDATE campaign SET rrule = '%s'; SELECT approve_again()", rrule);
	sql_run(world->connection, statement);
}

static void
each_occurrence_before_the_horizon_has_a_run_of_its_own(void **state)
{
	const struct plan_world *world = *state;

	make_series(world, "FREQ=WEEKLY;BYDAY=MO");
	plan_world_fail(world, "--now 2026-11-23T02:30:00Z plan --horizon 15d --dry-run", 0, "news of 2026-11-30");
	plan_world_make(world, NIGHT);
	plan_world_expect(world, "news", "ana|" MONDAYS("23") "\nana|" MONDAYS("30") "\nana|12-07 14:00:00 - 12-07 22:00:00");
	sql_expect(world->connection, "SELECT occurrence FROM campaign_run ORDER BY 1", "2026-11-23\n2026-11-30\n2026-12-07");
	sql_expect(world->connection, "SELECT occurrence, audience, planned, not_yet_planned FROM campaign_summary ORDER BY 1",
		"2026-11-23|1|1|0\n2026-11-30|1|1|0\n2026-12-07|1|1|0");
	plan_world_make(world, "--now 2026-11-23T02:31:00Z plan --horizon 15d --campaign news");
	sql_expect(world->connection, "SELECT count(*) FROM plan_run", "1");
}

/* The next plan reaches another Monday; the one that is over stays as it was, also when the horizon is nearer now. */
static void
later_plans_go_on_with_the_series(void **state)
{
	const struct plan_world *world = *state;

	make_series(world, "FREQ=WEEKLY;BYDAY=MO");
	plan_world_make(world, NIGHT);
	sql_run(world->connection, "SELECT fixture.release_one('ana', '2026-11-23', '2026-11-23T14:00Z')");
	plan_world_make(world, WEEK_LATER);
	sql_expect(world->connection, "SELECT occurrence, handed_over, planned FROM campaign_summary ORDER BY 1",
		"2026-11-23|1|0\n2026-11-30|0|1\n2026-12-07|0|1\n2026-12-14|0|0"); /* three in 31 days */
	plan_world_make(world, "--now 2026-11-30T02:31:00Z plan --horizon 2d");
	sql_expect(world->connection, "SELECT count(*), (SELECT count(*) FROM plan_run) FROM slot", "2|2");
}

/* Two slots of one day: the cap of the house counts over occurrences, and each has its own people held out, the same ones. */
static void
caps_count_over_occurrences_and_the_holdout_stays(void **state)
{
	const struct plan_world *world = *state;

	sql_run(world->connection,
		"SELECT people(60), campaign('news', '2026-11-23 09:00 local', '2026-11-23 17:00 local');"
		"UPDATE campaign SET rrule = 'FREQ=WEEKLY;COUNT=3', holdout_percent = 30; SELECT approve_again()");
	plan_world_make(world, NIGHT);
	sql_expect(world->connection, "SELECT count(DISTINCT run_id) FROM campaign_run", "3");
	sql_expect(world->connection,
		"SELECT count(*) FROM (SELECT recipient_id FROM suppressed JOIN reason USING (reason) WHERE name = 'holdout' "
		"GROUP BY recipient_id HAVING count(*) <> 3) AS x",
		"0");
	sql_expect(
		world->connection, "SELECT count(*) BETWEEN 30 AND 90 FROM suppressed JOIN reason USING (reason) WHERE name = 'holdout'", "t");
}

static void
who_has_no_cap_left_is_left_out_of_an_occurrence(void **state)
{
	const struct plan_world *world = *state;

	make_series(world, "FREQ=DAILY;COUNT=15");
	plan_world_make(world, "--now 2026-11-23T02:30:00Z plan --horizon 30d");
	sql_expect(world->connection, "SELECT count(*) FROM campaign_run", "15");
	sql_expect(world->connection, "SELECT count(*) > 2, count(*) < 15 FROM slot", "t|t");
	sql_expect(world->connection, "SELECT DISTINCT name FROM suppressed JOIN reason USING (reason)", "frequency_cap");
	sql_expect(world->connection, "SELECT count(*) FROM slot JOIN campaign_run USING (run_id) WHERE due_at::date <> occurrence", "0");
}

static void
an_edit_that_drops_an_occurrence_cancels_its_slots(void **state)
{
	const struct plan_world *world = *state;

	make_series(world, "FREQ=WEEKLY;BYDAY=MO");
	sql_run(world->connection, "SELECT person('bob', '+12125550102', 'US-NY'), approve_again()");
	plan_world_make(world, NIGHT);
	sql_run(world->connection, "SELECT fixture.release_one('bob', '2026-11-30', '2026-11-30T14:01Z')");
	sql_run(world->connection, "UPDATE campaign SET rrule = 'FREQ=WEEKLY;INTERVAL=2'; SELECT approve_again()");
	plan_world_make(world, NIGHT);
	sql_expect(world->connection, "SELECT occurrence, person, outcome FROM outcome ORDER BY 1, 2",
		"2026-11-23|ana|" MONDAYS("23") "\n2026-11-23|bob|" MONDAYS("23") "\n2026-11-30|ana|occurrence_dropped\n"
																		  "2026-11-30|bob|handed_over\n2026-12-07|ana|12-07 14:00:00 - "
																		  "12-07 22:00:00\n2026-12-07|bob|12-07 14:00:00 - 12-07 22:00:00");
	sql_expect(world->connection, "SELECT cancelled FROM plan_run ORDER BY plan_run DESC LIMIT 1", "1");
	plan_world_make(world, "--now 2026-11-23T02:31:00Z plan --horizon 15d");
	sql_expect(world->connection, "SELECT count(*) FROM plan_run", "2");

	/* and back again; who joined in between has it like everybody */
	sql_run(world->connection, "SELECT person('cyd', '+12125550103', 'US-NY'), approve_again()");
	plan_world_make(world, NIGHT);
	sql_run(world->connection, "UPDATE campaign SET rrule = 'FREQ=WEEKLY;BYDAY=MO'; SELECT approve_again()");
	plan_world_make(world, NIGHT);
	sql_expect(world->connection, "SELECT person, outcome FROM outcome WHERE occurrence = '2026-11-30' ORDER BY 1",
		"ana|" MONDAYS("30") "\nbob|handed_over\ncyd|" MONDAYS("30"));
	sql_expect(world->connection, "SELECT count(*) FROM campaign_run WHERE dropped_at IS NOT NULL", "0");
}

/* Also when nothing of the series is left to plan, and what waits in the outbox or is held goes as well. */
static void
a_series_that_an_edit_ends_leaves_nothing_queued(void **state)
{
	const struct plan_world *world = *state;

	make_series(world, "FREQ=WEEKLY;BYDAY=MO");
	sql_run(world->connection, "SELECT person('bob', '+12125550102', 'US-NY'), person('far', '+8881234567'), approve_again()");
	plan_world_make(world, WEEK_LATER);
	sql_run(world->connection,
		"SELECT fixture.release_one('bob', '2026-11-30', '2026-11-30T14:01Z');"
		"INSERT INTO outbox (recipient_id, handed_at, not_after, run_id, bucket) SELECT recipient_id, released_at, '2026-11-30T22:00Z', "
		"run_id, bucket FROM release");
	sql_run(world->connection, "UPDATE campaign SET rrule = 'FREQ=WEEKLY;UNTIL=20261123'; SELECT approve_again()");
	plan_world_make(world, "--now 2026-11-30T15:00:00Z plan --horizon 15d");
	sql_expect(world->connection, "SELECT count(*) FROM slot", "0");
	sql_expect(world->connection, "SELECT occurrence, person, outcome FROM outcome WHERE occurrence = '2026-11-30' ORDER BY 2",
		"2026-11-30|ana|occurrence_dropped\n2026-11-30|bob|handed_over\n2026-11-30|far|occurrence_dropped");
	sql_expect(world->connection, "SELECT count(*) FROM outbox", "0");
	sql_expect(world->connection, "SELECT name FROM outbox_dropped JOIN reason USING (reason)", "occurrence_dropped");
	sql_expect(world->connection, "SELECT status FROM campaign", "finished");
}

static void
a_series_is_finished_when_its_last_occurrence_has_ended(void **state)
{
	const struct plan_world *world = *state;

	make_series(world, "FREQ=WEEKLY;COUNT=2");
	plan_world_make(world, NIGHT);
	sql_run(world->connection, "SELECT fixture.release_one('ana', '2026-11-23', '2026-11-23T14:00Z')");
	plan_world_make(world, "--now 2026-11-27T02:30:00Z plan --horizon 1d");
	sql_expect(world->connection, "SELECT status FROM campaign", "approved");
	sql_run(world->connection, "SELECT fixture.release_one('ana', '2026-11-30', '2026-11-30T14:00Z')");
	plan_world_make(world, "--now 2026-12-02T02:30:00Z plan");
	sql_expect(world->connection, "SELECT status FROM campaign", "finished");
}

/* Between two occurrences further apart than the horizon. */
static void
a_series_may_wait_for_its_next_occurrence(void **state)
{
	const struct plan_world *world = *state;

	make_series(world, "FREQ=MONTHLY");
	plan_world_make(world, "--now 2026-11-27T02:30:00Z plan --horizon 7d --campaign news");
	sql_expect(world->connection, "SELECT count(*) FROM campaign_run", "0");
	sql_expect(world->connection, "SELECT status FROM campaign", "approved");
	plan_world_make(world, "--now 2026-12-20T02:30:00Z plan --horizon 7d");
	sql_expect(world->connection, "SELECT occurrence FROM campaign_run", "2026-12-23");
}

/* What was due and did not leave waits for the rest of its own occurrence, then not for the next one. */
static void
what_an_occurrence_missed_stays_within_it(void **state)
{
	const struct plan_world *world = *state;

	make_series(world, "FREQ=WEEKLY");
	sql_run(world->connection, "UPDATE campaign SET catch_up = 'next_window', ends_at = '2026-11-25 17:00 local'; SELECT approve_again()");
	plan_world_make(world, "--now 2026-11-23T02:30:00Z plan --horizon 2d");
	sql_run(world->connection, "SELECT fixture.miss('2026-11-23')");
	plan_world_make(world, "--now 2026-11-24T02:30:00Z plan --horizon 2d");
	sql_expect(world->connection, "SELECT occurrence, outcome FROM outcome", "2026-11-23|11-24 13:00:00 - 11-25 02:00:00");
	sql_run(world->connection, "SELECT fixture.miss('2026-11-23')");
	plan_world_make(world, "--now 2026-11-25T23:30:00Z plan --horizon 7d");
	sql_expect(world->connection, "SELECT occurrence, outcome FROM outcome ORDER BY 1",
		"2026-11-23|no_window\n2026-11-30|11-30 14:00:00 - 12-01 02:00:00");
}

/* A campaign that was one for a single date and is made a series, and the other way round: what has been sent is not sent again. */
static void
a_campaign_may_be_made_a_series_and_back(void **state)
{
	const struct plan_world *world = *state;

	sql_run(world->connection,
		"SELECT person('ana', '+12125550101', 'US-NY'), campaign('news', '2026-11-23 09:00 local', '2026-11-23 17:00 local')");
	plan_world_make(world, NIGHT);
	sql_run(world->connection, "SELECT fixture.release_one('ana', '2026-11-23', '2026-11-23T14:00Z')");
	sql_run(world->connection, "UPDATE campaign SET rrule = 'FREQ=WEEKLY'; SELECT approve_again()");
	plan_world_make(world, NIGHT);
	plan_world_expect(world, "news", "ana|handed_over\nana|" MONDAYS("30") "\nana|12-07 14:00:00 - 12-07 22:00:00");
	sql_run(world->connection, "UPDATE campaign SET rrule = NULL; SELECT approve_again()");
	plan_world_make(world, NIGHT);
	plan_world_expect(world, "news", "ana|handed_over\nana|occurrence_dropped\nana|occurrence_dropped");
	struct process_result result = daypart_run(world->conninfo, "--format json --now 2026-11-23T02:30:00Z status");
	assert_non_null(strstr(result.out, "\"campaign\": \"news\""));
	assert_null(strstr(result.out, "2026-11-30")); /* what was dropped is over, and needs nobody */
	assert_null(strstr(result.out, "without eligible recipients"));
	process_result_free(&result);
}

/* More days than the program follows in one list. */
#define MANY_DAYS "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,-1,-2,-3"

static void
a_rule_that_cannot_be_followed_is_told_with_its_cure(void **state)
{
	static const struct {
		const char *rrule, *message;
	} refused[] = {
		{"", "does not say FREQ"},
		{"nonsense", "holds \"nonsense\", which is not followed"},
		{"FREQ=HOURLY", "holds \"FREQ=HOURLY\", which cannot be read"},
		{"freq=daily", "holds \"freq=daily\", which is not followed"},
		{"FREQ=DAILY;", "holds \"\", which is not followed"},
		{"FREQ=DAILY;FREQ=DAILY", "holds FREQ twice"},
		{"FREQ=DAILY;BYHOUR=9", "holds \"BYHOUR=9\", which is not followed"},
		{"FREQ=DAILY;INTERVAL=0", "holds \"INTERVAL=0\", which cannot be read"},
		{"FREQ=DAILY;INTERVAL=1001", "holds \"INTERVAL=1001\", which cannot be read"},
		{"FREQ=DAILY;COUNT=2;UNTIL=20270101", "holds both COUNT and UNTIL"},
		{"FREQ=DAILY;UNTIL=20270101T000000Z", "holds \"UNTIL=20270101T000000Z\", which cannot be read"},
		{"FREQ=DAILY;UNTIL=20270231", "holds an UNTIL that is no date"},
		{"FREQ=DAILY;BYMONTHDAY=1", "holds BYMONTHDAY, which goes with FREQ=MONTHLY"},
		{"FREQ=WEEKLY;BYMONTH=1", "holds BYMONTH, which does not go with FREQ=WEEKLY"},
		{"FREQ=WEEKLY;BYDAY=1MO", "counts weekdays, which goes with FREQ=MONTHLY"},
		{"FREQ=MONTHLY;BYDAY=MO,1TU", "does not say which of the weekdays"},
		{"FREQ=MONTHLY;BYMONTHDAY=23;BYDAY=MO", "holds both BYDAY and BYMONTHDAY"},
		{"FREQ=MONTHLY;BYSETPOS=1", "holds BYSETPOS, which goes with"},
		{"FREQ=MONTHLY;BYDAY=4MO;BYSETPOS=1", "holds BYSETPOS, which goes with"},
		{"FREQ=YEARLY;BYMONTHDAY=23", "does not say BYMONTH"},
		{"FREQ=YEARLY;BYMONTH=11;BYDAY=MO", "does not say which of the weekdays"},
		{"FREQ=YEARLY;BYWEEKNO=1", "holds \"BYWEEKNO=1\", which is not followed"},
		{"FREQ=YEARLY;BYMONTH=11,11,11,11,11,11,11,11,11,11,11,11,11", "names more than 12 of BYMONTH"},
		{"FREQ=MONTHLY;BYMONTHDAY=" MANY_DAYS, "names more than 31 of BYMONTHDAY"},
	};
	const struct plan_world *world = *state;

	sql_run(world->connection, "SELECT campaign('news', '2026-11-23 09:00 local', '2026-11-23 17:00 local')");
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
		char statement[256];

		snprintf(statement, sizeof statement, "UPDATE campaign SET rrule = '%s'", refused[i].rrule);
		sql_expect_error(world->connection, statement, &(struct sql_error){"22023", refused[i].message, "FREQ=WEEKLY;BYDAY=MO,TH"});
	}
}

/* Rows that an earlier release let in. */
static void
a_campaign_that_cannot_be_read_keeps_no_other_from_being_planned(void **state)
{
	static const struct {
		const char *edit, *problem;
	} rows[] = {
		{"rrule = 'FREQ=MONTHLY;BYMONTHDAY=" MANY_DAYS "'", "campaign \"news\" cannot be planned: rrule: this rule is not followed"},
		{"starts_at = '1899-12-31T23:59:59-14'", "campaign \"news\" cannot be planned: starts_at: \"1899-12-31T23:59:59-14\" is not"},
		{"ends_at = '2201-01-01T00:00+14'", "campaign \"news\" cannot be planned: ends_at: \"2201-01-01T00:00+14\" is not"},
		{"offer_expires_on = 'infinity'", "campaign \"news\" cannot be planned: news: \"infinity\" is not a date"},
	};
	const struct plan_world *world = *state;

	sql_run(world->connection,
		"SELECT person('ana', '+12125550101', 'US-NY'), campaign('news', '2026-11-23 09:00 local', '2026-11-23 17:00 local'),"
		"	campaign('sale', '2026-11-24 09:00 local', '2026-11-24 17:00 local')");
	sql_run(world->connection,
		"DO $$ BEGIN EXECUTE (SELECT string_agg(format('ALTER TABLE campaign DROP CONSTRAINT %I', conname), ';') FROM pg_constraint "
		"WHERE conrelid = 'campaign'::regclass AND pg_get_constraintdef(oid) ~ 'check_(rrule|campaign_time|day)'); END $$");
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char statement[512];

		snprintf(statement, sizeof statement,
			"UPDATE campaign SET rrule = NULL, starts_at = '2026-11-23 09:00 local', ends_at = '2026-11-23 17:00 local', offer_expires_on "
			"= NULL WHERE name = "
			"'news';"
			"UPDATE campaign SET %s WHERE name = 'news'; SELECT approve_again()",
			rows[i].edit);
		sql_run(world->connection, statement);
		plan_world_fail(world, NIGHT, 1, rows[i].problem);
		plan_world_expect(world, "sale", "ana|11-24 14:00:00 - 11-24 22:00:00");
	}
}

/* What the database lets pass, the planner walks: 23 November 2026 is the fourth and the last but one Monday of its month. */
static void
a_rule_must_hold_on_its_first_day(void **state)
{
	static const struct {
		const char *rrule;
		bool holds;
	} rows[] = {
		{"FREQ=DAILY", true},
		{"FREQ=DAILY;BYDAY=MO,TU;BYMONTH=11,12", true},
		{"FREQ=DAILY;BYDAY=TU", false},
		{"FREQ=DAILY;BYMONTH=12", false},
		{"FREQ=WEEKLY;INTERVAL=3;WKST=SU;COUNT=1", true},
		{"FREQ=WEEKLY;BYDAY=SU,TU", false},
		{"FREQ=MONTHLY", true},
		{"FREQ=MONTHLY;BYMONTHDAY=1,23", true},
		{"FREQ=MONTHLY;BYMONTHDAY=-8", true},
		{"FREQ=MONTHLY;BYMONTHDAY=-7,22", false},
		{"FREQ=MONTHLY;BYDAY=4MO", true},
		{"FREQ=MONTHLY;BYDAY=-2MO", true},
		{"FREQ=MONTHLY;BYDAY=-1MO,5MO", false},
		{"FREQ=MONTHLY;BYDAY=MO", true},
		{"FREQ=MONTHLY;BYDAY=MO;BYSETPOS=4", true},
		{"FREQ=MONTHLY;BYDAY=MO;BYSETPOS=-2,1", true},
		{"FREQ=MONTHLY;BYDAY=MO;BYSETPOS=-1,5", false},
		{"FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=16", true},
		{"FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-6", true},
		{"FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=15,-5", false},
		{"FREQ=YEARLY", true},
		{"FREQ=YEARLY;BYMONTH=11", true},
		{"FREQ=YEARLY;BYMONTH=10", false},
		{"FREQ=YEARLY;BYMONTH=11,2;BYDAY=4MO", true},
		{"FREQ=YEARLY;BYMONTH=11;BYMONTHDAY=24", false},
		{"FREQ=WEEKLY;UNTIL=20261123", true},
	};
	const struct plan_world *world = *state;

	sql_run(world->connection,
		"SELECT person('ana', '+12125550101', 'US-NY'), campaign('news', '2026-11-23 09:00 local', '2026-11-23 17:00 local')");
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char statement[256];

		snprintf(statement, sizeof statement, "UPDATE campaign SET rrule = '%s'; SELECT approve_again()", rows[i].rrule);
		sql_run(world->connection, statement);
		snprintf(statement, sizeof statement, "SELECT campaign_problem(c) IS NULL, '%s' FROM campaign AS c", rows[i].rrule);
		char expected[256];
		snprintf(expected, sizeof expected, "%s|%s", rows[i].holds ? "t" : "f", rows[i].rrule);
		sql_expect(world->connection, statement, expected);
		if (rows[i].holds)
			plan_world_run(world, "--now 2026-11-23T02:30:00Z plan --horizon 1d");
		else
			plan_world_fail(world, "--now 2026-11-23T02:30:00Z plan --horizon 1d", 1, "has no occurrence on 2026-11-23");
	}
	sql_run(world->connection, "UPDATE campaign SET rrule = 'FREQ=WEEKLY;UNTIL=20261122'");
	sql_expect(world->connection, "SELECT campaign_problem(c) FROM campaign AS c",
		"rrule \"FREQ=WEEKLY;UNTIL=20261122\" ends before its first occurrence, on 2026-11-23: let UNTIL be later");
}

/* The daemon sees slots of two runs of one campaign, each with its own window and end. */
static void
the_daemon_releases_each_occurrence_in_its_time(void **state)
{
	const struct plan_world *world = *state;
	char settings[1024];

	make_series(world, "FREQ=DAILY;COUNT=2");
	plan_world_make(world, NIGHT);
	sql_run(world->connection, "UPDATE installation SET rehearsal = true");
	snprintf(settings, sizeof settings, "database = \"%s\";\nrelease = { poll = \"1s\"; };\n", world->conninfo);
	char *config = temp_write("daypartd.cfg", settings);
	static const char daypartd[] = DAYPART_BUILD_DIR "/daypartd";
	const char *argv[] = {daypartd, "--config", config, "--until-idle", "--clock", "simulated:2026-11-23T13:00:00Zx100000", NULL};
	struct process_result result = process_run(argv, NULL);
	if (result.exit_code != 0)
		fail_msg("daypartd: exit code %d: %s", result.exit_code, result.err);
	process_result_free(&result);
	free(config);
	sql_expect(world->connection,
		"SELECT occurrence, outcome, released_at >= due_at, released_at < timestamptz '2026-11-23 22:00Z' + (occurrence - date "
		"'2026-11-23') * interval '1 day' "
		"FROM release JOIN campaign_run USING (run_id) ORDER BY 1",
		"2026-11-23|handed_over|t|t\n2026-11-24|handed_over|t|t");
	plan_world_run(world, "--now 2026-11-26T02:30:00Z plan");
	sql_expect(world->connection, "SELECT status FROM campaign", "finished");
}

/* Who approves a series long after it began is told about what is next. */
static void
a_series_is_vetted_for_its_next_occurrence(void **state)
{
	const struct plan_world *world = *state;

	make_series(world, "FREQ=WEEKLY");
	sql_run(world->connection, "UPDATE campaign SET offer_expires_on = '2026-12-01'");
	plan_world_run(world, "--now 2026-11-29T15:00:00Z approve news");
	plan_world_fail(world, "--now 2026-12-05T15:00:00Z lint --campaign news", 1, "offer");
}

/* Functions of this file's worlds. */
static int
open_world(void **state)
{
	const int result = plan_world_open(state);
	const struct plan_world *world = *state;

	sql_run(world->connection,
		"CREATE FUNCTION fixture.release_one(name text, day date, at timestamptz) RETURNS void LANGUAGE sql AS $$"
		"	WITH gone AS (DELETE FROM slot AS s USING campaign_run AS run, recipient AS p"
		"		WHERE run.run_id = s.run_id AND run.occurrence = day AND p.bucket = s.bucket AND p.recipient_id = s.recipient_id"
		"			AND p.source = name RETURNING s.*)"
		"	INSERT INTO release (recipient_id, due_at, released_at, run_id, class_id, plan_run, bucket, outcome)"
		"	SELECT recipient_id, due_at, at, run_id, class_id, plan_run, bucket, 'handed_over' FROM gone $$;"
		"CREATE FUNCTION fixture.miss(day date) RETURNS void LANGUAGE sql AS $$"
		"	WITH gone AS (DELETE FROM slot AS s USING campaign_run AS run WHERE run.run_id = s.run_id AND run.occurrence = day RETURNING "
		"s.*)"
		"	INSERT INTO suppressed (recipient_id, at, run_id, plan_run, bucket, reason, kind)"
		"	SELECT recipient_id, due_at, run_id, 0, bucket, reason, kind FROM gone, reason WHERE name = 'missed' $$");
	return result;
}

#define SERIES_TEST(test) cmocka_unit_test_setup_teardown(test, open_world, plan_world_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		SERIES_TEST(each_occurrence_before_the_horizon_has_a_run_of_its_own),
		SERIES_TEST(later_plans_go_on_with_the_series),
		SERIES_TEST(caps_count_over_occurrences_and_the_holdout_stays),
		SERIES_TEST(who_has_no_cap_left_is_left_out_of_an_occurrence),
		SERIES_TEST(an_edit_that_drops_an_occurrence_cancels_its_slots),
		SERIES_TEST(a_series_that_an_edit_ends_leaves_nothing_queued),
		SERIES_TEST(a_series_is_finished_when_its_last_occurrence_has_ended),
		SERIES_TEST(a_series_may_wait_for_its_next_occurrence),
		SERIES_TEST(what_an_occurrence_missed_stays_within_it),
		SERIES_TEST(a_campaign_may_be_made_a_series_and_back),
		SERIES_TEST(the_daemon_releases_each_occurrence_in_its_time),
		SERIES_TEST(a_series_is_vetted_for_its_next_occurrence),
		SERIES_TEST(a_rule_that_cannot_be_followed_is_told_with_its_cure),
		SERIES_TEST(a_campaign_that_cannot_be_read_keeps_no_other_from_being_planned),
		SERIES_TEST(a_rule_must_hold_on_its_first_day),
	};

	return cmocka_run_group_tests(tests, plan_world_start, plan_world_stop);
}
