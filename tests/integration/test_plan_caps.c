/* daypart plan and frequency caps: 3 in any 31 days (US), 4 a calendar month (Brazil), 3 a calendar day and 1 on holidays (India), each per person
 * and business. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "tests/support/plan_world.h"
#include "tests/support/sql_expect.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Of somebody who was sent messages by another system: when the next one leaves. */
struct history {
	const char *sent, *outcome;
};

/* The people of a table share one campaign; their numbers are the prefix and one digit. */
struct people {
	const char *prefix, *region;
	const struct history *cases;
	size_t count;
};

static void
expect_after(const struct plan_world *world, const struct people *people, const char *plan)
{
	char statement[512];

	for (size_t i = 0; i < people->count; i++) {
		snprintf(statement, sizeof(statement), "SELECT person('p%zu', '%s%zu', '%s'), sent('p%zu', '{%s}')", i, people->prefix, i,
			people->region, i, people->cases[i].sent);
		sql_run(world->connection, statement);
	}
	sql_run(world->connection, "SELECT approve_again()");
	plan_world_make(world, plan);
	for (size_t i = 0; i < people->count; i++) {
		snprintf(statement, sizeof(statement), "SELECT outcome FROM outcome WHERE person = 'p%zu'", i);
		sql_expect(world->connection, statement, people->cases[i].outcome);
	}
}

/* New York is open from 13:00Z to 02:00Z. */
static void
us_leaves_when_the_first_of_three_is_31_days_old(void **state)
{
	static const struct history cases[] = {
		{"", "11-23 13:00:00 - 11-24 02:00:00"},
		{"2026-11-19T15:00Z,2026-11-20T15:00Z", "11-23 13:00:00 - 11-24 02:00:00"},
		{"2026-10-27T15:00Z,2026-11-10T15:00Z,2026-11-20T15:00Z", "11-27 15:00:00 - 11-28 02:00:00"},
		{"2026-10-27T01:59:55Z,2026-11-10T15:00Z,2026-11-20T15:00Z",
			"11-27 13:00:00 - 11-28 02:00:00"}, /* 5 s are too little to leave in */
		{"2026-10-27T05:00Z,2026-11-10T15:00Z,2026-11-20T15:00Z", "11-27 13:00:00 - 11-28 02:00:00"},
		{"2026-10-23T12:59:59Z,2026-11-10T15:00Z,2026-11-20T15:00Z", "11-23 13:00:00 - 11-24 02:00:00"},
		{"2026-10-01T15:00Z,2026-10-02T15:00Z,2026-10-03T15:00Z,2026-11-20T15:00Z", "11-23 13:00:00 - 11-24 02:00:00"},
		{"2026-10-25T15:00Z,2026-10-27T16:00Z,2026-11-10T15:00Z,2026-11-20T15:00Z", "11-27 16:00:00 - 11-28 02:00:00"},
		{"2026-11-20T15:00Z,2026-11-20T15:00:01Z,2026-11-20T15:00:02Z", "frequency_cap"},
	};

	sql_run(((const struct plan_world *)*state)->connection, "SELECT campaign('sale', '2026-11-23T06:00Z', '2026-12-20T00:00Z')");
	expect_after(*state, &(struct people){"+1212555010", "US-NY", cases, COUNT(cases)}, "--now 2026-11-23T05:00Z plan --horizon 40d");
}

/* Sao Paulo is open from 12:00Z to 23:00Z on working days; its month begins at 03:00Z. */
static void
brazil_starts_anew_with_each_calendar_month(void **state)
{
	static const struct history cases[] = {
		{"2026-11-02T15:00Z,2026-11-03T15:00Z,2026-11-04T15:00Z", "11-24 12:00:00 - 11-24 23:00:00"},
		{"2026-11-02T15:00Z,2026-11-03T15:00Z,2026-11-04T15:00Z,2026-11-05T15:00Z", "12-01 12:00:00 - 12-01 23:00:00"},
		{"2026-11-01T02:59:59Z,2026-11-03T15:00Z,2026-11-04T15:00Z,2026-11-05T15:00Z",
			"11-24 12:00:00 - 11-24 23:00:00"}, /* still October */
		{"2026-11-01T03:00:00Z,2026-11-03T15:00Z,2026-11-04T15:00Z,2026-11-05T15:00Z", "12-01 12:00:00 - 12-01 23:00:00"},
	};

	sql_run(((const struct plan_world *)*state)->connection, "SELECT campaign('sale', '2026-11-24T06:00Z', '2026-12-20T00:00Z')");
	expect_after(*state, &(struct people){"+551190000000", "BR-SP", cases, COUNT(cases)}, "--now 2026-11-24T05:00Z plan --horizon 40d");
}

