/* daypart plan: whom it gives a slot, when, and what it says about all others. */
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

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Monday, 02:30 UTC: evening in California, night in New York, morning in Asia. */
#define NIGHT "--now 2026-11-23T02:30:00Z plan"

static void
everybody_is_reached_within_the_hours_of_their_region(void **state)
{
	const struct plan_world *world = *state;

	sql_run(world->connection,
		"SELECT person('berlin', '+491713900001', 'DE'), person('california', '+14155550101', 'US-CA'), person('delhi', '+911000000001', "
		"'IN'),"
		"	person('kathmandu', '+9779800000001', 'NP'), person('manaus', '+5592900000001', 'BR-AM'),"
		"	person('new_york', '+12125550101', 'US-NY'), person('sao_paulo', '+5511900000001', 'BR-SP')");
	sql_run(world->connection, "SELECT campaign('sale', '2026-11-23T03:00Z', '2026-11-25T00:00Z')");
	plan_world_make(world, NIGHT);
	plan_world_expect(world, "sale",
		"berlin|11-23 07:00:00 - 11-23 20:00:00\n"
		"california|11-23 03:00:00 - 11-23 05:00:00\n"
		"delhi|11-23 03:30:00 - 11-23 15:30:00\n"
		"kathmandu|11-23 03:00:00 - 11-23 15:15:00\n"
		"manaus|11-23 13:00:00 - 11-24 00:00:00\n"
		"new_york|11-23 13:00:00 - 11-24 02:00:00\n"
		"sao_paulo|11-23 12:00:00 - 11-23 23:00:00");
}

/* 20 November 2026 is a Friday and a holiday; 1 January 2027 is a Friday, too. */
static void
brazil_has_weekends_and_holidays_off(void **state)
{
	static const struct {
		const char *name, *starts_at, *slot;
	} cases[] = {
		{"thursday", "2026-11-19T22:00Z", "sao_paulo|11-19 22:00:00 - 11-19 23:00:00"},
		{"holiday", "2026-11-19T23:00Z", "sao_paulo|11-23 12:00:00 - 11-23 23:00:00"},
		{"new_year", "2026-12-31T23:00Z", "sao_paulo|01-04 12:00:00 - 01-04 23:00:00"},
	};
	const struct plan_world *world = *state;

	sql_run(world->connection, "SELECT person('sao_paulo', '+5511900000001', 'BR-SP')");
	for (size_t i = 0; i < COUNT(cases); i++) {
		char statement[256];

		snprintf(statement, sizeof(statement), "SELECT campaign('%s', '%s', '2027-01-06T00:00Z')", cases[i].name, cases[i].starts_at);
		sql_run(world->connection, statement);
	}
	plan_world_make(world, "--now 2026-11-19T20:00Z plan --horizon 60d");
	for (size_t i = 0; i < COUNT(cases); i++)
		plan_world_expect(world, cases[i].name, cases[i].slot);
}

/* 21:00 in New York is 02:00Z. The last ten seconds are left to the daemon. */
static void
a_window_is_half_open_and_ends_with_room_to_leave(void **state)
{
	const struct plan_world *world = *state;

	sql_run(world->connection,
		"SELECT person('ana', '+12125550101', 'US-NY'), campaign('fits', '2026-11-24T01:59:49Z', '2026-11-24T06:00Z'),"
		"	campaign('late', '2026-11-24T01:59:50Z', '2026-11-24T06:00Z'), campaign('closed', '2026-11-24T02:00Z', '2026-11-24T06:00Z'),"
		"	campaign('before', '2026-11-23T06:00Z', '2026-11-23T13:00:10Z'), campaign('opens', '2026-11-23T06:00Z', "
		"'2026-11-23T13:00:11Z')");
	plan_world_make(world, NIGHT);
	plan_world_expect(world, "fits", "ana|11-24 01:59:49 - 11-24 02:00:00");
	plan_world_expect(world, "late", "ana|no_window");
	plan_world_expect(world, "closed", "ana|no_window");
	plan_world_expect(world, "before", "ana|no_window");
	plan_world_expect(world, "opens", "ana|11-23 13:00:00 - 11-23 13:00:11");
}

