/* A campaign for several audiences reaches everybody in them once; who is in an excepted audience gets nothing and is accounted for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "tests/support/daypart.h"
#include "tests/support/plan_world.h"
#include "tests/support/sql_expect.h"

#define NIGHT "--now 2026-11-23T02:30:00Z plan"
#define SLOT "11-23 13:00:00 - 11-24 02:00:00"

/* ana is in all of them; bob in both that are named; cyd and dan in one each. */
static void
make_people(const struct plan_world *world)
{
	sql_run(world->connection,
		"INSERT INTO audience (name, business) VALUES ('buyers', 'acme'), ('readers', 'acme'), ('angry', 'acme'), ('black friday', 'acme');"
		"SELECT person('ana', '+12125550101', 'US-NY'), person('bob', '+12125550102', 'US-NY'), person('cyd', '+12125550103', 'US-NY'),"
		"	person('dan', '+12125550104', 'US-NY'), person('eve', '+12125550105', 'US-NY');"
		"SELECT add_member(a, phone_of(p)) FROM (VALUES ('buyers', 'ana'), ('buyers', 'bob'), ('buyers', 'cyd'), ('readers', 'ana'),"
		"	('readers', 'bob'), ('readers', 'dan'), ('angry', 'ana'), ('angry', 'eve')) AS m (a, p)");
}

static void
make_campaign(const struct plan_world *world, const char *lists)
{
	sql_run(world->connection, "SELECT campaign('sale', '2026-11-23T03:00Z', '2026-11-25T00:00Z', audience => 'buyers')");
	sql_run(world->connection, lists);
	sql_run(world->connection, "SELECT approve_again()");
}

static void
who_is_in_several_audiences_gets_one_message(void **state)
{
	const struct plan_world *world = *state;

	make_people(world);
	make_campaign(world, "UPDATE campaign SET also_audiences = '{readers,readers}'");
	plan_world_make(world, NIGHT);
	plan_world_expect(world, "sale", "ana|" SLOT "\nbob|" SLOT "\ncyd|" SLOT "\ndan|" SLOT);
	sql_expect(world->connection, "SELECT audience, planned, suppressed, not_yet_planned FROM campaign_summary", "4|4|0|0");
}

static void
who_is_excepted_gets_nothing_and_is_accounted_for(void **state)
{
	const struct plan_world *world = *state;

	make_people(world);
	make_campaign(world, "UPDATE campaign SET also_audiences = '{readers}', except_audiences = '{angry}'");
	plan_world_make(world, NIGHT);
	plan_world_expect(world, "sale", "ana|excluded\nbob|" SLOT "\ncyd|" SLOT "\ndan|" SLOT);
	sql_expect(world->connection, "SELECT audience, planned, suppressed, not_yet_planned FROM campaign_summary", "4|3|1|0");
	sql_expect(world->connection, "SELECT reason, kind, people FROM suppression_report", "excluded|suppressed|1");
	sql_expect(world->connection, "SELECT audience_people FROM approval WHERE subject = 'campaign' ORDER BY approved_at DESC LIMIT 1", "3");
	sql_expect(world->connection, "SELECT sum(people) FROM audience_places('sale')", "3");
}

/* One audience and an exception: nobody but the excepted is missing. */
static void
one_audience_may_have_exceptions(void **state)
{
	const struct plan_world *world = *state;

	make_people(world);
	make_campaign(world, "UPDATE campaign SET except_audiences = '{angry,black friday}'");
	plan_world_make(world, NIGHT);
	plan_world_expect(world, "sale", "ana|excluded\nbob|" SLOT "\ncyd|" SLOT);
}

/* What else stands against somebody is told first when it is an opt-out: that is for good. */
static void
an_opt_out_is_told_before_an_exception(void **state)
{
	const struct plan_world *world = *state;

	make_people(world);
	make_campaign(world, "UPDATE campaign SET except_audiences = '{angry}'");
	sql_run(world->connection, "SELECT opt_out(phone_of('ana'))");
	plan_world_make(world, NIGHT);
	plan_world_expect(world, "sale", "ana|opted_out\nbob|" SLOT "\ncyd|" SLOT);
}

/* F1: an approval is about whom it reaches, over all audiences less the exceptions. */
static void
another_reach_must_be_approved_again(void **state)
{
	const struct plan_world *world = *state;

	make_people(world);
	make_campaign(world, "UPDATE campaign SET also_audiences = '{readers}', except_audiences = '{angry}'");
	plan_world_make(world, NIGHT);
	sql_run(world->connection, "SELECT add_member('readers', phone_of('bob')), add_member('angry', phone_of('eve'))");
	plan_world_make(world, NIGHT);
	plan_world_expect(world, "sale", "ana|excluded\nbob|" SLOT "\ncyd|" SLOT "\ndan|" SLOT);
	sql_run(world->connection, "SELECT add_member('readers', phone_of('eve'))");
	plan_world_make(world, NIGHT);
	plan_world_expect(world, "sale", "ana|excluded\nbob|" SLOT "\ncyd|" SLOT "\ndan|" SLOT "\neve|excluded");
	sql_run(world->connection, "SELECT add_member('angry', phone_of('dan'))");
	plan_world_make(world, NIGHT);
	plan_world_expect(world, "sale", "ana|excluded\nbob|audience_changed\ncyd|audience_changed\ndan|excluded\neve|excluded");
	plan_world_run(world, "--now 2026-11-23T02:30:00Z approve sale");
	plan_world_make(world, NIGHT);
	plan_world_expect(world, "sale", "ana|excluded\nbob|" SLOT "\ncyd|" SLOT "\ndan|excluded\neve|excluded");
}

