/*
 * daypart plan under every kind of rule: what begins on a date, what may be waived, what ends with a record, an emergency, a service window or a
 * day's volume; and the release gate under another rulebook than the plan's.
 */
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

/* New York is open from 13:00Z to 02:00Z. */
#define MORNING "--now 2026-11-23T12:00:00Z plan"
#define THREE_DAYS "'2026-11-23T13:00Z', '2026-11-26T00:00Z'"

/* What a rule of ours says besides its id and source. */
#define MUST "source = \"house\"; strength = \"must\"; categories = [\"marketing\"]; "

/* Rulebooks ---------------------------------------------------------------------------------------------------------------------------------- */

/* Who has no slot, with the reason and the rule. */
static void
expect_refused(const struct plan_world *world, const char *expected)
{
	sql_expect(world->connection,
		"SELECT p.source, r.name, s.rule FROM suppressed AS s JOIN reason AS r USING (reason) JOIN recipient AS p USING (bucket, "
		"recipient_id)"
		"	ORDER BY p.source COLLATE \"C\"",
		expected);
}

/* One message every 2000 seconds from 13:20Z on, through three days. */
static const char spread[] = "UPDATE sender SET throughput_per_s = 0.0005; SELECT people(60), campaign('sale', " THREE_DAYS ")";

static void
a_rule_that_begins_on_a_date_moves_what_it_forbids_from_then_on(void **state)
{
	const struct plan_world *world = *state;

	sql_run(world->connection, spread);
	plan_world_make(world, MORNING);
	sql_run(world->connection, "CREATE TEMP TABLE before AS TABLE slot");
	plan_world_add_rules(
		world, "windows = ( { id = \"ours.late\"; " MUST "from = \"2026-11-24\"; days = { every_day = \"10:00-18:00\"; }; } );");
	plan_world_make(world, MORNING);
	/* 24 November begins at 05:00Z; then 10:00 to 18:00 is 15:00Z to 23:00Z */
	sql_expect(world->connection,
		"SELECT b.due_at < '2026-11-24 05:00Z' AS earlier, b.due_at::time >= '15:00' AND b.due_at::time < '23:00' AS inside,"
		"	n.due_at IS NOT DISTINCT FROM b.due_at AS stays, count(*) > 0"
		"	FROM before AS b LEFT JOIN slot AS n USING (bucket, recipient_id, run_id) GROUP BY 1, 2, 3 ORDER BY 1, 2",
		"f|f|f|t\nf|t|t|t\nt|f|t|t\nt|t|t|t");
}

/* Terms -------------------------------------------------------------------------------------------------------------------------------------- */

static void
a_record_that_ends_cuts_the_campaign(void **state)
{
	static const char registration[] =
		"registrations = ( { id = \"ours.licence\"; " MUST "of = \"business\"; item = \"ours.licence\"; title = \"A licence\"; } );";
	const struct plan_world *world = *state;

	plan_world_add_rules(world, registration);
	sql_run(world->connection, "SELECT person('ana', '+12125550101', 'US-NY'), person('rui', '+5511900000001', 'BR-SP')");
	sql_run(world->connection, "SELECT campaign('sale', " THREE_DAYS ")");
	plan_world_make(world, MORNING);
	plan_world_expect(world, "sale", "ana|not_registered\nrui|11-23 13:00:00 - 11-23 23:00:00");
	expect_refused(world, "ana|not_registered|ours.licence");
	/* until 24 November in New York */
	sql_run(world->connection,
		"INSERT INTO attestation (subject, name, item, given_on, valid_until) VALUES ('business', 'acme', 'ours.licence', '2026-01-01', "
		"'2026-11-24'); UPDATE campaign SET starts_at = '2026-11-24T01:30Z'; SELECT approve_again()");
	plan_world_make(world, MORNING);
	plan_world_expect(world, "sale", "ana|11-24 01:30:00 - 11-24 02:00:00\nrui|11-24 12:00:00 - 11-24 23:00:00");
	sql_run(world->connection, "UPDATE campaign SET starts_at = '2026-11-24T02:00Z'; SELECT approve_again()");
	plan_world_make(world, MORNING);
	expect_refused(world, "ana|not_registered|ours.licence");
	sql_run(world->connection,
		"INSERT INTO attestation (subject, name, item, given_on) VALUES ('business', 'acme', 'ours.licence', '2026-11-20')");
	plan_world_make(world, MORNING);
	plan_world_expect(world, "sale", "ana|11-24 13:00:00 - 11-25 02:00:00\nrui|11-24 12:00:00 - 11-24 23:00:00");
}

