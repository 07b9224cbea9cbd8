/* Planning again looks at nobody while nothing has changed that a plan is made from, and looks again when any one thing has. */
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

#define MORNING "2026-11-23T12:00:00Z"
#define TWO_DAYS "'2026-11-23T13:00Z', '2026-11-25T00:00Z'"

/* Plans and returns what it said: freed by the caller. */
static char *
plan(const struct plan_world *world, const char *now, const char *options)
{
	char line[256];
	struct process_result result;

	snprintf(line, sizeof(line), "-v --now %s plan%s%s", now, *options != '\0' ? " " : "", options);
	result = daypart_run(world->conninfo, line);
	if (result.exit_code != 0)
		fail_msg("daypart %s: exit code %d\n%s%s", line, result.exit_code, result.out, result.err);
	char *told = strdup(result.err);
	process_result_free(&result);
	return told;
}

static void
expect_told(const struct plan_world *world, const char *now, const char *options, const char *part, bool expected, const char *what)
{
	char *told = plan(world, now, options);

	if ((strstr(told, part) != NULL) != expected)
		fail_msg("after %s the plan %s \"%s\":\n%s", what, expected ? "did not say" : "said", part, told);
	free(told);
}

/* Every campaign whose people are looked at has classes. */
static void
expect_nobody_looked_at(const struct plan_world *world, const char *now, const char *what)
{
	expect_told(world, now, "", "classes of people", false, what);
}

static void
expect_looked_at(const struct plan_world *world, const char *now, const char *what)
{
	expect_told(world, now, "", "classes of people", true, what);
}

/* n1 to n20 get slots, of three campaigns; the others go without. */
static const char population[] =
	"SELECT people(20), person('out', '+12125550201', 'US-NY'), person('anew', '+12125550202', 'US-NY'), person('us', '+12125550203', "
	"'US'),"
	"	campaign('sale', " TWO_DAYS "), campaign('more', " TWO_DAYS ", sender => 'acme-two'), campaign('vivas', " TWO_DAYS
	", sender => 'bora');"
	"SELECT opt_out(phone_of('out')), withdraw_consent(phone_of('anew'), 'acme', 'whatsapp'), receive('acme', phone_of('n1'), 'hello')";

static void
nothing_changes_nothing(void **state)
{
	const struct plan_world *world = *state;
	char *before;

	sql_run(world->connection, population);
	expect_looked_at(world, MORNING, "the first plan");
	sql_run(world->connection, "UPDATE plan_head SET checked_at = NULL");
	before = sql_text(world->connection, "SELECT everything()");
	expect_nobody_looked_at(world, MORNING, "nothing");
	expect_nobody_looked_at(world, "2026-11-23T12:30:00Z", "half an hour");
	expect_told(world, "2026-11-23T12:30:00Z", "--horizon 9d", "classes of people", false, "another horizon");
	expect_told(world, "2026-11-23T12:30:00Z", "--dry-run", "classes of people", false, "a dry run");
	expect_told(world, "2026-11-23T12:30:00Z", "", "nothing changes", true, "nothing");
	sql_run(world->connection, "UPDATE plan_head SET checked_at = NULL");
	sql_expect(world->connection, "SELECT everything()", before);
	free(before);
}

/* The tables that a plan prints are the same. */
static void
what_is_told_does_not_depend_on_who_was_looked_at(void **state)
{
	const struct plan_world *world = *state;
	struct process_result unchanged, anew;

	sql_run(world->connection, population);
	plan_world_make(world, "--now " MORNING " plan");
	unchanged = daypart_run(world->conninfo, "--now " MORNING " --format json plan");
	sql_run(world->connection, "DELETE FROM plan_state");
	anew = daypart_run(world->conninfo, "--now " MORNING " --format json plan");
	assert_string_equal(unchanged.out, anew.out);
	process_result_free(&unchanged);
	process_result_free(&anew);
}

/* What happens, and which input tells. One after the other in one world, with people of their own. */
struct change {
	const char *sql, *input;
};

#define CONSENT(name, facts) \
	"SELECT record_consent(phone_of('" name "'), 'acme', 'whatsapp', given_at => '2026-11-22T12:30Z', method => 'form'" facts ")"

