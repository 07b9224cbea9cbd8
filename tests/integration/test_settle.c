/*
 * What becomes of messages in flight, in the database: looked at once more before they leave, settled by their answers, obeyed where an answer is
 * about more than its message, recovered after a crash, and decided by people. The messages are put in flight here as a claim does it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sql_embedded.h"
#include "tests/support/daypart.h"
#include "tests/support/fixture_slots.h"
#include "tests/support/pg_cluster.h"
#include "tests/support/sql_expect.h"

struct world {
	struct pg_cluster *cluster;
	int databases, run;
	char *conninfo;
	PGconn *connection;
};

static struct world world;

/* World ------------------------------------------------------------------------------------------------------------------------------------- */

static int
open_world(void **state)
{
	(void)state;
	world.cluster = pg_cluster_start(NULL);
	free(fixture_slots_database(world.cluster, "template_settle", false));
	return 0;
}

static int
close_world(void **state)
{
	(void)state;
	pg_cluster_stop(&world.cluster);
	return 0;
}

static int
open_database(void **state)
{
	char name[32];

	(void)state;
	(void)snprintf(name, sizeof(name), "settle_%d", ++world.databases);
	world.conninfo = pg_cluster_new_database(world.cluster, name, "template_settle");
	world.connection = sql_connect(world.conninfo, NULL);
	world.run = fixture_slots_campaign(world.connection, &(struct fixture_campaign){.name = "spring", .sender = "north"});
	return 0;
}

static int
close_database(void **state)
{
	(void)state;
	PQfinish(world.connection);
	free(world.conninfo);
	return 0;
}

/* Shorthands -------------------------------------------------------------------------------------------------------------------------------- */

/* Slots that are due, claimed under epoch 1 by claim 7; they may leave for an hour. */
static void
fly(int count)
{
	fixture_slots_add(world.connection, &(struct fixture_slots){.run = world.run, .count = count, .due = "-1s", .not_after = "1h"});
	sql_run(world.connection,
		"INSERT INTO lane_lease (lane, epoch, until) SELECT sender_id, 1, 'infinity' FROM sender ON CONFLICT DO NOTHING;"
		"WITH gone AS (DELETE FROM slot RETURNING *) INSERT INTO inflight (recipient_id, claimed_at, due_at, not_after, consent_given_at, "
		"epoch, claim, run_id, class_id, plan_run, attempt, bucket, lane) SELECT recipient_id, now(), due_at, not_after, '2026-01-01Z', 1, "
		"7, "
		"run_id, class_id, plan_run, coalesce((SELECT attempts FROM sink_answer AS a WHERE a.recipient_id = gone.recipient_id), 0) + 1, "
		"bucket, "
		"lane FROM gone");
}

static int64_t
person(int k)
{
	return fixture_person(world.connection, world.run, k);
}

/* The answer to person k, as members of a JSON object. */
static void
settle(int k, const char *answer)
{
	fixture_execute(world.connection,
		"SELECT settle_flight(now(), '2 s', jsonb_build_array(jsonb_build_object('bucket', bucket_of(%lld), 'recipient_id', %lld, "
		"'run_id', %d, "
		"'epoch', 1, 'claim', 7) || jsonb_build_object(%s)))",
		(long long)person(k), (long long)person(k), world.run, answer);
}

static void
expect_places(const char *places)
{
	sql_expect(world.connection,
		"SELECT what, count(*) FROM (SELECT outcome::text || coalesce(' ' || name, '') AS what FROM release LEFT JOIN reason USING "
		"(reason) "
		"UNION ALL SELECT s.kind || ' ' || name FROM suppressed s JOIN reason USING (reason) UNION ALL SELECT 'queued' FROM slot "
		"UNION ALL SELECT CASE WHEN uncertain_at IS NULL THEN 'in flight' ELSE 'uncertain' END FROM inflight) AS everybody "
		"GROUP BY what ORDER BY what",
		places);
}

static void
take(const char *count)
{
	sql_expect(world.connection, "SELECT count(*) FROM take_flight((SELECT sender_id FROM sender WHERE name = 'north'), 1, 7)", count);
}

