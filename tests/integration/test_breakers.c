/*
 * Breakers in the database: what is recorded, counted, tripped and resumed, and senders that may not send. Every test begins with the world of
 * schema_fixture and takes back what it did. test_release_breakers.c has the programs.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "tests/support/pg_cluster.h"
#include "tests/support/schema_fixture.h"
#include "tests/support/sql_expect.h"

/* The five people got spring at 15:00Z to 15:04Z on the 23rd; it is five o'clock. */
static const char sent[] =
	"WITH gone AS (DELETE FROM slot WHERE run_id = 1 RETURNING *)"
	"INSERT INTO release SELECT recipient_id, due_at, due_at, NULL, run_id, class_id, 1, bucket, NULL, 'handed_over' FROM gone;"
	"SET daypart.now = '2026-11-23 17:00Z'";

/* What a rule counts for a scope, in the hour before five. */
#define EVENTS(metric, scope, regions) \
	"SELECT name, events, latest, armed FROM breaker_events('r', '" metric "', '" scope \
	"', '2026-11-23 14:00Z', '2026-11-23 17:00Z', '7 days', " regions ", '{whatsapp}', '{marketing}') ORDER BY name"

static struct pg_cluster *cluster;
static char *conninfo;
static PGconn *connection;

static int
start(void **state)
{
	(void)state;
	cluster = pg_cluster_start(NULL);
	conninfo = schema_database(cluster, "breakers");
	connection = sql_connect(conninfo, NULL);
	schema_world(connection);
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	PQfinish(connection);
	free(conninfo);
	pg_cluster_stop(&cluster);
	return 0;
}

static int
begin(void **state)
{
	(void)state;
	sql_run(connection, "BEGIN");
	sql_run(connection, sent);
	return 0;
}

static int
take_back(void **state)
{
	(void)state;
	sql_run(connection, "ROLLBACK");
	return 0;
}

/* An error that leaves the transaction usable. */
static void
expect_refusal(const char *statement, const char *message, const char *hint)
{
	sql_run(connection, "SAVEPOINT before");
	sql_expect_error(connection, statement, &(struct sql_error){"22023", message, hint});
	sql_run(connection, "ROLLBACK TO before");
}

static void
the_clock_is(const char *now)
{
	char text[128];

	(void)snprintf(text, sizeof(text), "SET daypart.now = '%s'", now);
	sql_run(connection, text);
}

/* Facts ------------------------------------------------------------------------------------------------------------------------------------- */

static void
a_complaint_is_about_the_last_message_and_opts_out(void **state)
{
	(void)state;
	sql_expect(connection, "SELECT record_feedback('acme-wa', 'complaint', phone => '+14155550102', reference => 'x')", "t");
	sql_expect(connection, "SELECT record_feedback('acme-wa', 'complaint', phone => '+14155550102', reference => 'x')", "f");
	sql_expect(connection, "SELECT kind, campaign_id, class_id, template, recipient_id = person_id(14155550102) FROM feedback",
		"complaint|1|1|hello|t");
	sql_expect(connection, "SELECT business_id, channel, category, source FROM suppression", "1|all|all|complaint");
	sql_expect(connection, EVENTS("complaint_count", "sender", "'{BR}'"), "acme-wa|1||t");
	sql_expect(connection, EVENTS("complaint_count", "campaign", "'{BR}'"), "spring|1||t");
	sql_expect(connection, EVENTS("complaint_count", "template", "NULL"), "hello|1||t");
	sql_expect(connection, EVENTS("complaint_count", "business", "NULL"), "acme|1||t");
	sql_expect(connection, EVENTS("complaint_count", "sender", "'{US}'"), "");
	sql_expect(connection, EVENTS("opt_out_rate", "sender", "'{BR}'"), ""); /* it counts as a complaint */
}

static void
what_names_nobody_counts_everywhere(void **state)
{
	(void)state;
	sql_run(connection,
		"SELECT record_feedback('acme-wa', 'complaint', at => '2026-11-23 16:00Z', reference => n::text) FROM generate_series(1, 2) AS n");
	sql_expect(connection, EVENTS("complaint_rate", "sender", "'{US}'"), "acme-wa|2||t");
	sql_expect(connection, EVENTS("complaint_rate", "campaign", "'{US}'"), "");
	sql_expect(connection, EVENTS("negative_rate", "sender", "'{US}'"), "acme-wa|2||t");
	sql_expect(connection, EVENTS("violation_rate", "sender", "'{US}'"), "");
}

