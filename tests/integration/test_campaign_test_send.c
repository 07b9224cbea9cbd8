/* A campaign is tried out on a seed list: who gets it, what the law says to that, and that the campaign itself stays as it is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "tests/support/daypart.h"
#include "tests/support/plan_world.h"
#include "tests/support/sql_expect.h"

/* Monday, ten in the morning in New York. */
#define MORNING "--now 2026-11-23T15:00:00Z "
#define NOW "SET daypart.now = '2026-11-23T15:00Z'; "

/* A draft of whoever connects, with a text of theirs that nobody has approved; ana and bob are the seed list. */
static void
make_draft(const struct plan_world *world)
{
	sql_run(world->connection,
		NOW
		"SELECT person('ana', '+12125550101', 'US-NY'), person('bob', '+12125550102', 'US-NY'), person('cyd', '+12125550103', 'US-NY');"
		"SELECT add_member('some', phone_of('ana')), add_member('some', phone_of('bob'));"
		"INSERT INTO template (name, language, business, channel, category, body, status, approved_on, verified_on)"
		"	VALUES ('new', 'en', 'acme', 'whatsapp', 'marketing', fixture.text('acme', 'en'), 'approved', '2026-01-01', '2026-11-10');"
		"INSERT INTO campaign (name, sender, template, audience, starts_at, ends_at, holdout_percent, rrule, offer_terms, offer_expires_on)"
		"	VALUES ('sale', 'acme', 'new', 'acme', '2026-12-01 09:00 local', '2026-12-02 17:00 local', 50, 'FREQ=WEEKLY',"
		"		'20 percent off, once a person', '2099-12-31');"
		"SELECT fixture.attest('template', 'new'), fixture.attest('campaign', 'sale')");
}

static void
a_draft_is_tried_out_without_a_second_person(void **state)
{
	const struct plan_world *world = *state;

	make_draft(world);
	sql_expect(world->connection, "SELECT test_campaign('sale', 'some')", "sale (test 1)");
	sql_expect(world->connection,
		"SELECT test_of, status, audience, template, starts_at, ends_at, holdout_percent, rrule FROM campaign WHERE name = 'sale (test 1)'",
		"sale|approved|some|new|2026-11-23T15:00:00Z|2026-11-24T15:00:00Z|0|");
	plan_world_make(world, MORNING "plan");
	sql_expect(world->connection, "SELECT person, left(outcome, 8) FROM outcome WHERE campaign = 'sale (test 1)' ORDER BY 1",
		"ana|11-23 15\nbob|11-23 15");
	sql_expect(world->connection,
		"SELECT status, (SELECT count(*) FROM campaign_run AS r WHERE r.campaign_id = c.campaign_id) FROM campaign AS c "
		"WHERE name = 'sale'",
		"draft|0");
	sql_expect(
		world->connection, "SELECT count(*) FROM approval WHERE subject IN ('campaign', 'template') AND name IN ('sale', 'new')", "0");
	sql_expect(world->connection, "SELECT test_campaign('sale', 'some')", "sale (test 2)");
}

/* Caps on one subject count it, those on another do not: it is about what the campaign is about. */
static void
a_test_is_about_what_its_campaign_is_about(void **state)
{
	const struct plan_world *world = *state;

	make_draft(world);
	sql_run(world->connection, "UPDATE campaign SET subject = 'sofas' WHERE name = 'sale'; SELECT test_campaign('sale', 'some')");
	plan_world_make(world, MORNING "plan");
	sql_expect(world->connection,
		"SELECT c.subject, run.subject FROM campaign AS c JOIN campaign_run AS run USING (campaign_id) WHERE c.test_of = 'sale'",
		"sofas|sofas");
}