static void
suppress(int k)
{
	fixture_execute(world.connection,
		"INSERT INTO suppression SELECT id, now(), 0, bucket_of(id), 'all', 'marketing' FROM (SELECT %lld) AS p (id)",
		(long long)person(k));
}

static void
run_settle(const char *line, int code, const char *part)
{
	struct process_result result = daypart_run(world.conninfo, line);

	if (result.exit_code != code || (part != NULL && strstr(result.out, part) == NULL && strstr(result.err, part) == NULL))
		fail_msg("daypart %s: exit code %d\n%s%s", line, result.exit_code, result.out, result.err);
	process_result_free(&result);
}

/* Between claim and wire -------------------------------------------------------------------------------------------------------------------- */

static void
an_opt_out_between_claim_and_wire_is_honoured(void **state)
{
	(void)state;
	fly(4);
	suppress(1);
	fixture_execute(world.connection, "UPDATE consent SET state = 'withdrawn' WHERE recipient_id = %lld", (long long)person(2));
	fixture_execute(world.connection, "DELETE FROM recipient WHERE recipient_id = %lld", (long long)person(3));
	take("1");
	expect_places("held not_a_recipient|1\nin flight|1\nrefused no_consent|1\nrefused opted_out|1");
}

static void
a_pause_between_claim_and_wire_is_honoured(void **state)
{
	(void)state;
	fly(2);
	sql_run(world.connection, "UPDATE campaign SET status = 'paused'");
	take("0");
	expect_places("held campaign_paused|2");
}

static void
a_stop_between_claim_and_wire_puts_everything_back(void **state)
{
	(void)state;
	fly(2);
	sql_run(world.connection, "UPDATE control SET stopped = true");
	take("0");
	expect_places("queued|2");
	sql_expect(world.connection, "SELECT count(*) FROM sink_answer", "0"); /* no attempt */
}

/* Answers ----------------------------------------------------------------------------------------------------------------------------------- */

static void
answers_settle_once(void **state)
{
	(void)state;
	fly(3);
	settle(1, "'state', 'handed_over', 'action', 'accepted', 'provider_id', 'wamid.1', 'left_at', now() + interval '1 second'");
	settle(1, "'state', 'handed_over', 'action', 'accepted', 'provider_id', 'wamid.2'");
	settle(1, "'state', 'queued', 'again', now()");
	settle(2, "'state', 'failed', 'why', 'sink_refused', 'action', 'drop', 'code', '130472'");
	settle(3, "'state', 'handed_over', 'epoch', 2"); /* of another daemon's claim */
	expect_places("failed sink_refused|1\nhanded_over|1\nin flight|1");
	sql_expect(world.connection, "SELECT action, provider_id, code, attempts FROM sink_answer ORDER BY action",
		"accepted|wamid.1||1\ndrop||130472|1");
	sql_expect(world.connection, "SELECT consent_given_at = '2026-01-01Z', released_at > due_at FROM release WHERE outcome = 'handed_over'",
		"t|t");
}

/* As a remover would: it has found no slot, so its fact decides. */
static void
a_retry_is_looked_at_before_it_is_queued(void **state)
{
	(void)state;
	fly(5);
	suppress(1);
	fixture_execute(world.connection, "UPDATE consent SET state = 'withdrawn' WHERE recipient_id = %lld", (long long)person(2));
	fixture_execute(world.connection, "INSERT INTO permission_change (recipient_id, bucket) VALUES (%lld, bucket_of(%lld))",
		(long long)person(3), (long long)person(3));
	for (int k = 1; k <= 4; k++)
		settle(k, "'state', 'queued', 'again', now() + interval '6 seconds', 'action', 'retry_person', 'code', '131056'");
	settle(5, "'state', 'queued', 'again', now() + interval '2 hours', 'action', 'retry'");
	expect_places("expired expired|1\nheld facts_changed|1\nqueued|1\nrefused no_consent|1\nrefused opted_out|1");
	sql_expect(world.connection,
		"SELECT due_at > now() + interval '5 seconds', due_at < not_after, part, attempts, not_before = due_at FROM slot JOIN sink_answer "
		"USING (bucket, recipient_id, run_id)",
		"t|t|0|1|t");
	fly(0);
	sql_expect(world.connection, "SELECT attempt FROM inflight", "2");
}