static void
opt_outs_are_about_the_last_message_before_them(void **state)
{
	(void)state;
	sql_run(connection,
		"SELECT opt_out('+14155550101', at => '2026-11-23 16:00Z'), opt_out('+14155550101', 'acme', at => '2026-11-23 16:30Z'),"
		"opt_out('+14155550102', 'acme', 'sms', at => '2026-11-23 16:00Z')," /* of another channel */
		"opt_out('+14155550103', 'other', at => '2026-11-23 16:00Z'),"       /* of another business */
		"opt_out('+14155550104', at => '2026-11-23 15:02Z')");               /* before its message */
	sql_expect(connection, EVENTS("opt_out_rate", "sender", "'{BR}'"), "acme-wa|1||t");
	sql_expect(connection, EVENTS("opt_out_rate", "campaign", "'{BR,US}'"), "spring|1||t");
	sql_expect(connection, "SELECT opt_outs, sent, opt_out_percent FROM sender_health WHERE sender = 'acme-wa'", "1|5|20.000");
}

/* It counts once a person, however often and in whatever way somebody says no. */
static void
a_withdrawn_consent_is_an_opt_out_too(void **state)
{
	(void)state;
	sql_run(connection,
		"SELECT opt_out('+14155550101', at => '2026-11-23 16:00Z'), withdraw_consent('+14155550101', 'acme', 'whatsapp', at => '2026-11-23 "
		"16:10Z'),"
		"withdraw_consent('+14155550102', 'acme', 'whatsapp', at => '2026-11-23 16:00Z'),"
		"withdraw_consent('+14155550103', 'acme', 'sms', at => '2026-11-23 16:00Z'),"       /* of another channel */
		"withdraw_consent('+14155550104', 'acme', 'whatsapp', at => '2026-11-23 15:02Z')"); /* before its message */
	sql_expect(connection, EVENTS("opt_out_rate", "sender", "NULL"), "acme-wa|2||t");
	sql_expect(connection, "SELECT opt_outs, sent FROM sender_health WHERE sender = 'acme-wa'", "2|5");
}

static void
the_last_rating_of_a_sender_or_template_counts(void **state)
{
	(void)state;
	sql_run(connection,
		"SELECT record_feedback('acme-wa', 'rating', '2026-11-23 15:00Z', rating => 'red'),"
		"record_feedback('acme-wa', 'rating', '2026-11-23 16:00Z', rating => 'yellow'),"
		"record_feedback('acme-wa', 'rating', '2026-11-23 16:30Z', rating => 'red', template => 'hello')");
	sql_expect(connection, EVENTS("quality", "sender", "NULL"), "acme-wa|2|yellow|t");
	sql_expect(connection, EVENTS("quality", "template", "NULL"), "hello|1|red|t");
	sql_expect(connection, "SELECT rating FROM sender_health WHERE sender = 'acme-wa'", "yellow");
}

static void
messages_are_counted_no_further_than_asked(void **state)
{
	(void)state;
	sql_run(connection,
		"INSERT INTO outbox_dropped SELECT recipient_id, released_at, run_id, bucket, 1 FROM release WHERE released_at = '2026-11-23 "
		"15:00Z'");
#define SENT(scope, id, template, since, regions, most) \
	"SELECT breaker_sent('" scope "', " id ", '" template "', '" since "', '2026-11-23 17:00Z', " regions \
														  ", '{whatsapp}', '{marketing}', " most ")"
	sql_expect(connection, SENT("sender", "1", "", "2026-11-23 14:00Z", "'{BR}'", "100"), "4"); /* one was dropped from the outbox */
	sql_expect(connection, SENT("sender", "1", "", "2026-11-23 14:00Z", "'{BR}'", "3"), "3");
	sql_expect(connection, SENT("sender", "1", "", "2026-11-23 15:02Z", "NULL", "100"), "2"); /* its beginning is left out */
	sql_expect(connection, SENT("sender", "1", "", "2026-11-23 14:00Z", "'{US}'", "100"), "0");
	sql_expect(connection, SENT("campaign", "1", "", "2026-11-23 14:00Z", "NULL", "100"), "4");
	sql_expect(connection, SENT("campaign", "2", "", "2026-11-23 14:00Z", "NULL", "100"), "0");
	sql_expect(connection, SENT("template", "0", "hello", "2026-11-23 14:00Z", "NULL", "100"), "4");
	sql_expect(connection, SENT("template", "0", "bye", "2026-11-23 14:00Z", "NULL", "100"), "0");
	sql_expect(connection, SENT("business", "1", "", "2026-11-23 14:00Z", "NULL", "100"), "4");
}