static void
nothing_leaves_before_the_plan_could_be_made(void **state)
{
	const struct plan_world *world = *state;

	sql_run(world->connection, "SELECT person('ana', '+12125550101', 'US-NY'), campaign('sale', '2026-11-20T00:00Z', '2026-11-25T00:00Z')");
	plan_world_make(world, "--now 2026-11-23T15:00:00Z plan");
	plan_world_expect(world, "sale", "ana|11-23 15:01:00 - 11-24 02:00:00");
}

static void
a_campaign_has_hours_of_its_own_where_the_recipient_is(void **state)
{
	const struct plan_world *world = *state;

	sql_run(world->connection,
		"SELECT person('berlin', '+491713900001', 'DE'), person('new_york', '+12125550101', 'US-NY'),"
		"	campaign('lunch', '2026-11-23T00:00Z', '2026-11-25T00:00Z'), campaign('night', '2026-11-23T00:00Z', '2026-11-25T00:00Z'),"
		"	campaign('dawn', '2026-11-23T00:00Z', '2026-11-25T00:00Z')");
	sql_run(world->connection,
		"UPDATE campaign SET (local_from, local_to) = ('12:00', '14:00') WHERE name = 'lunch';"
		"UPDATE campaign SET (local_from, local_to) = ('20:30', '08:10') WHERE name = 'night';"
		"UPDATE campaign SET (local_from, local_to) = ('05:00', '07:30') WHERE name = 'dawn'");
	plan_world_make(world, NIGHT);
	plan_world_expect(world, "lunch", "berlin|11-23 11:00:00 - 11-23 13:00:00\nnew_york|11-23 17:00:00 - 11-23 19:00:00");
	plan_world_expect(world, "night", "berlin|11-23 07:00:00 - 11-23 07:10:00\nnew_york|11-23 13:00:00 - 11-23 13:10:00");
	plan_world_expect(world, "dawn", "berlin|no_window\nnew_york|no_window");
}

static void
a_local_time_is_that_of_each_recipient_and_an_instant_is_one_for_all(void **state)
{
	const struct plan_world *world = *state;

	sql_run(world->connection,
		"SELECT person('berlin', '+491713900001', 'DE'), person('new_york', '+12125550101', 'US-NY'),"
		"	campaign('local', '2026-11-24 10:00 local', '2026-11-24 15:30 local'),"
		"	campaign('instant', '2026-11-24T10:00:00-05:00', '2026-11-24T18:30:00+01:00'),"
		"	campaign('mixed', '2026-11-24 10:00 local', '2026-11-24T16:00Z')");
	plan_world_make(world, NIGHT);
	plan_world_expect(world, "local", "berlin|11-24 09:00:00 - 11-24 14:30:00\nnew_york|11-24 15:00:00 - 11-24 20:30:00");
	plan_world_expect(world, "instant", "berlin|11-24 15:00:00 - 11-24 17:30:00\nnew_york|11-24 15:00:00 - 11-24 17:30:00");
	plan_world_expect(world, "mixed", "berlin|11-24 09:00:00 - 11-24 16:00:00\nnew_york|11-24 15:00:00 - 11-24 16:00:00");
}

/* 850 lies in two zones, and who declares another one may be in either. */
static void
who_may_be_in_several_zones_gets_what_is_lawful_in_all(void **state)
{
	const struct plan_world *world = *state;

	sql_run(world->connection,
		"SELECT person('pensacola', '+18505550101', 'US-FL'), person('traveller', '+12125550101', 'US-NY', 'Europe/Berlin'),"
		"	campaign('sale', '2026-11-23T03:00Z', '2026-11-25T00:00Z')");
	plan_world_make(world, NIGHT);
	plan_world_expect(world, "sale", "pensacola|11-23 14:00:00 - 11-24 02:00:00\ntraveller|11-23 13:00:00 - 11-23 20:00:00");
}