static void
what_was_tried_often_enough_goes_by_the_catch_up(void **state)
{
	(void)state;
	sql_run(world.connection, "UPDATE campaign SET catch_up = 'next_window'");
	fly(2);
	settle(1, "'state', 'queued', 'again', timestamptz 'infinity', 'action', 'retry'");
	settle(2, "'state', 'queued', 'again', now() + interval '8 hours', 'action', 'later', 'code', '131049'");
	expect_places("held missed|1\nheld try_later|1");
	sql_expect(world.connection, "SELECT action, not_before IS NULL FROM sink_answer ORDER BY action", "later|f\nretry|t");
}

/* More than the message --------------------------------------------------------------------------------------------------------------------- */

static void
obey(const char *action, int k, const char *done)
{
	char query[512];

	(void)snprintf(query, sizeof(query), "SELECT obey_provider('%s', bucket_of(%lld), %lld, %d, 'hello', 'en', '42', 'says no', 3)", action,
		(long long)person(k), (long long)person(k), world.run);
	sql_expect(world.connection, query, done);
}

static void
a_person_who_stopped_is_suppressed(void **state)
{
	(void)state;
	fly(1);
	fixture_execute(world.connection, "UPDATE recipient SET phone = 14155550123 WHERE recipient_id = %lld", (long long)person(1));
	obey("stop_person", 1, "wrote a suppression");
	sql_expect(world.connection,
		"SELECT recipient_id = person_id(14155550123), channel, category, source, business_id > 0 FROM suppression",
		"t|all|marketing|provider 42|t");
}

/* Two others have not reached the person either. */
static void
a_person_who_is_never_reached_is_not_tried_on_and_on(void **state)
{
	(void)state;
	fly(1);
	fixture_execute(world.connection, "UPDATE recipient SET phone = 14155550123 WHERE recipient_id = %lld", (long long)person(1));
	for (int before = 1; before <= 2; before++) {
		char name[16];
		int run;

		obey("unreachable", 1, "");
		(void)snprintf(name, sizeof(name), "earlier-%d", before);
		run = fixture_slots_campaign(world.connection, &(struct fixture_campaign){.name = name, .sender = "north"});
		fixture_execute(world.connection,
			"INSERT INTO sink_answer (recipient_id, answered_at, run_id, bucket, attempts, action) VALUES "
			"(%lld, now(), %d, bucket_of(%lld), 1, 'unreachable')",
			(long long)person(1), run, (long long)person(1));
	}
	obey("unreachable", 1, "wrote a suppression");
	sql_expect(world.connection, "SELECT channel, category FROM suppression", "sms|all");
}

static void
campaigns_templates_and_senders_are_stopped_once(void **state)
{
	(void)state;
	sql_run(world.connection,
		"INSERT INTO sender (name, business, channel, address, created_by) VALUES ('south', 'acme', 'sms', '+14155550101', 'ana')");
	fly(1);
	obey("hold_template", 1, "template hello/en is paused now");
	obey("hold_template", 1, "");
	obey("stop_campaign", 1, "paused campaign spring");
	obey("stop_campaign", 1, "");
	sql_expect(world.connection, "SELECT status, note FROM campaign_event WHERE status = 'paused'",
		"paused|the provider refuses its messages: 42 says no");
	obey("stop_sender", 1, "stopped sender north");
	obey("pause_account", 1, "stopped sender south");
	obey("late", 1, "");
	obey("late", 1, "");
	sql_expect(world.connection, "SELECT sender_id, kind, template, note FROM feedback", "1|violation|hello|42 says no");
	sql_expect(world.connection, "SELECT scope, rule, note FROM breaker ORDER BY note",
		"sender|provider|pause_account 42 says no\nsender|provider|stop_sender 42 says no");
	sql_expect(world.connection, "SELECT subject, name, action, code, text FROM provider_stop ORDER BY subject",
		"campaign|spring|stop_campaign|42|says no\ntemplate|hello/en|hold_template|42|says no");
	run_settle("status", 1, "the provider refused a campaign");
}

/* Uncertain --------------------------------------------------------------------------------------------------------------------------------- */