static void
an_approved_campaign_keeps_its_plan(void **state)
{
	const struct plan_world *world = *state;

	make_draft(world);
	sql_run(world->connection, "SELECT campaign('winter', '2026-11-23T16:00Z', '2026-11-25T00:00Z')");
	plan_world_make(world, MORNING "plan");
	plan_world_run(world, MORNING "test winter --to some");
	plan_world_make(world, MORNING "plan");
	sql_expect(world->connection, "SELECT campaign, count(*) FROM outcome WHERE outcome LIKE '11-%' GROUP BY 1 ORDER BY 1",
		"winter|3\nwinter (test 1)|2");
	sql_expect(world->connection,
		"SELECT count(*) FROM slot JOIN campaign_run USING (run_id) JOIN campaign AS c USING (campaign_id) "
		"WHERE c.name = 'winter' AND plan_run <> 1",
		"0");
}

static void
all_the_law_applies_to_a_test(void **state)
{
	const struct plan_world *world = *state;

	make_draft(world);
	sql_run(world->connection,
		"SELECT opt_out(phone_of('ana')), sent('bob', '{2026-11-20T15:00Z,2026-11-21T15:00Z,2026-11-22T15:00Z}');"
		"SELECT person('dan', '+12125550104', 'US-NY'); SELECT add_member('some', phone_of('dan')), withdraw_consent(phone_of('dan'), "
		"'acme', "
		"'whatsapp')");
	sql_run(world->connection, "SELECT test_campaign('sale', 'some')");
	plan_world_make(world, MORNING "plan");
	plan_world_expect(world, "sale (test 1)", "ana|opted_out\nbob|frequency_cap\ndan|no_consent");
}

/* In the night it waits for the morning, and its messages count in the caps of the campaign. */
static void
a_test_waits_for_its_hours_and_counts(void **state)
{
	const struct plan_world *world = *state;

	make_draft(world);
	sql_run(world->connection, "SET daypart.now = '2026-11-23T04:00Z'; SELECT sent('bob', '{2026-11-20T15:00Z,2026-11-21T15:00Z}')");
	sql_run(world->connection,
		"SELECT test_campaign('sale', 'some'), campaign('winter', '2026-11-24T16:00Z', '2026-11-25T00:00Z', audience => 'some')");
	plan_world_make(world, "--now 2026-11-23T04:00:00Z plan");
	sql_expect(world->connection, "SELECT person, left(outcome, 8) FROM outcome WHERE campaign = 'sale (test 1)' ORDER BY 1",
		"ana|11-23 13\nbob|11-23 13");
	sql_expect(world->connection, "SELECT person, left(outcome, 8) FROM outcome WHERE campaign = 'winter' ORDER BY 1",
		"ana|11-24 16\nbob|frequenc");
}

/* What nobody has looked at does not go to more people than were on the list, nor as another campaign. */
static void
a_test_goes_to_nobody_else(void **state)
{
	const struct plan_world *world = *state;

	make_draft(world);
	sql_run(world->connection, "SELECT test_campaign('sale', 'some'), add_member('some', phone_of('cyd'))");
	plan_world_make(world, MORNING "plan");
	plan_world_expect(world, "sale (test 1)", "ana|audience_changed\nbob|audience_changed\ncyd|audience_changed");
	sql_expect_error(world->connection, "SELECT approve('campaign', 'sale (test 1)')",
		&(struct sql_error){"22023", "who cannot approve it as well", NULL});
	sql_run(
		world->connection, "SELECT test_campaign('sale', 'some'); UPDATE campaign SET offer_terms = 'more' WHERE name = 'sale (test 2)'");
	plan_world_make(world, MORNING "plan");
	plan_world_expect(world, "sale (test 2)", "ana|not_attested\nbob|not_attested\ncyd|not_attested");
	sql_run(world->connection, "UPDATE campaign SET audience = 'acme' WHERE name = 'sale (test 1)'");
	sql_run(world->connection, "SELECT people(60)");
	sql_expect(world->connection, "SELECT campaign_problem(c) FROM campaign AS c WHERE name = 'sale (test 1)'",
		"audience \"acme\" has more than 50 people, too many for a test: name an audience of those who shall look at it");
}