/* Two small audiences among many people: the other way to read them, each person of both once. */
static void
small_audiences_among_many_people_are_read_by_their_members(void **state)
{
	const struct plan_world *world = *state;

	make_people(world);
	sql_run(world->connection,
		"INSERT INTO recipient (recipient_id, phone, added_at, bucket) SELECT n, 19000000000 + n, now(), bucket_of(n) "
		"FROM generate_series(1, 20000) AS n (n);"
		"SELECT opt_out(phone_of('bob')), withdraw_consent(phone_of('dan'), 'acme', 'whatsapp')");
	make_campaign(world, "UPDATE campaign SET also_audiences = '{readers}', except_audiences = '{angry}'");
	plan_world_make(world, NIGHT);
	plan_world_expect(world, "sale", "ana|excluded\nbob|opted_out\ncyd|" SLOT "\ndan|no_consent");
	sql_expect(world->connection, "SELECT count(*) FROM slot", "1");
}

/* Facts about others may go on long after the last member: an imported list of opt-outs, say. The next campaign is planned all the same. */
static void
facts_about_many_others_stop_no_campaign(void **state)
{
	const struct plan_world *world = *state;

	make_people(world);
	sql_run(world->connection,
		"INSERT INTO suppression (recipient_id, at, business_id, bucket, channel, category)"
		"	SELECT n * 7919, '2026-11-01T00:00Z', 0, bucket_of(n * 7919), 'all', 'all' FROM generate_series(1::bigint, 200000) AS n");
	make_campaign(world, "SELECT campaign('more', '2026-11-23T03:00Z', '2026-11-25T00:00Z', audience => 'readers')");
	plan_world_make(world, NIGHT);
	plan_world_expect(world, "sale", "ana|" SLOT "\nbob|" SLOT "\ncyd|" SLOT);
	plan_world_expect(world, "more", "ana|" SLOT "\nbob|" SLOT "\ndan|" SLOT);
}

static void
a_list_that_cannot_be_meant_is_told_with_its_cure(void **state)
{
	static const struct {
		const char *lists, *problem;
	} cases[] = {
		{"also_audiences = '{readers,nobody}'",
			"also_audiences \"nobody\" names no audience: create the audience first, or correct the name"},
		{"except_audiences = '{bora}'",
			"except_audiences \"bora\" belongs to \"bora\", sender \"acme\" to \"acme\": name audiences of the sender's business"},
		{"also_audiences = '{readers}', except_audiences = '{angry,readers}'",
			"except_audiences \"readers\" is an audience of the campaign as well: leave it out of one of the two"},
		{"except_audiences = '{buyers}'",
			"except_audiences \"buyers\" is an audience of the campaign as well: leave it out of one of the two"},
		{"also_audiences = ARRAY[NULL]", "also_audiences \"\" names no audience: create the audience first, or correct the name"},
		{"also_audiences = '{readers,black friday}', except_audiences = '{angry}'", ""},
	};
	const struct plan_world *world = *state;
	char statement[256];

	make_people(world);
	sql_run(world->connection, "SELECT campaign('sale', '2026-11-23T03:00Z', '2026-11-25T00:00Z')");
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		sql_run(world->connection, "UPDATE campaign SET also_audiences = '{}', except_audiences = '{}'");
		snprintf(statement, sizeof statement, "UPDATE campaign SET audience = 'buyers', %s", cases[i].lists);
		sql_run(world->connection, statement);
		sql_expect(world->connection, "SELECT campaign_problem(c) FROM campaign AS c", cases[i].problem);
	}
	sql_run(world->connection, "UPDATE campaign SET also_audiences = '{nobody}'");
	plan_world_fail(world, NIGHT, 1, "names no audience");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		PLAN_WORLD_TEST(who_is_in_several_audiences_gets_one_message),
		PLAN_WORLD_TEST(who_is_excepted_gets_nothing_and_is_accounted_for),
		PLAN_WORLD_TEST(one_audience_may_have_exceptions),
		PLAN_WORLD_TEST(an_opt_out_is_told_before_an_exception),
		PLAN_WORLD_TEST(another_reach_must_be_approved_again),
		PLAN_WORLD_TEST(small_audiences_among_many_people_are_read_by_their_members),
		PLAN_WORLD_TEST(facts_about_many_others_stop_no_campaign),
		PLAN_WORLD_TEST(a_list_that_cannot_be_meant_is_told_with_its_cure),
	};

	return cmocka_run_group_tests(tests, plan_world_start, plan_world_stop);
}