/* 1 January 2027 is a Friday and a holiday. */
static void
brazil_starts_anew_with_the_year(void **state)
{
	static const struct history cases[] = {
		{"2026-12-02T15:00Z,2026-12-03T15:00Z,2026-12-04T15:00Z,2026-12-07T15:00Z", "01-04 12:00:00 - 01-04 23:00:00"},
		{"2026-12-02T15:00Z,2026-12-03T15:00Z,2026-12-04T15:00Z", "12-29 12:00:00 - 12-29 23:00:00"},
	};
	const struct plan_world *world = *state;

	sql_run(world->connection, "SET daypart.now = '2026-12-28T12:00Z'; SELECT campaign('sale', '2026-12-29T06:00Z', '2027-01-20T00:00Z')");
	expect_after(world, &(struct people){"+551190000000", "BR-SP", cases, COUNT(cases)}, "--now 2026-12-29T05:00Z plan --horizon 40d");
}

/* India is open from 03:30Z to 15:30Z; its day begins at 18:30Z. */
static void
india_starts_anew_with_each_day(void **state)
{
	static const struct history cases[] = {
		{"2026-11-23T05:00Z,2026-11-23T06:00Z", "11-23 08:01:00 - 11-23 15:30:00"},
		{"2026-11-23T05:00Z,2026-11-23T06:00Z,2026-11-23T07:00Z", "11-24 03:30:00 - 11-24 15:30:00"},
		{"2026-11-22T18:30Z,2026-11-23T06:00Z,2026-11-23T07:00Z", "11-24 03:30:00 - 11-24 15:30:00"},
		{"2026-11-22T18:29:59Z,2026-11-23T06:00Z,2026-11-23T07:00Z", "11-23 08:01:00 - 11-23 15:30:00"},
	};
	const struct plan_world *world = *state;

	sql_run(world->connection, "SET daypart.now = '2026-11-23T08:00Z'; SELECT campaign('sale', '2026-11-23T03:00Z', '2026-11-28T00:00Z')");
	expect_after(world, &(struct people){"+91100000000", "IN", cases, COUNT(cases)}, "--now 2026-11-23T08:00Z plan");
}

/* Among campaigns ----------------------------------------------------------------------------------------------------------------------------- */

/* A queued slot counts from its first to its last instant: the fourth waits until 31 days after 24 November, 02:00Z, which is night. */
static void
slots_of_other_campaigns_and_senders_count(void **state)
{
	const struct plan_world *world = *state;

	sql_run(world->connection,
		"SELECT person('ana', '+12125550101', 'US-NY'), campaign('one', '2026-11-23T06:00Z', '2027-01-20T00:00Z', priority => 1),"
		"	campaign('two', '2026-11-24T06:00Z', '2027-01-20T00:00Z', 'acme-two', priority => 2),"
		"	campaign('three', '2026-11-25T06:00Z', '2027-01-20T00:00Z', 'acme-sms', priority => 3),"
		"	campaign('four', '2026-11-26T06:00Z', '2027-01-20T00:00Z', priority => 4)");
	plan_world_make(world, "--now 2026-11-23T05:00Z plan --horizon 60d");
	plan_world_expect(world, "one", "ana|11-23 13:00:00 - 11-24 02:00:00");
	plan_world_expect(world, "two", "ana|11-24 13:00:00 - 11-25 02:00:00");
	plan_world_expect(world, "three", "ana|11-25 13:00:00 - 11-26 02:00:00");
	plan_world_expect(world, "four", "ana|12-25 13:00:00 - 12-26 02:00:00");
}

static void
stored_slots_count_as_those_of_the_same_plan_do(void **state)
{
	static const char *const names[] = {"one", "two", "three", "four"};
	const struct plan_world *world = *state;

	sql_run(world->connection, "SELECT person('ana', '+12125550101', 'US-NY')");
	for (size_t i = 0; i < COUNT(names); i++) {
		char statement[128];

		snprintf(statement, sizeof(statement), "SELECT campaign('%s', '2026-11-%dT06:00Z', '2027-01-20T00:00Z')", names[i], 23 + (int)i);
		sql_run(world->connection, statement);
		plan_world_make(world, "--now 2026-11-23T05:00Z plan --horizon 60d");
	}
	plan_world_expect(world, "one", "ana|11-23 13:00:00 - 11-24 02:00:00");
	plan_world_expect(world, "four", "ana|12-25 13:00:00 - 12-26 02:00:00");
}