/* Who has no slot, and why -------------------------------------------------------------------------------------------------------------------- */

static void
every_reason_is_told_and_everybody_is_accounted_for(void **state)
{
	const struct plan_world *world = *state;

	sql_run(world->connection,
		"SELECT person('beyond_horizon', '+12125550108', 'US-NY'), person('evidence_incomplete', '+12125550102', 'US-NY'),"
		"	person('frequency_cap', '+12125550103', 'US-NY'), person('no_consent', '+12125550105', 'US-NY'),"
		"	person('no_window', '+818012345678', 'JP'), person('non_geographic', '+18005550106', 'US'),"
		"	person('not_a_recipient', '+12125550107', 'US-NY'), person('ok', '+5511900000001', 'BR-SP'),"
		"	person('opted_out', '+12125550109', 'US-NY'), person('unknown_region', '+12125550110', 'US-NY'),"
		"	person('unknown_zone', '+12125550111', 'US-NY'), person('withdrawn', '+12125550112', 'US-NY')");
	sql_run(world->connection,
		"SELECT sent('frequency_cap', '{2026-11-10T15:00Z,2026-11-11T15:00Z,2026-11-12T15:00Z}'), opt_out(phone_of('opted_out')),"
		"	withdraw_consent(phone_of('withdrawn'), 'acme', 'whatsapp')");
	/* What cannot come in by the functions any more, but may have before, or with other zone data. */
	sql_run(world->connection,
		"UPDATE consent SET evidence = evidence & ~(SELECT 1 << bit FROM evidence_bit WHERE name = 'signature')"
		"	WHERE recipient_id = person_id(12125550102);"
		"DELETE FROM consent WHERE recipient_id = person_id(12125550105);"
		"DELETE FROM consent_event WHERE recipient_id = person_id(12125550105);"
		"UPDATE recipient SET region = 'XQ' WHERE source = 'unknown_region';"
		"UPDATE recipient SET timezone = 'Mars/Olympus' WHERE source = 'unknown_zone';"
		"DELETE FROM recipient WHERE source = 'not_a_recipient'");
	/* It is night in Japan, and the horizon ends when it is eight in New York. */
	sql_run(world->connection, "SELECT campaign('sale', '2026-11-23T12:00Z', '2026-11-23T22:00Z')");
	plan_world_make(world, "--now 2026-11-22T14:00Z plan --horizon 23h");
	plan_world_expect(world, "sale",
		"?|not_a_recipient\n"
		"beyond_horizon|beyond_horizon\n"
		"evidence_incomplete|evidence_incomplete\n"
		"frequency_cap|frequency_cap\n"
		"no_consent|no_consent\n"
		"no_window|no_window\n"
		"non_geographic|non_geographic\n"
		"ok|11-23 12:00:00 - 11-23 22:00:00\n"
		"opted_out|opted_out\n"
		"unknown_region|unknown_region\n"
		"unknown_zone|unknown_zone\n"
		"withdrawn|no_consent");
	sql_expect(world->connection, "SELECT kind, count(*) FROM suppressed GROUP BY 1 ORDER BY 1", "suppressed|6\nheld|5");
	sql_expect(world->connection, "SELECT added, suppressed, held FROM plan_run", "1|6|5");
}

static void
a_holdout_takes_its_share_and_the_same_people_each_time(void **state)
{
	const struct plan_world *world = *state;
	char *held_out;

	sql_run(world->connection, "SELECT people(60), campaign('sale', '2026-11-23T03:00Z', '2026-11-25T00:00Z')");
	sql_run(world->connection, "UPDATE campaign SET holdout_percent = 50");
	plan_world_make(world, NIGHT);
	sql_expect(world->connection, "SELECT count(*) BETWEEN 10 AND 50 FROM outcome WHERE outcome = 'holdout'", "t");
	sql_expect(world->connection, "SELECT count(*) FROM outcome", "60");
	held_out = sql_text(world->connection, "SELECT string_agg(person, ' ' ORDER BY person) FROM outcome WHERE outcome = 'holdout'");
	sql_run(world->connection, "UPDATE campaign SET priority = 5, starts_at = '2026-11-23T04:00Z'");
	plan_world_make(world, NIGHT);
	sql_expect(world->connection, "SELECT string_agg(person, ' ' ORDER BY person) FROM outcome WHERE outcome = 'holdout'", held_out);
	free(held_out);
}