static void
a_waiver_lifts_its_rule_until_it_ends(void **state)
{
	static const char closed[] = "windows = ( { id = \"ours.noon\"; " MUST
								 "waiver = { role = \"compliance\"; within = \"90d\"; }; days = { every_day = \"12:00-13:00\"; }; } );";
	const struct plan_world *world = *state;

	plan_world_add_rules(world, closed);
	sql_run(world->connection, "SELECT person('ana', '+12125550101', 'US-NY'), campaign('sale', " THREE_DAYS ")");
	plan_world_make(world, MORNING);
	plan_world_expect(world, "sale", "ana|11-23 17:00:00 - 11-23 18:00:00");
	sql_run(world->connection, "SELECT grant_waiver('ours.noon', 'acme', 'compliance', 'a trial', '2026-12-01', 'ana')");
	plan_world_make(world, MORNING);
	plan_world_expect(world, "sale", "ana|11-23 17:00:00 - 11-23 18:00:00"); /* a looser law moves nobody */
	sql_expect(
		world->connection, "SELECT array_remove(facts, '?first_message') FROM class JOIN slot USING (class_id)", "{waived:ours.noon}");
	sql_run(world->connection, "SELECT campaign('free', " THREE_DAYS ")");
	plan_world_make(world, MORNING);
	plan_world_expect(world, "free", "ana|11-23 13:00:00 - 11-24 02:00:00");
	/* one that ends before the campaign does is none */
	sql_run(world->connection,
		"SELECT revoke_waiver('ours.noon', 'acme'); SELECT grant_waiver('ours.noon', 'acme', 'compliance', 'a trial', '2026-11-25', "
		"'ana')");
	plan_world_make(world, MORNING);
	plan_world_expect(world, "sale", "ana|11-23 17:00:00 - 11-23 18:00:00");
	plan_world_expect(world, "free", "ana|11-23 17:00:00 - 11-23 18:00:00");
	sql_expect(world->connection, "SELECT DISTINCT array_remove(facts, '?first_message') FROM class JOIN slot USING (class_id)", "{}");
}

static void
an_audience_that_grew_waits_for_approval(void **state)
{
	const struct plan_world *world = *state;

	sql_run(world->connection, "SELECT people(3), campaign('sale', " THREE_DAYS ")");
	plan_world_make(world, MORNING);
	sql_run(world->connection, "SELECT person('new', '+12125559999', 'US-NY'), opt_out(phone_of('n2'))");
	plan_world_make(world, MORNING);
	plan_world_expect(world, "sale", "n1|audience_changed\nn2|opted_out\nn3|audience_changed\nnew|audience_changed");
	plan_world_make(world, MORNING);
	sql_run(world->connection, "SELECT approve_again()");
	plan_world_make(world, MORNING);
	sql_expect(world->connection, "SELECT count(*) FROM slot", "3");
	/* as many, but others */
	sql_run(world->connection,
		"DELETE FROM audience_member USING recipient AS p WHERE p.recipient_id = audience_member.recipient_id AND p.source = 'n3';"
		"SELECT person('other', '+12125559998', 'US-NY')");
	plan_world_make(world, MORNING);
	sql_expect(world->connection, "SELECT count(*) FROM slot", "0");
}

/* Texts -------------------------------------------------------------------------------------------------------------------------------------- */