static void
a_late_answer_is_as_good_as_one_in_time(void **state)
{
	(void)state;
	fly(2);
	sql_run(world.connection, "UPDATE lane_lease SET epoch = 2");
	sql_expect(world.connection, "SELECT recover_flight()", "2");
	sql_expect(world.connection, "SELECT recover_flight()", "0");
	expect_places("uncertain|2");
	settle(1, "'state', 'handed_over'");
	expect_places("handed_over|1\nuncertain|1");
}

static void
people_decide_what_nobody_knows(void **state)
{
	char line[512];
	char *key;

	(void)state;
	fly(3);
	run_settle("settle", 0, NULL); /* in flight, not uncertain */
	for (int k = 1; k <= 3; k++)
		settle(k, "'state', 'uncertain', 'action', 'uncertain', 'code', '503', 'words', 'timed out'");
	sql_expect(world.connection, "SELECT in_flight, uncertain FROM campaign_summary", "0|3");
	run_settle("--format csv settle --campaign spring", 1, "503,timed out");
	run_settle("status", 1, "nobody knows whether messages were sent");
	run_settle("settle --sent", 64, "reason");
	run_settle("settle --sent --reason seen", 64, "which messages");
	run_settle("settle --sent --not-sent --reason seen --all", 64, "contradict");
	run_settle("settle --key nobody --sent --reason seen", 65, "no uncertain message");
	run_settle("settle --older-than 1h --sent --reason seen", 65, "no uncertain message");
	key = sql_text(world.connection, "SELECT min(idempotency_key) FROM uncertain_message");
	(void)snprintf(line, sizeof(line), "settle --key %s --sent --reason seen", key);
	run_settle(line, 0, "handed over");
	run_settle(line, 65, "no uncertain message");
	run_settle("settle --campaign spring --not-sent --reason unseen", 0, "2");
	expect_places("handed_over|1\nheld not_sent|2");
	sql_expect(world.connection, "SELECT sent, why, count(*), min(by_whom) <> '' FROM settlement GROUP BY 1, 2 ORDER BY 1",
		"f|unseen|2|t\nt|seen|1|t");
	run_settle("settle", 0, NULL);
	for (int k = 1; k <= 3; k++)
		settle(k, "'state', 'handed_over'"); /* too late: decided */
	expect_places("handed_over|1\nheld not_sent|2");
	free(key);
}

#define REPEATABLE(lanes) "SELECT count(*) FROM repeat_flight(" lanes ", 100, '2 s')"
#define NORTH "(SELECT array_agg(sender_id) FROM sender WHERE name = 'north')"

/* Under its own key, and like any message that leaves now: for everybody else it stays what it is. */
static void
what_is_uncertain_may_be_repeated_where_it_may_leave(void **state)
{
	static const char *const obstacles[] = {"UPDATE control SET stopped = true", "UPDATE campaign SET status = 'paused'",
		"UPDATE inflight SET claimed_at = claimed_at - interval '2 days'"};

	(void)state;
	fly(7);
	for (int k = 1; k <= 6; k++)
		settle(k, "'state', 'uncertain', 'action', 'uncertain', 'code', 'http_500'"); /* of the seventh the answer is waited for */
	suppress(1);
	fixture_execute(world.connection, "UPDATE consent SET state = 'withdrawn' WHERE recipient_id = %lld", (long long)person(2));
	fixture_execute(world.connection, "DELETE FROM recipient WHERE recipient_id = %lld", (long long)person(3));
	fixture_execute(world.connection, "INSERT INTO permission_change (recipient_id, bucket) VALUES (%lld, bucket_of(%lld))",
		(long long)person(4), (long long)person(4));
	fixture_execute(
		world.connection, "UPDATE inflight SET not_after = now() + interval '1 s' WHERE recipient_id = %lld", (long long)person(5));
	sql_expect(world.connection, REPEATABLE("'{}'"), "0");
	sql_expect(world.connection, REPEATABLE(NORTH), "1");
	sql_expect(world.connection, REPEATABLE(NORTH), "0"); /* not twice within a minute */
	for (size_t i = 0; i < sizeof obstacles / sizeof obstacles[0]; i++) {
		sql_run(world.connection, "BEGIN; UPDATE inflight SET asked_at = NULL");
		sql_run(world.connection, obstacles[i]);
		sql_expect(world.connection, REPEATABLE(NORTH), "0");
		sql_run(world.connection, "ROLLBACK");
	}
	expect_places("in flight|1\nuncertain|6");
}