static void
days_without_a_holiday_calendar_are_held(void **state)
{
	const struct plan_world *world = *state;

	sql_run(world->connection,
		"SELECT person('ana', '+12125550101', 'US-NY'), person('bia', '+5511900000001', 'BR-SP'),"
		"	campaign('sale', '2041-01-08T00:00Z', '2041-01-11T00:00Z')");
	plan_world_make(world, "--now 2041-01-07T12:00Z plan");
	plan_world_expect(world, "sale", "ana|01-08 00:00:00 - 01-08 02:00:00\nbia|calendar_unknown");
}

/* What is printed, what is written ------------------------------------------------------------------------------------------------------------ */

static void
a_dry_run_prints_the_same_and_writes_nothing(void **state)
{
	const struct plan_world *world = *state;
	struct process_result dry, real;
	char *before;

	sql_run(world->connection,
		"SELECT people(20), person('bob', '+18005550106', 'US'), campaign('sale', '2026-11-23T03:00Z', '2026-11-25T00:00Z'),"
		"	campaign('ended', '2026-11-01T03:00Z', '2026-11-02T00:00Z')");
	before = sql_text(world->connection, "SELECT everything()");
	dry = daypart_run(world->conninfo, NIGHT " --dry-run");
	sql_expect(world->connection, "SELECT everything()", before);
	real = daypart_run(world->conninfo, NIGHT);
	assert_int_equal(dry.exit_code, 0);
	assert_string_equal(dry.out, real.out);
	assert_non_null(strstr(real.out, "a number without a place"));
	sql_expect(world->connection, "SELECT plan_run > 0 FROM plan_head", "t");
	process_result_free(&dry);
	process_result_free(&real);
	free(before);
}

static void
the_tables_come_as_json(void **state)
{
	const struct plan_world *world = *state;
	struct process_result result;
	char *literal, *query;

	sql_run(world->connection,
		"SELECT people(20), person('bob', '+18005550106', 'US'), campaign('the \"best\" sale', '2026-11-23T03:00Z', '2026-11-25T00:00Z')");
	result = daypart_run(world->conninfo, "--format json " NIGHT);
	assert_int_equal(result.exit_code, 0);
	literal = PQescapeLiteral(world->connection, result.out, strlen(result.out));
	assert_true(
		asprintf(&query,
			"SELECT doc #>> '{plan,0,campaign}', doc #>> '{plan,0,audience}', doc #>> '{plan,0,added}', doc #>> '{plan,0,without_slot}',"
			"	doc #>> '{reasons,0,kind}', doc #>> '{reasons,0,people}', json_array_length(doc -> 'sample'),"
			"	doc #>> '{sample,0,phone}' LIKE '+121*%%', doc #>> '{sample,0,zone}' FROM (SELECT %s::json) AS d (doc)",
			literal) > 0);
	sql_expect(world->connection, query, "the \"best\" sale|21|20|1|held|1|10|t|America/New_York");
	free(query);
	PQfreemem(literal);
	process_result_free(&result);
}

static void
one_named_campaign_is_planned_alone(void **state)
{
	const struct plan_world *world = *state;

	sql_run(world->connection,
		"SELECT person('ana', '+12125550101', 'US-NY'), campaign('one', '2026-11-23T03:00Z', '2026-11-25T00:00Z'),"
		"	campaign('two', '2026-11-23T03:00Z', '2026-11-25T00:00Z')");
	plan_world_make(world, NIGHT " --campaign two");
	plan_world_expect(world, "one", "");
	plan_world_expect(world, "two", "ana|11-23 13:00:00 - 11-24 02:00:00");
}

/* What cannot be planned ---------------------------------------------------------------------------------------------------------------------- */

