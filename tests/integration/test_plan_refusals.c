/* daypart plan: who gets no slot and why, and what cannot be planned at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "tests/support/plan_world.h"
#include "tests/support/sql_expect.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define NIGHT "--now 2026-11-23T02:30:00Z plan"

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
		"	campaign('sale', '2041-01-08T00:00Z', '2041-01-11T00:00Z');"
		"INSERT INTO attestation (subject, name, item, given_on) SELECT DISTINCT subject, name, item, date '2040-12-01' FROM attestation");
	plan_world_make(world, "--now 2041-01-07T12:00Z plan");
	plan_world_expect(world, "sale", "ana|01-08 00:00:00 - 01-08 02:00:00\nbia|calendar_unknown");
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
	plan_world_fail(world, NIGHT " --campaign sale", 65, "daypart resume \"sale\"");
	sql_run(world->connection, "UPDATE campaign SET status = 'draft'");
	plan_world_fail(world, NIGHT " --campaign sale", 65, "daypart approve \"sale\"");
	sql_run(world->connection, "UPDATE campaign SET status = 'finished'");
	plan_world_fail(world, NIGHT " --campaign sale", 65, "goes out as a new campaign");
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		PLAN_WORLD_TEST(every_reason_is_told_and_everybody_is_accounted_for),
		PLAN_WORLD_TEST(a_holdout_takes_its_share_and_the_same_people_each_time),
		PLAN_WORLD_TEST(days_without_a_holiday_calendar_are_held),
		PLAN_WORLD_TEST(a_campaign_that_is_not_there_or_not_approved_is_refused),
		PLAN_WORLD_TEST(two_planners_do_not_overlap),
		PLAN_WORLD_TEST(a_campaign_with_a_problem_is_named_and_the_others_are_planned),
	};

	return cmocka_run_group_tests(tests, plan_world_start, plan_world_stop) != 0;
}