static void
feedback_is_checked(void **state)
{
	(void)state;
	expect_refusal("SELECT record_feedback('acme', 'complaint')", "sender \"acme\" is unknown", NULL);
	expect_refusal("SELECT record_feedback('acme-wa', 'praise')", "kind \"praise\" is unknown", "complaint, block, violation, rating");
	expect_refusal("SELECT record_feedback('acme-wa', 'rating')", "rating", "green");
	expect_refusal("SELECT record_feedback('acme-wa', 'complaint', rating => 'red')", "belongs to kind rating", NULL);
	expect_refusal("SELECT record_feedback('acme-wa', 'block', campaign => 'winter')", "campaign \"winter\" is unknown", NULL);
	expect_refusal("SELECT record_feedback('acme-wa', 'block', template => 'winter')", "template \"winter\" is unknown", NULL);
	expect_refusal("SELECT record_feedback('acme-wa', 'block', '2027-01-01Z')", "has not come yet", NULL);
}

/* Tripping and resuming ------------------------------------------------------------------------------------------------------------------------ */

#define OBSTACLE \
	"SELECT c.name, o.reason, o.rule FROM campaign AS c JOIN sender AS s ON s.name = c.sender, release_obstacle(c, s, session_now()) AS " \
	"o ORDER BY 1"
#define MATCHES \
	"SELECT string_agg((campaign_digest(c) = campaign_hash)::text, ' ' ORDER BY run_id) FROM campaign_run JOIN campaign AS c USING " \
	"(campaign_id)"

static void
what_trips_stays_until_somebody_resumes_it(void **state)
{
	(void)state;
	sql_expect(connection, MATCHES, "true true");
	sql_expect(connection, "SELECT trip_breaker('sender', 'acme-wa', 'provider', 'spam limit (131048)')", "t");
	sql_expect(connection, "SELECT trip_breaker('sender', 'acme-wa', 'provider', 'again')", "f");
	sql_expect(connection, OBSTACLE, "spring|breaker|provider\nsummer|breaker|provider");
	sql_expect(connection, MATCHES, "false false");
	the_clock_is("2026-11-23 18:00Z");
	expect_refusal("SELECT resume_breaker('sender', 'acme-wa', NULL)", "reason is missing", NULL);
	expect_refusal("SELECT resume_breaker('sender', 'acme-wa', '  ')", "reason is missing", NULL);
	expect_refusal(
		"SELECT resume_breaker('sender', 'acme-wa', 'fine now', 'another')", "has no breaker that tripped by rule another", NULL);
	sql_expect(connection, "SELECT resume_breaker('sender', 'acme-wa', 'fine now')", "1");
	expect_refusal("SELECT resume_breaker('sender', 'acme-wa', 'fine now')", "has no breaker that tripped", NULL);
	sql_expect(connection, OBSTACLE, "spring||\nsummer||");
	sql_expect(connection, MATCHES, "false false"); /* planned before the resume: not released after it */
	sql_expect(connection, "SELECT name, tripped, note, resumed_by = session_user, reason FROM breaker_state",
		"acme-wa|f|spam limit (131048)|t|fine now");
	sql_expect(connection, "SELECT change, by_whom = session_user, note FROM breaker_event ORDER BY recorded_at",
		"tripped|t|spam limit (131048)\nresumed|t|fine now");
}

static void
each_scope_stops_its_own(void **state)
{
	(void)state;
	sql_run(connection, "SELECT trip_breaker('campaign', 'spring', 'r', 'n')");
	sql_expect(connection, OBSTACLE, "spring|breaker|r\nsummer||");
	sql_run(connection, "SELECT resume_breaker('campaign', 'spring', 'x'), trip_breaker('template', 'hello', 'r', 'n')");
	sql_expect(connection, OBSTACLE, "spring|breaker|r\nsummer|breaker|r");
	sql_run(connection, "SELECT resume_breaker('template', 'hello', 'x'), trip_breaker('business', 'other', 'r', 'n')");
	sql_expect(connection, OBSTACLE, "spring||\nsummer||");
	sql_run(connection, "SELECT trip_breaker('business', 'acme', 'r', 'n')");
	sql_expect(connection, OBSTACLE, "spring|breaker|r\nsummer|breaker|r");
	expect_refusal("SELECT trip_breaker('sender', 'nobody', 'r', 'n')", "sender \"nobody\" is unknown", NULL);
	expect_refusal(
		"SELECT trip_breaker('planet', 'acme', 'r', 'n')", "scope \"planet\" is unknown", "business, sender, campaign, template");
}