static void
what_cannot_be_tested_is_told_with_its_cure(void **state)
{
	static const struct {
		const char *call, *message, *hint;
	} cases[] = {
		{"test_campaign('sael', 'some')", "campaign \"sael\" is unknown", "write the name of a campaign"},
		{"test_campaign('sale', 'sum')", "audience \"sum\" names no audience", "create the audience first"},
		{"test_campaign('sale', 'bora')", "belongs to \"bora\"", "audiences of the sender's business"},
		{"test_campaign('sale', 'nobody')", "audience \"nobody\" is empty", "add the people"},
		{"test_campaign('sale', 'crowd')", "has more than 50 people", "who shall look at it"},
		{"test_campaign('sale (test 1)', 'some')", "is a test itself", "test campaign \"sale\""},
		{"test_campaign('over', 'some')", "campaign \"over\" is cancelled", "submit a new campaign"},
		{"test_campaign('mute', 'some')", "cannot be tested: sender \"acme-two\" is suspended", "correct it"},
		{"test_campaign('sale', NULL)", "audience is missing", "give a value"},
	};
	const struct plan_world *world = *state;

	make_draft(world);
	sql_run(world->connection,
		"INSERT INTO audience (name, business) VALUES ('nobody', 'acme'), ('crowd', 'acme');"
		"SELECT people(51), test_campaign('sale', 'some'); SELECT add_member('crowd', '+1212' || 5550000 + n) FROM generate_series(1, 51) "
		"AS n;"
		"SELECT campaign('over', '2026-11-23T16:00Z', '2026-11-25T00:00Z'), campaign('mute', '2026-11-23T16:00Z', '2026-11-25T00:00Z', "
		"'acme-two');"
		"SELECT campaign_set_status('over', 'cancelled'); UPDATE sender SET status = 'suspended' WHERE name = 'acme-two'");
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char statement[256];

		snprintf(statement, sizeof statement, "SELECT %s", cases[i].call);
		sql_expect_error(world->connection, statement, &(struct sql_error){"22023", cases[i].message, cases[i].hint});
	}
	plan_world_fail(world, "test sale", 64, "test needs --to AUDIENCE");
	plan_world_fail(world, "test sale --to nobody", 65, "audience \"nobody\" is empty");
}

static void
a_marketer_may_test_but_not_say_that_a_campaign_is_one(void **state)
{
	const struct plan_world *world = *state;

	make_draft(world);
	sql_run(world->connection, "SET ROLE daypart_marketer");
	sql_expect(world->connection, "SELECT daypart.test_campaign('sale', 'some')", "sale (test 1)");
	sql_expect_error(
		world->connection, "UPDATE daypart.campaign SET test_of = 'x' WHERE name = 'sale'", &(struct sql_error){"42501", NULL, NULL});
	sql_expect_error(world->connection,
		"INSERT INTO daypart.campaign (name, sender, template, audience, starts_at, ends_at, test_of) "
		"VALUES ('x', 'acme', 'new', 'acme', '2026-11-23T16:00Z', '2026-11-25T00:00Z', 'sale')",
		&(struct sql_error){"42501", NULL, NULL});
	sql_run(world->connection, "RESET ROLE");
}

static void
a_test_is_finished_after_its_day(void **state)
{
	const struct plan_world *world = *state;

	make_draft(world);
	sql_run(world->connection, "SELECT test_campaign('sale', 'some')");
	plan_world_make(world, "--now 2026-11-26T15:00:00Z plan");
	sql_expect(world->connection, "SELECT status FROM campaign WHERE test_of = 'sale'", "finished");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		PLAN_WORLD_TEST(a_draft_is_tried_out_without_a_second_person),
		PLAN_WORLD_TEST(a_test_is_about_what_its_campaign_is_about),
		PLAN_WORLD_TEST(an_approved_campaign_keeps_its_plan),
		PLAN_WORLD_TEST(all_the_law_applies_to_a_test),
		PLAN_WORLD_TEST(a_test_waits_for_its_hours_and_counts),
		PLAN_WORLD_TEST(a_test_goes_to_nobody_else),
		PLAN_WORLD_TEST(what_cannot_be_tested_is_told_with_its_cure),
		PLAN_WORLD_TEST(a_marketer_may_test_but_not_say_that_a_campaign_is_one),
		PLAN_WORLD_TEST(a_test_is_finished_after_its_day),
	};

	return cmocka_run_group_tests(tests, plan_world_start, plan_world_stop);
}