static const struct change changes[] = {
	/* What the daemon does besides handing over. */
	{"SELECT release('n1', 'sale', '2026-11-23T13:00:01Z', 'refused')", "run"},
	{"SELECT release('n2', 'sale', '2026-11-23T13:00:01Z', 'expired')", "run"},
	{"SELECT release('n3', 'sale', '2026-11-23T13:00:01Z', 'failed')", "run"},
	{"WITH gone AS (DELETE FROM slot WHERE recipient_id = person_id(12125550004) RETURNING *)"
	 "	INSERT INTO suppressed (recipient_id, at, run_id, plan_run, bucket, reason, kind)"
	 "	SELECT recipient_id, '2026-11-24T02:00Z', run_id, 0, bucket, reason, kind FROM gone, reason WHERE name = 'window_closed'",
		"run"},
	{"UPDATE suppressed SET reason = 13 WHERE recipient_id = person_id(12125550201) AND run_id = 1", "run"},
	{"DELETE FROM suppressed WHERE recipient_id = person_id(12125550201) AND run_id = 1", "run"},
	/* People. */
	{"SELECT person('new', '+12125559999', 'US-NY'), approve_again()", "campaign"}, /* the new approval */
	{"DELETE FROM audience_member WHERE recipient_id = person_id(12125559999); SELECT approve_again()", "campaign"},
	{"SELECT add_member('some', phone_of('n1'))", NULL}, /* nobody's audience */
	{CONSENT("anew", ", wording => 'I agree', supplied_by_person => true, ip => '192.0.2.1', signature => '/x/'"), "consents"},
	{CONSENT("n5", ""), "consents"},
	{"SELECT withdraw_consent(phone_of('n6'), 'acme', 'whatsapp')", "consents"},
	{CONSENT("n7",
		 ", confirmed_at => '2026-11-22T12:32Z', supplied_by_person => true, wording => 'I agree', ip => '192.0.2.1',"
		 "signature => '/x/', tax_id => '000', source => 'form'"),
		NULL}, /* its age, for which no rule asks here: consent_that_grew_old_is_refused_at_plan_and_gate */
	{"SELECT opt_out(phone_of('n8'))", "suppressions"},
	{"SELECT opt_out(phone_of('n9'), 'acme', 'whatsapp', 'marketing')", "suppressions"},
	{"SELECT opt_out(phone_of('out'), 'acme')", "suppressions"},
	{"DELETE FROM suppression WHERE recipient_id = person_id(12125550009)", "suppressions"},
	{"SELECT add_recipient(phone_of('n10'), timezone => 'America/Chicago')", "recipients"},
	{"SELECT add_recipient(phone_of('n11'), region => 'US-NJ')", "recipients"},
	{"SELECT add_recipient(phone_of('n12'), language => 'pt-BR')", "recipients"},
	{"UPDATE recipient SET preferred_hour = 17 WHERE source = 'n13'", "recipients"},
	{"DELETE FROM recipient WHERE source = 'n14'", "recipients"},
	{"SELECT sent('n15', ARRAY['2026-11-20T12:00Z'::timestamptz])", "outside"},
	{"UPDATE outside_send SET sent_at = sent_at + interval '1 second'", "outside"},
	/* Campaigns and what stands behind them. */
	{"UPDATE campaign SET local_from = '10:00', local_to = '18:00' WHERE name = 'sale'; SELECT approve_again()", "campaign"},
	{"UPDATE campaign SET priority = 1 WHERE name = 'more'", "campaign"},
	{"UPDATE sender SET throughput_per_s = 0.1 WHERE name = 'acme'", "campaign"},
	{"UPDATE sender SET daily_limit = 1000 WHERE name = 'acme'", "campaign"},
	{"INSERT INTO sender_limit VALUES ('acme', '2026-11-24', 2000)", "campaign"},
	{"UPDATE template SET verified_on = '2026-11-22' WHERE business = 'acme'", "campaign"},
	{"SELECT campaign_set_status('sale', 'paused')", "campaign"},
	{"SELECT campaign_set_status('sale', 'approved')", "campaign"},
	{"SELECT campaign('third', " TWO_DAYS ", audience => 'some')", "campaign"},
	{"SELECT add_member('some', phone_of('n16')), approve_again()", "campaign"},
	{"DELETE FROM audience_member WHERE audience_id = (SELECT audience_id FROM audience WHERE name = 'some')", "members"},
	{"SELECT campaign_set_status('third', 'cancelled')", "campaign"},
	/* The law. */
	{"SELECT declare_emergency('US-NY', '2026-11-23T14:00Z')", "emergencies"},
	{"SELECT end_emergency('US-NY')", "emergencies"},
};

/* What is looked up by the members is one input, when a sample of the recipients, whose ids are another in each database, suggests it. */
static bool
is_about_people(const char *input)
{
	return strcmp(input, "consents") == 0 || strcmp(input, "recipients") == 0;
}