static void
people_get_the_language_they_chose_of_those_the_law_admits(void **state)
{
	const struct plan_world *world = *state;

	sql_run(world->connection,
		"SELECT person('ana', '+5511900000001', 'BR-SP'), person('bob', '+12125550101', 'US-NY'), person('lea', '+12125550102', 'US-NY');"
		"SELECT add_recipient(phone_of('ana'), language => 'en'), add_recipient(phone_of('lea'), language => 'pt')");
	plan_world_add_rules(world, "");
	sql_run(world->connection, "SELECT campaign('sale', " THREE_DAYS ")");
	plan_world_make(world, MORNING);
	sql_expect(world->connection,
		"SELECT p.source, class.language FROM slot JOIN class USING (class_id) JOIN recipient AS p USING (bucket, recipient_id) ORDER BY 1",
		"ana|pt-BR\nbob|en\nlea|pt-BR");
}

static void
a_reply_goes_out_within_a_day_of_the_last_message(void **state)
{
	const struct plan_world *world = *state;

	sql_run(world->connection,
		"SELECT person('ana', '+12125550101', 'US-NY'), person('bob', '+12125550102', 'US-NY'), person('eva', '+12125550103', 'US-NY');"
		"INSERT INTO template (name, language, business, channel, category, body, status, free_form, created_by)"
		"	VALUES ('reply', 'en', 'acme', 'whatsapp', 'service_reply', 'Acme: your parcel is on its way. Help: help@acme.example.', "
		"'draft', true, "
		"'ana');"
		"SELECT lawful();"
		"SELECT record_consent('+' || phone, 'acme', 'whatsapp', 'service_reply', '2026-11-20T10:00Z', 'chat', 'I agree', true) FROM "
		"recipient;"
		"SELECT receive('acme', phone_of('ana'), 'where is it?', '2026-11-22T20:00Z'), receive('acme', phone_of('ana'), 'hello?', "
		"'2026-11-22T22:00Z'),"
		"	receive('acme-two', phone_of('bob'), 'where?', '2026-11-20T10:00Z'), receive('acme-sms', phone_of('eva'), 'where?', "
		"'2026-11-22T22:00Z');" /* on another channel */
		"INSERT INTO campaign (name, sender, template, audience, category, starts_at, ends_at) VALUES ('answers', 'acme', 'reply', 'acme', "
		"'service_reply', " THREE_DAYS "); SELECT approve_campaign('answers')");
	plan_world_run(world, MORNING);
	sql_expect(world->connection, "SELECT person, outcome FROM outcome WHERE campaign = 'answers' ORDER BY person",
		"ana|11-23 13:00:00 - 11-23 22:00:00\nbob|no_service_window\neva|no_service_window");
	expect_refused(world, "bob|no_service_window|whatsapp.session\neva|no_service_window|whatsapp.session");
	/* Of a small audience the same is read person by person. */
	sql_run(world->connection,
		"INSERT INTO recipient (recipient_id, phone, added_at, bucket) SELECT id, phone, '2026-01-05', bucket_of(id)"
		"	FROM (SELECT phone, person_id(phone) AS id FROM (SELECT 12120000000 + n AS phone FROM generate_series(1, 2000) AS n) AS n) AS "
		"p;"
		"DELETE FROM plan_state; DELETE FROM slot; DELETE FROM suppressed");
	plan_world_run(world, MORNING);
	expect_refused(world, "bob|no_service_window|whatsapp.session\neva|no_service_window|whatsapp.session");
}

/* Emergencies -------------------------------------------------------------------------------------------------------------------------------- */

#define EMERGENCY "windows = ( { id = \"ours.emergency\"; " MUST "emergency = true; days = { every_day = \"closed\"; }; } );"

