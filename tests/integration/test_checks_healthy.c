/* The checks of sql/check: a healthy database gives no row, and each ailment is found by the check that is there for it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "sql_embedded.h"
#include "tests/support/pg_cluster.h"
#include "tests/support/schema_fixture.h"
#include "tests/support/sql_expect.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define FIRST "WHERE recipient_id = person_id(14155550101) AND run_id = 1"
#define LEDGER(outcome, released_at, reason) \
	"INSERT INTO release SELECT recipient_id, due_at, " released_at ", NULL, run_id, class_id, plan_run, bucket, " reason ", '" outcome \
	"' FROM slot " FIRST
#define LEFT "; DELETE FROM slot " FIRST

static const struct ailment {
	const char *check, *cause;
} ailments[] = {
	{"slot_unique",
		"CREATE TABLE slot_9 PARTITION OF slot FOR VALUES IN (9);"
		"INSERT INTO slot SELECT recipient_id, due_at, not_after, run_id, class_id, plan_run, bucket, lane, 9 FROM slot " FIRST},
	{"slot_in_ledger", LEDGER("handed_over", "due_at", "NULL")},
	{"slot_in_ledger",
		"INSERT INTO inflight SELECT recipient_id, due_at, due_at, not_after, run_id, class_id, plan_run, 1, bucket, lane FROM "
		"slot " FIRST},
	{"accounted_once", LEDGER("handed_over", "due_at", "NULL")},
	{"accounted_once", "INSERT INTO suppressed SELECT recipient_id, due_at, run_id, 1, bucket, 1, 'suppressed' FROM slot " FIRST},
	{"accounted_all", "DELETE FROM slot " FIRST},
	{"bucket_formula", "UPDATE consent SET bucket = (bucket + 1) % 1024"},
	{"bucket_formula", "UPDATE slot SET bucket = (bucket + 1) % 1024"},
	{"slot_of_suppressed_person", "INSERT INTO suppression SELECT recipient_id, '2026-11-01Z', 0, bucket, 'all', 'all' FROM slot " FIRST},
	{"slot_of_suppressed_person",
		"INSERT INTO suppression SELECT recipient_id, '2026-11-01Z', 1, bucket, 'whatsapp', 'marketing' FROM slot " FIRST},
	{"slot_without_consent", "UPDATE consent SET state = 'withdrawn'"},
	{"slot_references", "UPDATE slot SET class_id = 99 " FIRST},
	{"slot_references", "UPDATE slot SET plan_run = 99 " FIRST},
	{"slot_references", "UPDATE slot SET run_id = 99 " FIRST},
	{"slot_references", "UPDATE slot SET lane = 2 " FIRST},
	{"slot_outside_run", "UPDATE slot SET not_after = '2026-12-01 00:00:01Z' " FIRST},
	{"slot_outside_run", "UPDATE slot SET due_at = '2026-11-22 23:59:59Z' " FIRST},
	{"released_too_early", LEDGER("handed_over", "due_at - interval '1 ms'", "NULL") LEFT},
	{"released_too_early", LEDGER("handed_over", "'2027-01-01Z'", "NULL") LEFT},
	{"released_after_opt_out", LEDGER("handed_over", "due_at", "NULL") LEFT "; SELECT opt_out('+14155550101', at => '2026-11-23 14:59Z')"},
	{"released_while_tripped",
		"UPDATE installation SET rehearsal = false; SELECT trip_breaker('sender', s.name, 'house.x', 'x') FROM sender AS s; UPDATE "
		"breaker_event SET "
		"at = '2026-11-23 14:59Z'; " LEDGER("handed_over", "'2026-11-23 15:00Z'", "NULL") LEFT},
	{"released_while_tripped",
		"UPDATE installation SET rehearsal = false; SELECT trip_breaker('template', 'hello', 'house.x', 'x');"
		"UPDATE breaker_event SET at = '2026-11-23 14:59Z'; " LEDGER("uncertain", "'2026-11-23 15:00Z'", "NULL") LEFT},
	{"sender_second", "UPDATE slot SET due_at = '2026-11-23 15:00Z'; UPDATE sender SET throughput_per_s = 4"},
	{"sender_tick", "UPDATE slot SET due_at = '2026-11-23 15:00Z'"},
	{"reason_known", "UPDATE suppressed SET kind = 'suppressed'"},
	{"reason_known", "UPDATE suppressed SET reason = 999"},
	{"reason_known", LEDGER("refused", "due_at", "NULL") LEFT},
	{"reason_known", LEDGER("handed_over", "due_at", "1") LEFT},
	{"consent_is_newest", "UPDATE consent SET state = 'withdrawn'"},
	{"consent_is_newest", "DELETE FROM consent_event"},
	{"recipient_phone_unique", "UPDATE recipient SET phone = 14155550101"},
	{"outbox_in_ledger", "INSERT INTO outbox SELECT recipient_id, due_at, not_after, run_id, bucket FROM slot"},
	{"variable_declared", "UPDATE recipient SET variables = '{\"birthday\": \"x\"}'"},
	{"gate_complete", "DELETE FROM bucket_gate WHERE bucket = 1023"},
	{"approved_by_submitter", "UPDATE campaign SET created_by = session_user"},
	{"approved_by_submitter", "SELECT approve('template', 'hello'); UPDATE template SET created_by = session_user WHERE language = 'pt'"},
	{"wording_agrees",
		"INSERT INTO wording (business, name, language, body, says_marketing, approved_by, approved_at)"
		" VALUES ('acme', 'x', 'en', 'x', true, 'ana', now()), ('acme', 'x', 'de', 'x', false, 'ana', now())"},
	{"flight_is_late",
		"INSERT INTO inflight SELECT recipient_id, not_after, due_at, not_after, run_id, class_id, plan_run, 1, bucket, lane FROM "
		"slot " FIRST},
	{"flight_settled",
		LEDGER("refused", "due_at", "1") LEFT
		"; INSERT INTO settlement SELECT recipient_id, released_at, run_id, bucket, 1, true, 'ana', 'seen' FROM release"},
	{"flight_settled",
		LEDGER("handed_over", "due_at", "NULL") LEFT
		"; INSERT INTO settlement SELECT recipient_id, released_at + interval '1 hour', run_id, "
		"bucket, 1, false, 'ana', 'unseen' FROM release"},
	{"budget_kept",
		"INSERT INTO lane_block (lane, since, messages) VALUES (1, '2026-11-23 15:00Z', 1);"
		"INSERT INTO lane_sent VALUES (1, '2026-11-23 15:00Z', 1, 2)"},
	{"budget_counted",
		LEDGER("handed_over", "due_at", "NULL") LEFT
		"; INSERT INTO lane_lease (lane, counts) VALUES (1, true) ON CONFLICT (lane) DO UPDATE SET counts = true;"
		"INSERT INTO lane_block (lane, counted_from) VALUES (1, '2026-11-22Z')"},
	{"purchased_kept", "UPDATE recipient SET source = 'Purchased!'"},
};

static bool
finds(PGconn *connection, const struct sql_statement *check)
{
	char *rows = sql_text(connection, check->text);
	const bool any = rows[0] != '\0';

	free(rows);
	return any;
}

static const struct sql_statement *
check_named(const char *name)
{
	for (size_t i = 0; i < sql_check_count; i++)
		if (strcmp(sql_checks[i].name, name) == 0)
			return &sql_checks[i];
	fail_msg("there is no check %s", name);
	return NULL;
}

static bool
is_tried(const char *name)
{
	for (size_t i = 0; i < COUNT(ailments); i++)
		if (strcmp(ailments[i].check, name) == 0)
			return true;
	return false;
}

static void
a_healthy_database_gives_no_rows(void **state)
{
	for (size_t i = 0; i < sql_check_count; i++)
		sql_expect(*state, sql_checks[i].text, "");
}

static void
each_ailment_is_found(void **state)
{
	for (size_t i = 0; i < COUNT(ailments); i++) {
		sql_run(*state, "BEGIN");
		sql_run(*state, ailments[i].cause);
		if (!finds(*state, check_named(ailments[i].check)))
			fail_msg("%s does not find: %s", ailments[i].check, ailments[i].cause);
		sql_run(*state, "ROLLBACK");
	}
}

/* What is paused stays on its seconds when the sender becomes slower; they count again from the moment it is resumed. */
static void
seconds_of_a_paused_campaign_wait_until_it_is_resumed(void **state)
{
	sql_run(*state,
		"BEGIN; UPDATE slot SET due_at = '2026-11-23 15:00Z'; UPDATE sender SET throughput_per_s = 4;"
		"SELECT campaign_set_status(name, 'paused') FROM campaign");
	assert_false(finds(*state, check_named("sender_second")));
	sql_run(*state, "SELECT campaign_set_status(name, 'approved') FROM campaign");
	assert_true(finds(*state, check_named("sender_second")));
	sql_run(*state, "ROLLBACK");
}

static void
every_check_is_tried(void **state)
{
	(void)state;
	for (size_t i = 0; i < sql_check_count; i++)
		if (!is_tried(sql_checks[i].name))
			fail_msg("no ailment is made for check %s", sql_checks[i].name);
}

static struct pg_cluster *cluster;

static int
set_up(void **state)
{
	char *conninfo;

	cluster = pg_cluster_start(NULL);
	conninfo = schema_database(cluster, "checks");
	*state = sql_connect(conninfo, NULL);
	schema_world(*state);
	free(conninfo);
	return 0;
}

static int
tear_down(void **state)
{
	PQfinish(*state);
	pg_cluster_stop(&cluster);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_healthy_database_gives_no_rows),
		cmocka_unit_test(each_ailment_is_found),
		cmocka_unit_test(seconds_of_a_paused_campaign_wait_until_it_is_resumed),
		cmocka_unit_test(every_check_is_tried),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