static void
a_campaign_that_is_not_there_or_not_approved_is_refused(void **state)
{
	const struct plan_world *world = *state;

	sql_run(world->connection, "SELECT campaign('sale', '2026-11-23T03:00Z', '2026-11-25T00:00Z')");
	plan_world_fail(world, NIGHT " --campaign sail", 65, "there is no campaign \"sail\"");
	sql_run(world->connection, "SELECT campaign_set_status('sale', 'paused')");
	plan_world_fail(world, NIGHT " --campaign sale", 65, "campaign \"sale\" is paused; only approved campaigns are planned");
	plan_world_fail(world, NIGHT " --campaign", 64, "--campaign");
	plan_world_fail(world, NIGHT " sale", 64, "sale");
	plan_world_fail(world, NIGHT " --horizon soon", 64, "soon");
	plan_world_fail(world, NIGHT " --horizon 0s", 64, "horizon");
	plan_world_fail(world, NIGHT " --horizon -1d", 64, "horizon");
	plan_world_fail(world, "--now tomorrow plan", 64, "tomorrow");
	sql_expect(world->connection, "SELECT plan_run FROM plan_head", "0");
}

/* The second of two planners goes away, and may come back when the first is done. */
static void
two_planners_do_not_overlap(void **state)
{
	const struct plan_world *world = *state;

	sql_run(world->connection,
		"SELECT person('ana', '+12125550101', 'US-NY'), campaign('sale', '2026-11-23T03:00Z', '2026-11-25T00:00Z'),"
		"	pg_advisory_lock(hashtext('daypart plan'), 0)");
	plan_world_fail(world, NIGHT, 75, "another daypart plan is running");
	sql_expect(world->connection, "SELECT plan_run FROM plan_head", "0");
	sql_run(world->connection, "SELECT pg_advisory_unlock_all()");
	plan_world_make(world, NIGHT);
	sql_expect(world->connection, "SELECT plan_run FROM plan_head", "1");
}

static void
a_campaign_with_a_problem_is_named_and_the_others_are_planned(void **state)
{
	static const struct {
		const char *problem, *cure, *says;
	} cases[] = {
		{"UPDATE template SET name = 'x' WHERE name = 'acme whatsapp'", "UPDATE template SET name = 'acme whatsapp' WHERE name = 'x'",
			"campaign \"broken\" cannot be planned: template \"acme whatsapp\" does not exist"},
		{"UPDATE template SET status = 'paused' WHERE name = 'acme whatsapp'",
			"UPDATE template SET status = 'approved' WHERE name = 'acme whatsapp'", "template \"acme whatsapp\" is not approved"},
		{"UPDATE template SET channel = 'sms' WHERE name = 'acme whatsapp'",
			"UPDATE template SET channel = 'whatsapp' WHERE name = 'acme whatsapp'",
			"template \"acme whatsapp\" is for another channel than sender \"acme\" (whatsapp)"},
		{"UPDATE template SET business = 'bora' WHERE name = 'acme whatsapp'",
			"UPDATE template SET business = 'acme' WHERE name = 'acme whatsapp'", "belongs to another business than sender \"acme\""},
		{"UPDATE template SET category = 'announcement' WHERE name = 'acme whatsapp'",
			"UPDATE template SET category = 'marketing' WHERE name = 'acme whatsapp'", "is not of category marketing"},
		{"UPDATE sender SET status = 'suspended' WHERE name = 'acme'", "UPDATE sender SET status = 'active' WHERE name = 'acme'",
			"sender \"acme\" is suspended"},
		{"UPDATE campaign SET audience = 'bora' WHERE name = 'broken'", "UPDATE campaign SET audience = 'acme' WHERE name = 'broken'",
			"audience \"bora\" belongs to \"bora\", sender \"acme\" to \"acme\""},
		{"UPDATE campaign SET ends_at = '2030-01-01T00:00Z' WHERE name = 'broken'",
			"UPDATE campaign SET ends_at = '2026-11-25T00:00Z' WHERE name = 'broken'", "it ends more than two years ahead"},
	};
	const struct plan_world *world = *state;

	sql_run(world->connection,
		"SELECT person('ana', '+12125550101', 'US-NY'), campaign('broken', '2026-11-23T03:00Z', '2026-11-25T00:00Z'),"
		"	campaign('fine', '2026-11-23T03:00Z', '2026-11-25T00:00Z', sender => 'acme-sms')");
	for (size_t i = 0; i < COUNT(cases); i++) {
		sql_run(world->connection, cases[i].problem);
		plan_world_fail(world, NIGHT, 1, cases[i].says);
		plan_world_expect(world, "fine", "ana|11-23 13:00:00 - 11-24 02:00:00");
		plan_world_expect(world, "broken", "");
		sql_run(world->connection, cases[i].cure);
	}
	plan_world_make(world, NIGHT);
	plan_world_expect(world, "broken", "ana|11-23 13:00:00 - 11-24 02:00:00");
}