/* After a resume the same facts are no news. */
static void
a_resumed_breaker_arms_again_with_the_next_event(void **state)
{
	(void)state;
	sql_run(connection,
		"SELECT record_feedback('acme-wa', 'complaint', '2026-11-23 16:00Z', '+14155550101'), trip_breaker('sender', 'acme-wa', 'r', 'n')");
	sql_expect(connection, EVENTS("complaint_count", "sender", "'{BR}'"), "acme-wa|1||f");
	sql_run(connection, "SELECT resume_breaker('sender', 'acme-wa', 'x')");
	sql_expect(connection, EVENTS("complaint_count", "sender", "'{BR}'"), "acme-wa|1||f");
	the_clock_is("2026-11-23 17:01Z");
	sql_run(connection, "SELECT record_feedback('acme-wa', 'complaint', '2026-11-23 16:30Z', '+14155550102')");
	sql_expect(connection, EVENTS("complaint_count", "sender", "'{BR}'"), "acme-wa|2||t");
}

/* */
static void
a_new_text_is_asked_for_and_its_approval(void **state)
{
	(void)state;
	the_clock_is("2026-01-01Z"); /* approvals bear the server's time */
	sql_run(connection, "UPDATE campaign SET status = 'paused' WHERE name = 'summer'");
	sql_run(connection, "SELECT trip_breaker('sender', 'acme-wa', 'in.breaker.complaints', 'n', 'new_template')");
	expect_refusal("SELECT resume_breaker('sender', 'acme-wa', 'x')", "template \"hello\" is as it was", "daypart approve --template");
	sql_run(connection, "SELECT approve('template', 'hello')"); /* the old text, once more */
	expect_refusal("SELECT resume_breaker('sender', 'acme-wa', 'x')", "template \"hello\" is as it was", NULL);
	sql_run(connection, "UPDATE template SET body = 'Hi {{first_name}}, new' WHERE language = 'en'");
	expect_refusal("SELECT resume_breaker('sender', 'acme-wa', 'x')", "has not been approved since", "somebody else");
	sql_run(connection, "SAVEPOINT unapproved; SELECT approve('template', 'hello')");
	sql_expect(connection, "SELECT resume_breaker('sender', 'acme-wa', 'x')", "1");
	sql_run(connection, "ROLLBACK TO unapproved; UPDATE campaign SET status = 'cancelled'");
	expect_refusal("SELECT resume_breaker('sender', 'acme-wa', 'x')", "no campaign has one", NULL);
}

static void
a_warning_is_kept_once_a_day(void **state)
{
	(void)state;
	sql_expect(connection, "SELECT warn_breaker('sender', 'acme-wa', 'r', 'n')", "t");
	sql_expect(connection, "SELECT warn_breaker('sender', 'acme-wa', 'r', 'n'), warn_breaker('sender', 'acme-sms', 'r', 'n')", "f|t");
	the_clock_is("2026-11-24 17:00Z");
	sql_expect(connection, "SELECT warn_breaker('sender', 'acme-wa', 'r', 'n')", "t");
	sql_expect(connection, OBSTACLE, "spring||\nsummer||");
}

/* The outbox ---------------------------------------------------------------------------------------------------------------------------------- */

static void
the_outbox_keeps_back_what_has_tripped(void **state)
{
	(void)state;
	sql_run(connection,
		"UPDATE recipient SET variables = '{\"first_name\": \"Ana\"}';"
		"INSERT INTO outbox SELECT recipient_id, released_at, '2026-11-23 23:00Z', run_id, bucket FROM release WHERE released_at < "
		"'2026-11-23 15:02Z'");
	sql_run(connection, "SAVEPOINT untouched");
	sql_expect(connection, "SELECT count(*) FROM take_outbox(10)", "2");
	sql_run(connection, "ROLLBACK TO untouched");
	sql_run(connection, "SELECT trip_breaker('template', 'hello', 'r', 'n')");
	sql_run(connection,
		"UPDATE campaign_run SET campaign_hash = campaign_digest(c) FROM campaign AS c WHERE c.campaign_id = campaign_run.campaign_id");
	sql_expect(connection, "SELECT count(*) FROM take_outbox(10)", "0");
	sql_run(connection, "SELECT resume_breaker('template', 'hello', 'x')");
	sql_expect(connection, "SELECT count(*) FROM take_outbox(10)", "0"); /* not planned again yet */
	sql_run(connection,
		"UPDATE campaign_run SET campaign_hash = campaign_digest(c) FROM campaign AS c WHERE c.campaign_id = campaign_run.campaign_id");
	sql_expect(connection, "SELECT count(*) FROM take_outbox(10)", "2");
}