static void
expect_change_seen(const struct plan_world *world, const struct change *change)
{
	char told[64], *said;

	plan_world_run(world, "--now " MORNING " plan"); /* the one before may have taken slots */
	expect_nobody_looked_at(world, MORNING, "nothing");
	sql_run(world->connection, change->sql);
	if (change->input == NULL) {
		expect_nobody_looked_at(world, MORNING, change->sql);
		return;
	}
	snprintf(told, sizeof(told), "\"acme\" is planned anew: %s\n", change->input);
	said = plan(world, MORNING, "");
	if (strstr(said, told) == NULL && !(is_about_people(change->input) && strstr(said, "\"acme\" is planned anew: people\n") != NULL))
		fail_msg("after %s the plan did not say %sbut\n%s", change->sql, told, said);
	free(said);
}

static void
each_change_is_seen(void **state)
{
	const struct plan_world *world = *state;

	sql_run(world->connection, population);
	plan_world_run(world, "--now " MORNING " plan");
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++)
		expect_change_seen(world, &changes[i]);
	oracle_expect_lawful(world->connection);
}

/* The other business is not looked at. */
static void
a_business_is_planned_alone(void **state)
{
	const struct plan_world *world = *state;
	char *said;

	sql_run(world->connection, population);
	plan_world_run(world, "--now " MORNING " plan");
	sql_run(world->connection, "SELECT withdraw_consent(phone_of('n1'), 'bora', 'whatsapp')");
	said = plan(world, MORNING, "");
	assert_non_null(strstr(said, "business \"bora\" is planned anew: "));
	assert_non_null(strstr(said, "campaign \"vivas\": "));
	assert_null(strstr(said, "\"acme\""));
	assert_null(strstr(said, "campaign \"sale\": "));
	sql_expect(world->connection, "SELECT cancelled, kept FROM plan_run ORDER BY plan_run DESC LIMIT 1", "0|63");
	free(said);
}

/* Whose message left is still one of those who got it. */
static void
what_leaves_as_planned_is_no_change(void **state)
{
	const struct plan_world *world = *state;

	sql_run(world->connection, "UPDATE template SET approved_on = '2026-11-20'");
	sql_run(world->connection, population);
	plan_world_run(world, "--now " MORNING " plan");
	sql_run(world->connection,
		"SELECT release('n1', 'sale', '2026-11-23T13:00:01Z'), release('n2', 'sale', '2026-11-23T13:00:01Z', 'uncertain'),"
		"	release('n3', 'vivas', '2026-11-23T13:20:00Z')");
	expect_nobody_looked_at(world, "2026-11-23T14:00:00Z", "messages that left");
	sql_run(world->connection, "UPDATE release SET outcome = 'failed' WHERE outcome = 'uncertain'");
	expect_told(world, "2026-11-23T14:00:00Z", "", "\"acme\" is planned anew: run", true, "an answer that never came");
}

/* Time ------------------------------------------------------------------------------------------------------------------------------------- */

static void
the_horizon_reaches_those_who_wait_for_it(void **state)
{
	const struct plan_world *world = *state;

	sql_run(world->connection, "SELECT person('ana', '+12125550101', 'US-NY'), campaign('sale', '2026-12-03T13:00Z', '2026-12-04T00:00Z')");
	plan_world_make(world, "--now 2026-11-25T09:00:00Z plan");
	plan_world_expect(world, "sale", "ana|beyond_horizon");
	expect_nobody_looked_at(world, "2026-11-26T13:00:00Z", "a day");
	expect_looked_at(world, "2026-11-26T13:00:01Z", "the horizon");
	plan_world_expect(world, "sale", "ana|12-03 13:00:00 - 12-04 00:00:00");
	expect_nobody_looked_at(world, "2026-11-28T13:00:01Z", "nothing");
}

/* One message a day at most: until the one has left it may leave at any time of the day. */
static void
a_message_that_left_early_makes_room_for_another(void **state)
{
	const struct plan_world *world = *state;

	sql_run(world->connection,
		"SELECT person('ana', '+919812345678', 'IN'), campaign('one', '2026-11-23T04:00Z', '2026-11-23T12:00Z', priority => 1),"
		"	campaign('two', '2026-11-23T04:00Z', '2026-11-24T12:00Z', sender => 'acme-two')");
	plan_world_run(world, "--now 2026-11-22T12:00:00Z plan");
	sql_expect(world->connection, "SELECT holds_until > as_of FROM plan_state", "t");
	expect_nobody_looked_at(world, "2026-11-22T18:00:00Z", "nothing");
}