static void
an_emergency_closes_its_area_while_it_lasts(void **state)
{
	const struct plan_world *world = *state;

	plan_world_add_rules(world, EMERGENCY);
	sql_run(world->connection,
		"SELECT person('ana', '+12125550101', 'US-NY'), person('bob', '+13125550101', 'US-IL'), campaign('sale', " THREE_DAYS ")");
	plan_world_make(world, MORNING);
	plan_world_expect(world, "sale", "ana|11-23 13:00:00 - 11-24 02:00:00\nbob|11-23 14:00:00 - 11-24 03:00:00");
	sql_run(world->connection, "SELECT declare_emergency('US-NY')");
	plan_world_make(world, MORNING);
	expect_refused(world, "ana|no_window|ours.emergency");
	sql_expect(world->connection, "SELECT outcome FROM outcome WHERE person = 'bob'", "11-23 14:00:00 - 11-24 03:00:00");
	sql_run(world->connection, "SET daypart.now = '2026-11-24T15:00Z'; SELECT end_emergency('US-NY')");
	plan_world_make(world, MORNING);
	sql_expect(world->connection, "SELECT outcome FROM outcome WHERE person = 'ana'", "11-24 15:00:00 - 11-25 02:00:00");
}

/* Volume ------------------------------------------------------------------------------------------------------------------------------------- */

static void
a_daily_volume_spreads_a_campaign_over_days(void **state)
{
	static const char volume[] =
		"volumes = ( { id = \"ours.volume\"; " MUST "scope = \"sender\"; per = \"day\"; clock = \"America/New_York\"; n = 4; } );";
	const struct plan_world *world = *state;

	plan_world_add_rules(world, volume);
	sql_run(world->connection, "SELECT people(10), person('rui', '+5511900000001', 'BR-SP'), campaign('sale', " THREE_DAYS ")");
	plan_world_make(world, MORNING);
	sql_expect(world->connection,
		"SELECT due_at::date, count(*) FROM slot JOIN class USING (class_id) WHERE 'BR' <> ALL (regions) AND regions <> '{BR,BR-SP}' GROUP "
		"BY 1 ORDER BY 1",
		"2026-11-23|4\n2026-11-24|4\n2026-11-25|2");
	plan_world_make(world, MORNING); /* what is queued fits */
	sql_expect(world->connection, "SELECT count(*) FROM slot WHERE plan_run > 1", "0");
	/* what has left counts, and so does what another campaign queues */
	sql_run(world->connection,
		"SELECT release('n' || n, 'sale', '2026-11-23T13:00:01Z') FROM generate_series(1, 10) AS n"
		"	WHERE 'n' || n IN (SELECT p.source FROM slot JOIN recipient AS p USING (bucket, recipient_id) WHERE due_at < '2026-11-24');"
		"SELECT campaign('more', '2026-11-23T13:00Z', '2026-11-25T00:00Z')");
	plan_world_make(world, "--now 2026-11-23T13:30:00Z plan");
	sql_expect(world->connection,
		"SELECT r.name, s.rule, count(*) FROM suppressed AS s JOIN reason AS r USING (reason) JOIN campaign_run USING (run_id) JOIN "
		"campaign AS c "
		"USING (campaign_id)"
		"	WHERE c.name = 'more' GROUP BY 1, 2",
		"daily_volume|ours.volume|10");
	/* a raise of the limit makes room */
	plan_world_add_rules(
		world, "volumes = ( { id = \"ours.volume\"; " MUST "scope = \"sender\"; per = \"day\"; clock = \"America/New_York\"; n = 9; } );");
	plan_world_make(world, "--now 2026-11-23T13:30:00Z plan");
	sql_expect(world->connection,
		"SELECT c.name, due_at::date, count(*) FROM slot JOIN campaign_run USING (run_id) JOIN campaign AS c USING (campaign_id) JOIN "
		"class USING (class_id)"
		"	WHERE 'US-NY' = ANY (regions) GROUP BY 1, 2 ORDER BY 1, 2",
		"more|2026-11-23|5\nmore|2026-11-24|5\nsale|2026-11-24|4\nsale|2026-11-25|2");
}

static void
a_limit_of_the_sender_holds_over_any_day(void **state)
{
	const struct plan_world *world = *state;

	sql_run(world->connection, "UPDATE sender SET daily_limit = 3 WHERE name = 'acme'; SELECT people(8), campaign('sale', " THREE_DAYS ")");
	plan_world_make(world, MORNING);
	sql_expect(world->connection, "SELECT due_at::date, count(*), max(not_after - due_at) <= '1 hour' FROM slot GROUP BY 1 ORDER BY 1",
		"2026-11-23|3|t\n2026-11-24|3|t\n2026-11-25|2|t");
}