/* Senders that may not send ---------------------------------------------------------------------------------------------------------------------- */

static void
a_termination_is_that_of_the_business_on_the_channel(void **state)
{
	(void)state;
	sql_run(connection,
		"INSERT INTO sender (name, business, channel, address) VALUES ('old-wa', 'acme', 'whatsapp', '+14155550109');"
		"INSERT INTO sender_state (sender, state, since, reason) VALUES ('old-wa', 'terminated', '2026-11-20', 'letter of the platform')");
	sql_expect(connection, "SELECT name, sender_bar(s, '2036-01-01Z') FROM sender AS s ORDER BY 1",
		"acme-sms|\nacme-wa|terminated\nold-wa|terminated");
	sql_expect(connection, OBSTACLE, "spring|sender_barred|terminated\nsummer|sender_barred|terminated");
	sql_expect(connection, MATCHES, "false false");
	expect_refusal("SELECT lift_blacklisting('old-wa', 'please')", "was terminated", "final");
	sql_run(connection, "SET LOCAL ROLE daypart_marketer; SAVEPOINT before");
	sql_expect_error(connection, "UPDATE sender_state SET state = 'blacklisted'", &(struct sql_error){"42501", NULL, NULL});
	sql_run(connection, "ROLLBACK TO before");
	sql_expect_error(connection, "DELETE FROM sender_state", &(struct sql_error){"42501", NULL, NULL});
	sql_run(connection, "ROLLBACK TO before");
	sql_expect_error(connection, "UPDATE sender SET business = 'other'", &(struct sql_error){"42501", NULL, NULL});
	sql_run(connection, "ROLLBACK TO before; RESET ROLE");
	sql_expect_error(connection, "UPDATE sender_state SET lifted_at = now(), lifted_by = 'me', lifted_for = 'x'",
		&(struct sql_error){"23514", NULL, NULL});
}

static void
a_blacklisting_ends_when_its_last_day_is_over_everywhere(void **state)
{
	(void)state;
	sql_run(connection,
		"INSERT INTO sender_state (sender, state, since, blacklisted_until, reason)"
		"VALUES ('acme-wa', 'blacklisted', '2026-11-20', '2026-12-01', 'four complaints')");
	sql_expect(connection,
		"SELECT sender_bar(s, '2026-12-01 11:59:59Z'), sender_bar(s, '2026-12-01 12:00Z') FROM sender AS s WHERE name = 'acme-wa'",
		"blacklisted|");
	sql_expect(connection, "SELECT sender_bar(s, session_now()) FROM sender AS s WHERE name = 'acme-sms'", "");
	expect_refusal("SELECT lift_blacklisting('acme-wa', '')", "reason is missing", NULL);
	expect_refusal("SELECT lift_blacklisting('acme-sms', 'x')", "is not blacklisted", NULL);
	sql_expect(connection, "SELECT lift_blacklisting('acme-wa', 'the network agreed')", "1");
	sql_expect(connection, OBSTACLE, "spring||\nsummer||");
	sql_expect(connection, MATCHES, "false false");
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, take_back)
	const struct CMUnitTest tests[] = {
		TEST(a_complaint_is_about_the_last_message_and_opts_out),
		TEST(what_names_nobody_counts_everywhere),
		TEST(opt_outs_are_about_the_last_message_before_them),
		TEST(a_withdrawn_consent_is_an_opt_out_too),
		TEST(the_last_rating_of_a_sender_or_template_counts),
		TEST(messages_are_counted_no_further_than_asked),
		TEST(feedback_is_checked),
		TEST(what_trips_stays_until_somebody_resumes_it),
		TEST(each_scope_stops_its_own),
		TEST(a_resumed_breaker_arms_again_with_the_next_event),
		TEST(a_new_text_is_asked_for_and_its_approval),
		TEST(a_warning_is_kept_once_a_day),
		TEST(the_outbox_keeps_back_what_has_tripped),
		TEST(a_termination_is_that_of_the_business_on_the_channel),
		TEST(a_blacklisting_ends_when_its_last_day_is_over_everywhere),
	};

	return cmocka_run_group_tests(tests, start, stop) != 0;
}