static void
another_business_has_caps_of_its_own(void **state)
{
	const struct plan_world *world = *state;

	sql_run(world->connection,
		"SELECT person('ana', '+12125550101', 'US-NY'), sent('ana', '{2026-11-19T15:00Z,2026-11-20T15:00Z,2026-11-21T15:00Z}', 'bora'),"
		"	campaign('acme', '2026-11-23T06:00Z', '2026-11-25T00:00Z'), campaign('bora', '2026-11-23T06:00Z', '2026-11-25T00:00Z', "
		"'bora')");
	plan_world_make(world, "--now 2026-11-23T05:00Z plan");
	plan_world_expect(world, "acme", "ana|11-23 13:00:00 - 11-24 02:00:00");
	plan_world_expect(world, "bora", "ana|frequency_cap");
}

static void
priority_decides_who_gets_the_room(void **state)
{
	const struct plan_world *world = *state;

	sql_run(world->connection,
		"SELECT person('ana', '+12125550101', 'US-NY'), sent('ana', '{2026-11-19T15:00Z,2026-11-20T15:00Z}'),"
		"	campaign('ordinary', '2026-11-23T06:00Z', '2026-11-25T00:00Z'),"
		"	campaign('urgent', '2026-11-23T06:00Z', '2026-11-25T00:00Z', priority => 1)");
	plan_world_make(world, "--now 2026-11-23T05:00Z plan");
	plan_world_expect(world, "urgent", "ana|11-23 13:00:00 - 11-24 02:00:00");
	plan_world_expect(world, "ordinary", "ana|frequency_cap");
}

/* Three campaigns planned first fill India's day; the next day is a holiday and has room for one; the others wait for the day after. */
static void
a_full_day_pushes_the_rest_to_the_next(void **state)
{
	const struct plan_world *world = *state;

	sql_run(world->connection,
		"SELECT person('devi', '+911000000001', 'IN') UNION ALL"
		"	SELECT campaign('c' || n, '2026-11-23T01:00Z', '2026-11-28T00:00Z', priority => n) FROM generate_series(1, 7) AS n");
	plan_world_make(world, "--now 2026-11-23T00:00Z plan");
	sql_expect(world->connection, "SELECT campaign, left(outcome, 5) FROM outcome ORDER BY campaign",
		"c1|11-23\nc2|11-23\nc3|11-23\nc4|11-24\nc5|11-25\nc6|11-25\nc7|11-25");
}

/* What has happened --------------------------------------------------------------------------------------------------------------------------- */

/* A slot might leave until 02:00Z; once it has left at 14:00Z, the fourth message may leave at 14:00Z 31 days later. */
static void
a_released_message_counts_at_its_own_instant(void **state)
{
	const struct plan_world *world = *state;

	sql_run(world->connection,
		"SELECT person('ana', '+12125550101', 'US-NY'), campaign('one', '2026-11-23T06:00Z', '2026-11-26T00:00Z'),"
		"	campaign('two', '2026-11-24T06:00Z', '2026-11-26T00:00Z'), campaign('three', '2026-11-25T06:00Z', '2026-11-26T06:00Z')");
	plan_world_make(world, "--now 2026-11-23T05:00Z plan --horizon 60d");
	sql_run(
		world->connection, "SELECT release('ana', 'one', '2026-11-23T14:00Z'), campaign('four', '2026-11-24T00:00Z', '2027-01-20T00:00Z')");
	plan_world_make(world, "--now 2026-11-23T15:00Z plan --horizon 60d");
	plan_world_expect(world, "one", "ana|handed_over");
	plan_world_expect(world, "four", "ana|12-24 14:00:00 - 12-25 02:00:00");
}