/* Six in any 24 hours for two senders together; a third one of the business has a portfolio of its own. */
static void
senders_of_a_portfolio_share_its_limit_by_priority(void **state)
{
	static const char volume[] =
		"volumes = ( { id = \"ours.portfolio\"; " MUST "scope = \"portfolio\"; people = true; per = \"24h\"; n = 250; } );";
	static const char per_campaign[] =
		"SELECT c.name, count(*) FROM slot JOIN campaign_run USING (run_id) JOIN campaign AS c USING (campaign_id)"
		"	GROUP BY 1 ORDER BY 1";
	const struct plan_world *world = *state;

	plan_world_add_rules(world, volume);
	sql_run(world->connection,
		"UPDATE sender SET portfolio = 'both', portfolio_limit = 6 WHERE name IN ('acme', 'acme-two');"
		"SELECT people(4), campaign('late', '2026-11-23T13:00Z', '2026-11-24T02:00Z', priority => 20),"
		"	campaign('first', '2026-11-23T13:00Z', '2026-11-24T02:00Z', sender => 'acme-two', priority => 10),"
		"	campaign('alone', '2026-11-23T13:00Z', '2026-11-24T02:00Z', sender => 'bora', audience => 'bora')");
	plan_world_make(world, MORNING);
	sql_expect(world->connection, per_campaign, "alone|4\nfirst|4\nlate|2");
	sql_expect(world->connection, "SELECT r.name, s.rule, count(*) FROM suppressed AS s JOIN reason AS r USING (reason) GROUP BY 1, 2",
		"daily_volume|ours.portfolio|2");
	/* what the other sender has sent counts as well */
	sql_run(world->connection, "SELECT release('n' || n, 'first', '2026-11-23T13:00:01Z') FROM generate_series(1, 4) AS n");
	plan_world_make(world, "--now 2026-11-23T13:30:00Z plan");
	sql_expect(world->connection, per_campaign, "alone|4\nlate|2");
	sql_run(world->connection, "UPDATE sender SET portfolio = NULL WHERE name = 'acme-two'; SELECT approve_again()");
	plan_world_make(world, "--now 2026-11-23T13:30:00Z plan");
	sql_expect(world->connection, per_campaign, "alone|4\nlate|4");
}

/* The gate ----------------------------------------------------------------------------------------------------------------------------------- */

/* Everything that is due on 23 November by the simulated clock. */
static void
release(const struct plan_world *world, const char *clock)
{
	char *config, *settings;
	struct process_result result;

	assert_true(asprintf(&settings, "database = \"%s\";\n", world->conninfo) > 0);
	config = temp_write("gate.cfg", settings);
	static const char daypartd[] = DAYPART_BUILD_DIR "/daypartd";
	const char *argv[] = {daypartd, "--config", config, "--until-idle", "--clock", clock, NULL};
	sql_run(world->connection, "UPDATE installation SET rehearsal = true");
	result = process_run(argv, NULL);
	if (result.exit_code != 0)
		fail_msg("daypartd: exit code %d\n%s", result.exit_code, result.err);
	process_result_free(&result);
	free(config);
	free(settings);
}

#define NOON "simulated:2026-11-23T17:00:00Zx1000000"