/* Two a day, of twenty; two days are within the horizon. */
static void
who_waits_for_volume_is_looked_at_when_a_day_comes_into_the_horizon(void **state)
{
	const struct plan_world *world = *state;

	sql_run(world->connection,
		"SELECT people(20), campaign('sale', '2026-11-23T13:00Z', '2026-12-20T00:00Z'); UPDATE sender SET daily_limit = 2 WHERE name = "
		"'acme'");
	plan_world_run(world, "--now " MORNING " plan --horizon 2d");
	sql_expect(world->connection, "SELECT count(*) BETWEEN 2 AND 6 FROM slot", "t");
	sql_expect(world->connection, "SELECT holds_until > as_of AND holds_to_horizon >= as_of + interval '2 days' FROM plan_state", "t");
	expect_told(world, MORNING, "--horizon 2d", "classes of people", false, "a limit that leaves people for later");
	expect_told(world, "2026-11-23T12:05:00Z", "--horizon 2d", "classes of people", false, "five minutes");
	expect_told(world, MORNING, "--horizon 4d", "classes of people", true, "two more days");
	sql_expect(world->connection, "SELECT count(*) > 6 FROM slot", "t");
}

static void
a_plan_of_one_campaign_neither_asks_nor_answers(void **state)
{
	const struct plan_world *world = *state;

	sql_run(world->connection, population);
	plan_world_run(world, "--now " MORNING " plan");
	expect_told(world, MORNING, "--campaign sale", "campaign \"sale\": ", true, "nothing");
	expect_nobody_looked_at(world, MORNING, "a plan that changed nothing");
	sql_run(world->connection, "UPDATE sender SET throughput_per_s = 0.1 WHERE name = 'acme'");
	expect_told(world, MORNING, "--campaign sale", "campaign \"sale\": ", true, "another throughput");
	sql_run(world->connection, "UPDATE sender SET throughput_per_s = 1000 WHERE name = 'acme'");
	expect_looked_at(world, MORNING, "a plan of one campaign");
}

/* The earlier campaign had to count them. */
static void
slots_that_a_later_campaign_gives_up_are_looked_for_once_more(void **state)
{
	const struct plan_world *world = *state;

	sql_run(world->connection, population);
	plan_world_run(world, "--now " MORNING " plan");
	sql_run(world->connection, "UPDATE campaign SET local_from = '10:00', local_to = '18:00' WHERE name = 'sale'; SELECT approve_again()");
	expect_looked_at(world, MORNING, "an edit of the first campaign");
	expect_nobody_looked_at(world, MORNING, "nothing");
	sql_run(world->connection, "UPDATE campaign SET local_from = '10:00', local_to = '18:00' WHERE name = 'more'; SELECT approve_again()");
	expect_looked_at(world, MORNING, "an edit of the second campaign");
	expect_looked_at(world, MORNING, "what it gave up");
	expect_nobody_looked_at(world, MORNING, "nothing");
}

static void
what_happens_while_a_plan_is_made_is_seen_by_the_next(void **state)
{
	const struct plan_world *world = *state;

	/* As if a message had left and an opt-out come between the snapshot and the publication. */
	sql_run(world->connection, population);
	plan_world_run(world, "--now " MORNING " plan");
	sql_run(world->connection, "UPDATE plan_state SET inputs = regexp_replace(inputs, 'sent 21 ', 'sent 22 ')");
	expect_looked_at(world, MORNING, "a slot that was not published");
	expect_nobody_looked_at(world, MORNING, "nothing");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		PLAN_WORLD_TEST(nothing_changes_nothing),
		PLAN_WORLD_TEST(what_is_told_does_not_depend_on_who_was_looked_at),
		PLAN_WORLD_TEST(each_change_is_seen),
		PLAN_WORLD_TEST(a_business_is_planned_alone),
		PLAN_WORLD_TEST(what_leaves_as_planned_is_no_change),
		PLAN_WORLD_TEST(the_horizon_reaches_those_who_wait_for_it),
		PLAN_WORLD_TEST(a_message_that_left_early_makes_room_for_another),
		PLAN_WORLD_TEST(who_waits_for_volume_is_looked_at_when_a_day_comes_into_the_horizon),
		PLAN_WORLD_TEST(a_plan_of_one_campaign_neither_asks_nor_answers),
		PLAN_WORLD_TEST(slots_that_a_later_campaign_gives_up_are_looked_for_once_more),
		PLAN_WORLD_TEST(what_happens_while_a_plan_is_made_is_seen_by_the_next),
	};

	return cmocka_run_group_tests(tests, plan_world_start, plan_world_stop) != 0;
}