static void
what_did_not_leave_does_not_count_but_what_may_have_left_does(void **state)
{
	static const struct {
		const char *outcome, *next;
	} cases[] = {
		{"handed_over", "frequency_cap"},
		{"uncertain", "frequency_cap"},
		{"refused", "11-23 15:01:00 - 11-24 02:00:00"},
		{"expired", "11-23 15:01:00 - 11-24 02:00:00"},
		{"failed", "11-23 15:01:00 - 11-24 02:00:00"},
	};
	const struct plan_world *world = *state;
	char statement[256];

	sql_run(world->connection, "SELECT campaign('one', '2026-11-23T06:00Z', '2026-11-26T00:00Z')");
	for (size_t i = 0; i < COUNT(cases); i++) {
		snprintf(statement, sizeof(statement),
			"SELECT person('%s', '+1212555010%d', 'US-NY'), sent('%s', '{2026-11-19T15:00Z,2026-11-20T15:00Z}')", cases[i].outcome, (int)i,
			cases[i].outcome);
		sql_run(world->connection, statement);
	}
	sql_run(world->connection, "SELECT approve_again()");
	plan_world_make(world, "--now 2026-11-23T05:00Z plan");
	for (size_t i = 0; i < COUNT(cases); i++) {
		snprintf(
			statement, sizeof(statement), "SELECT release('%s', 'one', '2026-11-23T14:00Z', '%s')", cases[i].outcome, cases[i].outcome);
		sql_run(world->connection, statement);
	}
	sql_run(world->connection, "SELECT campaign('two', '2026-11-23T06:00Z', '2026-11-26T00:00Z')");
	plan_world_make(world, "--now 2026-11-23T15:00Z plan");
	for (size_t i = 0; i < COUNT(cases); i++) {
		snprintf(statement, sizeof(statement), "SELECT outcome FROM outcome WHERE campaign = 'two' AND person = '%s'", cases[i].outcome);
		sql_expect(world->connection, statement, cases[i].next);
		snprintf(statement, sizeof(statement), "SELECT outcome FROM outcome WHERE campaign = 'one' AND person = '%s'", cases[i].outcome);
		sql_expect(world->connection, statement, cases[i].outcome);
	}
}

/* At a sink outside the database, its answer still open: it may have left. */
static void
a_message_in_flight_counts_and_is_not_planned_again(void **state)
{
	const struct plan_world *world = *state;

	sql_run(world->connection,
		"SELECT person('ana', '+12125550101', 'US-NY'), sent('ana', '{2026-11-19T15:00Z,2026-11-20T15:00Z}'),"
		"	campaign('one', '2026-11-23T06:00Z', '2026-11-26T00:00Z')");
	plan_world_make(world, "--now 2026-11-23T05:00Z plan");
	sql_run(world->connection,
		"WITH gone AS (DELETE FROM slot RETURNING *) INSERT INTO inflight (recipient_id, claimed_at, due_at, not_after, run_id, class_id,"
		"	plan_run, attempt, bucket, lane) SELECT recipient_id, '2026-11-23T14:00Z', due_at, not_after, run_id, class_id, plan_run, 1, "
		"bucket, lane"
		"	FROM gone");
	sql_run(world->connection, "SELECT campaign('two', '2026-11-23T06:00Z', '2026-11-26T00:00Z')");
	plan_world_make(world, "--now 2026-11-23T15:00Z plan");
	plan_world_expect(world, "one", "");
	plan_world_expect(world, "two", "ana|frequency_cap");
}

static void
a_message_sent_elsewhere_holds_the_slot_and_the_next_plan_places_it_anew(void **state)
{
	const struct plan_world *world = *state;

	sql_run(world->connection,
		"SELECT person('ana', '+12125550101', 'US-NY'), person('bob', '+12125550102', 'US-NY'),"
		"	sent('ana', '{2026-10-27T15:00Z,2026-11-20T15:00Z}'), campaign('sale', '2026-11-23T06:00Z', '2026-12-20T00:00Z')");
	plan_world_make(world, "--now 2026-11-23T05:00Z plan --horizon 40d");
	plan_world_expect(world, "sale", "ana|11-23 13:00:00 - 11-24 02:00:00\nbob|11-23 13:00:00 - 11-24 02:00:00");
	sql_run(world->connection, "SELECT sent('ana', '{2026-11-21T15:00Z}'), sent('bob', '{2026-11-21T15:00Z}')");
	plan_world_expect(world, "sale", "ana|facts_changed\nbob|facts_changed");
	plan_world_make(world, "--now 2026-11-23T05:00Z plan --horizon 40d");
	plan_world_expect(world, "sale", "ana|11-27 15:00:00 - 11-28 02:00:00\nbob|11-23 13:00:00 - 11-24 02:00:00");
}

/* One a week on the same subject. */
static const char subject_cap[] =
	"caps = ( { id = \"ours.cap\"; source = \"house\"; strength = \"must\"; categories = [\"marketing\"]; n = 1; same = \"subject\"; "
	"per = \"7d\"; } );\n";

static void
give_subject(const struct plan_world *world, const char *campaign, const char *subject)
{
	char statement[256];

	snprintf(statement, sizeof(statement), "UPDATE campaign SET subject = %s WHERE name = '%s'", subject, campaign);
	sql_run(world->connection, statement);
}