static void
roles_may_do_their_part(void **state)
{
	(void)state;
	fly(2);
	fixture_execute(world.connection, "UPDATE recipient SET phone = 14155550123 WHERE recipient_id = %lld", (long long)person(1));
	sql_run(world.connection, "SET ROLE daypart_scheduler");
	take("2");
	sql_expect(world.connection, "SELECT recover_flight()", "0");
	sql_expect(world.connection, REPEATABLE("'{}'"), "0");
	obey("stop_campaign", 1, "paused campaign spring");
	obey("stop_person", 1, "wrote a suppression");
	obey("stop_sender", 1, "stopped sender north");
	obey("hold_template", 1, "template hello/en is paused now");
	sql_run(world.connection, "SELECT account_senders(1::smallint)");
	settle(1, "'state', 'failed', 'why', 'opted_out', 'action', 'stop_person'");
	settle(2, "'state', 'uncertain'");
	sql_expect_error(
		world.connection, "SELECT settle_uncertain(NULL, 'spring', NULL, true, 'seen')", &(struct sql_error){"42501", "permission", NULL});
	sql_expect_error(world.connection, "SELECT phone FROM flight_message", &(struct sql_error){"42501", "permission", NULL});
	sql_run(world.connection, "SET ROLE daypart_marketer");
	sql_expect(world.connection, "SELECT count(*) FROM uncertain_message", "1");
	sql_expect(world.connection, "SELECT settle_uncertain(NULL, 'spring', NULL, true, 'seen')", "1");
	sql_run(world.connection, "RESET ROLE");
}

static void
checks_stay_empty(void **state)
{
	(void)state;
	fly(4);
	settle(1, "'state', 'handed_over'");
	settle(2, "'state', 'uncertain'");
	settle(3, "'state', 'queued', 'again', now() + interval '1 second', 'action', 'retry'");
	sql_run(world.connection, "SELECT settle_uncertain(NULL, 'spring', NULL, false, 'unseen')");
	for (size_t i = 0; i < sql_check_count; i++)
		if (strstr(sql_checks[i].name, "accounted_once") != NULL || strstr(sql_checks[i].name, "flight") != NULL ||
			strstr(sql_checks[i].name, "sender") != NULL || strstr(sql_checks[i].name, "slot_in_ledger") != NULL)
			sql_expect(world.connection, sql_checks[i].text, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_opt_out_between_claim_and_wire_is_honoured, open_database, close_database),
		cmocka_unit_test_setup_teardown(a_pause_between_claim_and_wire_is_honoured, open_database, close_database),
		cmocka_unit_test_setup_teardown(a_stop_between_claim_and_wire_puts_everything_back, open_database, close_database),
		cmocka_unit_test_setup_teardown(answers_settle_once, open_database, close_database),
		cmocka_unit_test_setup_teardown(a_retry_is_looked_at_before_it_is_queued, open_database, close_database),
		cmocka_unit_test_setup_teardown(what_was_tried_often_enough_goes_by_the_catch_up, open_database, close_database),
		cmocka_unit_test_setup_teardown(a_person_who_stopped_is_suppressed, open_database, close_database),
		cmocka_unit_test_setup_teardown(a_person_who_is_never_reached_is_not_tried_on_and_on, open_database, close_database),
		cmocka_unit_test_setup_teardown(campaigns_templates_and_senders_are_stopped_once, open_database, close_database),
		cmocka_unit_test_setup_teardown(a_late_answer_is_as_good_as_one_in_time, open_database, close_database),
		cmocka_unit_test_setup_teardown(people_decide_what_nobody_knows, open_database, close_database),
		cmocka_unit_test_setup_teardown(what_is_uncertain_may_be_repeated_where_it_may_leave, open_database, close_database),
		cmocka_unit_test_setup_teardown(roles_may_do_their_part, open_database, close_database),
		cmocka_unit_test_setup_teardown(checks_stay_empty, open_database, close_database),
	};

	return cmocka_run_group_tests(tests, open_world, close_world);
}