static void
an_ended_campaign_is_finished_once_nothing_of_it_waits(void **state)
{
	const struct plan_world *world = *state;

	sql_run(world->connection,
		"SELECT person('ana', '+12125550101', 'US-NY'), campaign('sale', '2026-11-23T03:00Z', '2026-11-24T00:00Z'),"
		"	campaign('other', '2026-11-23T03:00Z', '2026-11-28T00:00Z')");
	plan_world_make(world, NIGHT);
	plan_world_make(world, "--now 2026-11-25T06:00Z plan");
	sql_expect(world->connection, "SELECT name, status FROM campaign ORDER BY 1", "other|approved\nsale|approved");
	sql_run(world->connection, "SELECT release('ana', 'sale', '2026-11-23T14:00Z')");
	plan_world_make(world, "--now 2026-11-25T06:00Z plan --dry-run");
	sql_expect(world->connection, "SELECT name, status FROM campaign ORDER BY 1", "other|approved\nsale|approved");
	plan_world_make(world, "--now 2026-11-25T06:00Z plan");
	sql_expect(world->connection, "SELECT name, status FROM campaign ORDER BY 1", "other|approved\nsale|finished");
	sql_expect(world->connection,
		"SELECT e.status, e.note FROM campaign_event AS e JOIN campaign USING (campaign_id) WHERE name = 'sale' ORDER BY at",
		"approved|\nfinished|ended");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		PLAN_WORLD_TEST(everybody_is_reached_within_the_hours_of_their_region),
		PLAN_WORLD_TEST(brazil_has_weekends_and_holidays_off),
		PLAN_WORLD_TEST(a_window_is_half_open_and_ends_with_room_to_leave),
		PLAN_WORLD_TEST(nothing_leaves_before_the_plan_could_be_made),
		PLAN_WORLD_TEST(a_campaign_has_hours_of_its_own_where_the_recipient_is),
		PLAN_WORLD_TEST(a_local_time_is_that_of_each_recipient_and_an_instant_is_one_for_all),
		PLAN_WORLD_TEST(who_may_be_in_several_zones_gets_what_is_lawful_in_all),
		PLAN_WORLD_TEST(every_reason_is_told_and_everybody_is_accounted_for),
		PLAN_WORLD_TEST(a_holdout_takes_its_share_and_the_same_people_each_time),
		PLAN_WORLD_TEST(days_without_a_holiday_calendar_are_held),
		PLAN_WORLD_TEST(a_dry_run_prints_the_same_and_writes_nothing),
		PLAN_WORLD_TEST(the_tables_come_as_json),
		PLAN_WORLD_TEST(one_named_campaign_is_planned_alone),
		PLAN_WORLD_TEST(a_campaign_that_is_not_there_or_not_approved_is_refused),
		PLAN_WORLD_TEST(two_planners_do_not_overlap),
		PLAN_WORLD_TEST(a_campaign_with_a_problem_is_named_and_the_others_are_planned),
		PLAN_WORLD_TEST(an_ended_campaign_is_finished_once_nothing_of_it_waits),
	};

	return cmocka_run_group_tests(tests, plan_world_start, plan_world_stop) != 0;
}