/* New York, ana: one campaign first, then another one; what becomes of the second. */
static void
a_cap_of_a_subject_counts_messages_on_it_and_on_unknown_ones(void **state)
{
	const struct plan_world *world = *state;
	static const char fits[] = "ana|11-23 13:00:00 - 11-24 02:00:00";
	static const struct {
		const char *first, *second, *outcome;
	} cases[] = {
		{"'shoes'", "'shoes'", "ana|frequency_cap"},
		{"'shoes'", "'Shoes'", "ana|frequency_cap"},
		{"'shoes'", "'hats'", fits},
		{"NULL", "'hats'", "ana|frequency_cap"},
		{"'shoes'", "NULL", "ana|frequency_cap"},
	};

	plan_world_add_rules(world, subject_cap);
	sql_run(world->connection, "SELECT person('ana', '+12125550101', 'US-NY')");
	for (size_t i = 0; i < COUNT(cases); i++) {
		char one[32], two[32], statement[256];
		for (int stored = 0; stored < 2; stored++) { /* planned together, and by a plan after the first one's */
			snprintf(one, sizeof(one), "one %zu %d", i, stored);
			snprintf(two, sizeof(two), "two %zu %d", i, stored);
			snprintf(statement, sizeof(statement), "SELECT campaign('%s', '2026-11-23T06:00Z', '2026-11-26T00:00Z', priority => 1)", one);
			sql_run(world->connection, statement);
			give_subject(world, one, cases[i].first);
			sql_run(world->connection, "SELECT approve_again()");
			if (stored)
				plan_world_make(world, "--now 2026-11-23T05:00Z plan");
			snprintf(statement, sizeof(statement), "SELECT campaign('%s', '2026-11-23T06:00Z', '2026-11-26T00:00Z')", two);
			sql_run(world->connection, statement);
			give_subject(world, two, cases[i].second);
			sql_run(world->connection, "SELECT approve_again()");
			plan_world_make(world, "--now 2026-11-23T05:00Z plan");
			plan_world_expect(world, one, fits);
			plan_world_expect(world, two, cases[i].outcome);
			sql_run(world->connection, "UPDATE campaign SET status = 'cancelled'; DELETE FROM slot; DELETE FROM suppressed");
		}
	}
}

static void
a_subject_that_is_edited_is_unknown_from_then_on(void **state)
{
	const struct plan_world *world = *state;

	plan_world_add_rules(world, subject_cap);
	sql_run(world->connection,
		"SELECT person('ana', '+12125550101', 'US-NY'), campaign('one', '2026-11-23T06:00Z', '2026-11-26T00:00Z', priority => 1),"
		"	campaign('two', '2026-11-23T06:00Z', '2026-11-26T00:00Z')");
	give_subject(world, "one", "'shoes'");
	give_subject(world, "two", "'hats'");
	sql_run(world->connection, "SELECT approve_again()");
	plan_world_make(world, "--now 2026-11-23T05:00Z plan");
	sql_expect(world->connection, "SELECT count(*) FROM slot", "2");
	give_subject(world, "one", "'gloves'");
	sql_run(world->connection, "SELECT approve_again()");
	plan_world_make(world, "--now 2026-11-23T05:00Z plan");
	sql_expect(world->connection,
		"SELECT campaign_run.subject IS NULL FROM campaign_run JOIN campaign AS c USING (campaign_id) WHERE c.name = 'one'", "t");
	sql_expect(world->connection, "SELECT count(*) FROM slot", "1");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		PLAN_WORLD_TEST(us_leaves_when_the_first_of_three_is_31_days_old),
		PLAN_WORLD_TEST(brazil_starts_anew_with_each_calendar_month),
		PLAN_WORLD_TEST(brazil_starts_anew_with_the_year),
		PLAN_WORLD_TEST(india_starts_anew_with_each_day),
		PLAN_WORLD_TEST(slots_of_other_campaigns_and_senders_count),
		PLAN_WORLD_TEST(stored_slots_count_as_those_of_the_same_plan_do),
		PLAN_WORLD_TEST(another_business_has_caps_of_its_own),
		PLAN_WORLD_TEST(priority_decides_who_gets_the_room),
		PLAN_WORLD_TEST(a_full_day_pushes_the_rest_to_the_next),
		PLAN_WORLD_TEST(a_released_message_counts_at_its_own_instant),
		PLAN_WORLD_TEST(what_did_not_leave_does_not_count_but_what_may_have_left_does),
		PLAN_WORLD_TEST(a_message_in_flight_counts_and_is_not_planned_again),
		PLAN_WORLD_TEST(a_cap_of_a_subject_counts_messages_on_it_and_on_unknown_ones),
		PLAN_WORLD_TEST(a_subject_that_is_edited_is_unknown_from_then_on),
		PLAN_WORLD_TEST(a_message_sent_elsewhere_holds_the_slot_and_the_next_plan_places_it_anew),
	};

	return cmocka_run_group_tests(tests, plan_world_start, plan_world_stop) != 0;
}