static void
rules_that_only_a_plan_judges_hold_what_was_planned_under_others(void **state)
{
	const struct plan_world *world = *state;

	sql_run(world->connection,
		"SELECT person('ana', '+12125550101', 'US-NY'), person('rui', '+5511900000001', 'BR-SP'), campaign('sale', " THREE_DAYS ")");
	plan_world_make(world, MORNING);
	/* a cap that binds nobody is a change for Americans all the same; a window that is open changes nothing for anybody */
	plan_world_add_rules(world,
		"caps = ( { id = \"ours.cap\"; " MUST "n = 99; per = \"30d\"; } );"
		"windows = ( { id = \"ours.window\"; " MUST "days = { every_day = \"08:00-21:00\"; }; } );");
	release(world, NOON);
	sql_expect(world->connection, "SELECT person, outcome FROM outcome ORDER BY 1", "ana|window_closed\nrui|handed_over");
	plan_world_run(world, "--now 2026-11-23T18:00:00Z plan");
	sql_expect(world->connection, "SELECT person, outcome FROM outcome ORDER BY 1", "ana|11-23 18:01:00 - 11-24 02:00:00\nrui|handed_over");
	release(world, "simulated:2026-11-23T19:00:00Zx1000000");
	sql_expect(world->connection, "SELECT person, outcome FROM outcome ORDER BY 1", "ana|handed_over\nrui|handed_over");
}

static void
an_emergency_holds_at_the_gate(void **state)
{
	const struct plan_world *world = *state;

	plan_world_add_rules(world, EMERGENCY);
	sql_run(world->connection,
		"SELECT person('ana', '+12125550101', 'US-NY'), person('bob', '+13125550101', 'US-IL'), campaign('sale', " THREE_DAYS ")");
	plan_world_make(world, MORNING);
	sql_run(world->connection, "SET daypart.now = '2026-11-23T12:30Z'; SELECT declare_emergency('US-NY')");
	release(world, NOON);
	sql_expect(world->connection, "SELECT person, outcome FROM outcome ORDER BY 1", "ana|window_closed\nbob|handed_over");
}

/* Consent that a tighter rule lets count for half a year only; the gate judges that itself. */
static void
consent_that_grew_old_is_refused_at_plan_and_gate(void **state)
{
	static const char young[] = "consents = ( { id = \"ours.consent\"; " MUST "required = true; good_for = \"180d\"; } );";
	const struct plan_world *world = *state;

	sql_run(world->connection, "SELECT person('ana', '+12125550101', 'US-NY'), campaign('sale', " THREE_DAYS ")"); /* given on 5 January */
	plan_world_make(world, MORNING);
	plan_world_add_rules(world, young);
	release(world, NOON);
	plan_world_expect(world, "sale", "ana|refused");
	sql_expect(world->connection, "SELECT r.name FROM release JOIN reason AS r USING (reason)", "consent_expired");
	sql_run(world->connection, "SELECT campaign('again', " THREE_DAYS ")");
	plan_world_run(world, MORNING);
	expect_refused(world, "ana|consent_expired|ours.consent");
	sql_run(world->connection, "UPDATE consent SET given_at = '2026-11-20Z'");
	plan_world_run(world, MORNING);
	sql_expect(world->connection, "SELECT count(*) FROM slot", "1");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		PLAN_WORLD_TEST(a_rule_that_begins_on_a_date_moves_what_it_forbids_from_then_on),
		PLAN_WORLD_TEST(a_record_that_ends_cuts_the_campaign),
		PLAN_WORLD_TEST(a_waiver_lifts_its_rule_until_it_ends),
		PLAN_WORLD_TEST(an_audience_that_grew_waits_for_approval),
		PLAN_WORLD_TEST(people_get_the_language_they_chose_of_those_the_law_admits),
		PLAN_WORLD_TEST(a_reply_goes_out_within_a_day_of_the_last_message),
		PLAN_WORLD_TEST(an_emergency_closes_its_area_while_it_lasts),
		PLAN_WORLD_TEST(a_daily_volume_spreads_a_campaign_over_days),
		PLAN_WORLD_TEST(a_limit_of_the_sender_holds_over_any_day),
		PLAN_WORLD_TEST(senders_of_a_portfolio_share_its_limit_by_priority),
		PLAN_WORLD_TEST(rules_that_only_a_plan_judges_hold_what_was_planned_under_others),
		PLAN_WORLD_TEST(an_emergency_holds_at_the_gate),
		PLAN_WORLD_TEST(consent_that_grew_old_is_refused_at_plan_and_gate),
	};

	return cmocka_run_group_tests(tests, plan_world_start, plan_world_stop) != 0;
}
