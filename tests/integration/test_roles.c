/* Roles: each can do its work and no more, and an installer needs no superuser. Roles belong to a cluster, so this test has its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/pg_cluster.h"
#include "tests/support/schema_fixture.h"
#include "tests/support/sql_expect.h"
#include "tests/support/sql_probe.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct fixture {
	struct pg_cluster *cluster;
	char *conninfo;
	PGconn *connection;
};

/* The conninfo of another user; the caller frees it. */
static char *
conninfo_as(const char *conninfo, const char *user)
{
	char *text = NULL;

	if (asprintf(&text, "%s user=%s", conninfo, user) < 0)
		abort();
	return text;
}

static enum status
migrate_as(const struct fixture *fixture, const char *database, const char *user, struct err *err)
{
	char *superuser = pg_cluster_new_database(fixture->cluster, database, NULL);
	char *conninfo = conninfo_as(superuser, user);
	char grant[128];
	PGconn *connection = sql_connect(superuser, NULL);
	enum status status;

	snprintf(grant, sizeof(grant), "GRANT CREATE ON DATABASE %s TO %s", database, user);
	sql_run(connection, grant);
	PQfinish(connection);
	status = schema_migrate(conninfo, err);
	free(conninfo);
	free(superuser);
	return status;
}

static void
an_installer_without_the_right_to_make_roles_is_told(void **state)
{
	struct err err = ERR_INIT;

	assert_int_not_equal(migrate_as(*state, "refused", "nobody", &err), STATUS_OK);
	assert_string_equal(err.sqlstate, "42501");
	assert_non_null(strstr(err.primary, "role daypart_owner cannot be made or used by nobody"));
	assert_non_null(strstr(err.hint, "ALTER ROLE nobody CREATEROLE"));
}

static void
an_installer_needs_no_superuser(void **state)
{
	struct err err = ERR_INIT;

	assert_int_equal(migrate_as(*state, "installed", "installer", &err), STATUS_OK);
	sql_expect(((struct fixture *)*state)->connection,
		"SELECT string_agg(roleid::regrole::text, ' ') FROM pg_auth_members WHERE member = 'installer'::regrole AND roleid::regrole::text "
		"~ 'daypart'",
		"daypart_owner"); /* but not the keeper of the key */
}

static void
roles_that_are_there_already_are_used(void **state)
{
	struct err err = ERR_INIT;

	assert_int_equal(migrate_as(*state, "second", "installer", &err), STATUS_OK);
}

static int
set_up(void **state)
{
	static struct fixture fixture;
	char *admin;

	fixture.cluster = pg_cluster_start(&(struct pg_cluster_options){.own = true});
	admin = pg_cluster_new_database(fixture.cluster, "admin", NULL);
	fixture.connection = sql_connect(admin, NULL);
	sql_run(fixture.connection, "CREATE ROLE nobody LOGIN; CREATE ROLE installer LOGIN CREATEROLE");
	free(admin);
	*state = &fixture;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *fixture = *state;

	PQfinish(fixture->connection);
	free(fixture->conninfo);
	pg_cluster_stop(&fixture->cluster);
	return 0;
}

/* The world of schema_fixture, for the tests after this one, in which the roles log in themselves. */
static void
a_superuser_may_install_as_well(void **state)
{
	struct fixture *fixture = *state;

	fixture->conninfo = schema_database(fixture->cluster, "roles");
	PQfinish(fixture->connection);
	fixture->connection = sql_connect(fixture->conninfo, NULL);
	schema_world(fixture->connection);
	sql_run(fixture->connection,
		"INSERT INTO campaign (name, sender, template, audience, starts_at, ends_at, created_by)"
		"	SELECT 'draft', sender, template, audience, starts_at, ends_at, 'ana' FROM campaign WHERE name = 'spring';"
		"INSERT INTO wording (business, name, body, created_by) VALUES ('acme', 'form', 'x', 'ana')");
	sql_run(fixture->connection,
		"ALTER ROLE daypart_marketer LOGIN; ALTER ROLE daypart_planner LOGIN; ALTER ROLE daypart_scheduler LOGIN;"
		"ALTER ROLE daypart_analyst LOGIN; ALTER ROLE daypart_privacy LOGIN; ALTER ROLE daypart_owner LOGIN");
}

/* Who runs the statements whose names begin so. */
static const struct user {
	const char *prefix, *role;
} users[] = {
	{"import_", "daypart_marketer"},
	{"lifecycle_", "daypart_marketer"},
	{"control_", "daypart_marketer"},
	{"control_", "daypart_planner"},
	{"status_", "daypart_marketer"},
	{"status_", "daypart_planner"},
	{"status_", "daypart_analyst"},
	{"plan_", "daypart_planner"},
	{"publish_", "daypart_planner"},
	{"zones_", "daypart_planner"},
	{"release_", "daypart_scheduler"},
	{"zones_", "daypart_scheduler"},
};

static size_t
denied(PGconn *connection, const struct user *user)
{
	char message[SQL_PROBE_MESSAGE_MAX];
	size_t count = 0;

	for (size_t i = 0; i < sql_query_count; i++) {
		if (strncmp(sql_queries[i]->name, user->prefix, strlen(user->prefix)) != 0)
			continue;
		sql_run(connection, "SAVEPOINT one");
		if (!sql_probe(connection, sql_queries[i], message)) {
			print_error("%s, %s: %s", user->role, sql_queries[i]->name, message);
			count++;
		}
		sql_run(connection, "ROLLBACK TO one; DEALLOCATE ALL");
	}
	return count;
}

static void
each_role_may_run_its_statements(void **state)
{
	const struct fixture *fixture = *state;
	size_t count = 0;

	for (size_t i = 0; i < COUNT(users); i++) {
		PGconn *connection = sql_connect(fixture->conninfo, users[i].role);

		sql_run(connection, "BEGIN");
		if (strcmp(users[i].role, "daypart_planner") == 0)
			sql_run(connection, "SELECT plan_stage()");
		if (strcmp(users[i].prefix, "import_") == 0)
			sql_run(connection, "SELECT import_begin()");
		count += denied(connection, &users[i]);
		PQfinish(connection);
	}
	assert_int_equal(count, 0);
}

struct attempt {
	const char *role, *statement;
	bool allowed;
};

static const struct attempt attempts[] = {
	{"daypart_marketer",
		"INSERT INTO campaign (name, sender, template, audience, starts_at, ends_at, tags) VALUES ('x', 'acme-wa', 'hello', 'everyone',"
		"'2026-11-23T00:00Z', '2026-12-01T00:00Z', 'alcohol'); SELECT campaign_set_status('x', 'cancelled')",
		true},
	{"daypart_marketer", "SELECT campaign_set_status('draft', 'approved'), approve('campaign', 'spring'), approve('template', 'hello')",
		true},
	{"daypart_marketer", "INSERT INTO campaign (name, created_by) VALUES ('x', 'ana')", false},
	{"daypart_marketer", "UPDATE campaign SET created_by = 'ana'", false},
	{"daypart_marketer", "UPDATE template SET created_by = 'ana'", false},
	{"daypart_marketer", "UPDATE sender SET created_by = 'ana'", false},
	{"daypart_marketer", "INSERT INTO business (name, created_by) VALUES ('x', 'ana')", false},
	{"daypart_marketer",
		"INSERT INTO attestation (subject, name, item, given_on, valid_until, reference, note)"
		" VALUES ('sender', 'acme-sms', '10dlc.number', '2026-01-01', '2027-01-01', 'safe', '');"
		"SELECT revoke_attestation('sender', 'acme-sms', '10dlc.number')",
		true},
	{"daypart_marketer", "INSERT INTO attestation (subject, name, item, by_whom) VALUES ('sender', 'acme-sms', 'x', 'ana')", false},
	{"daypart_marketer", "UPDATE attestation SET valid_until = NULL", false},
	{"daypart_marketer", "DELETE FROM attestation", false},
	{"daypart_marketer", "INSERT INTO approval (subject, name, digest) VALUES ('campaign', 'spring', '')", false},
	{"daypart_marketer", "DELETE FROM approval", false},
	{"daypart_marketer", "SELECT write_approval('campaign', 'spring', '')", false},
	{"daypart_marketer", "INSERT INTO wording (business, name, language, body) VALUES ('acme', 'x', 'en', 'x')", true},
	{"daypart_marketer", "INSERT INTO wording (business, name, body, approved_by, approved_at) VALUES ('acme', 'x', 'x', 'y', now())",
		false},
	{"daypart_marketer", "UPDATE wording SET body = 'x'", false},
	{"daypart_marketer", "SELECT approve_wording('acme', 'form')", true},
	{"daypart_marketer", "SELECT grant_waiver('us.cap', 'acme', 'compliance', 'x', '2199-01-01', 'ana')", false},
	{"daypart_marketer",
		"INSERT INTO waiver (rule, business, role, reason, expires_on, asked_by) VALUES ('x', 'acme', 'x', 'x', now(), 'x')", false},
	{"daypart_marketer", "SELECT declare_emergency('US-CA'), end_emergency('US-CA')", true},
	{"daypart_marketer", "DELETE FROM emergency", false},
	{"daypart_marketer", "SELECT record_refusal('+14155550101', 'acme', 'sms')", true},
	{"daypart_marketer", "INSERT INTO consent_word VALUES ('x', 'inbound')", false},
	{"daypart_marketer", "SELECT refresh_evidence()", false},
	{"daypart_marketer", "SELECT * FROM attestation, approval, wording, waiver, emergency, consent_word", true},
	{"daypart_marketer", "UPDATE campaign SET priority = 1", true},
	{"daypart_marketer", "UPDATE campaign SET status = 'approved'", false},
	{"daypart_marketer", "INSERT INTO campaign (name, status) VALUES ('x', 'approved')", false},
	{"daypart_marketer", "DELETE FROM campaign", false},
	{"daypart_marketer",
		"INSERT INTO business (name) VALUES ('x'); INSERT INTO audience (name, business) VALUES ('x', 'x');"
		"INSERT INTO sender (name, business, channel, address) VALUES ('x', 'x', 'sms', '24365');"
		"INSERT INTO template (name, language, business, channel, category, body) VALUES ('x', 'en', 'x', 'sms', 'marketing', 'x')",
		true},
	{"daypart_marketer",
		"SELECT add_recipient('+14155550199', 'US'), opt_out('+14155550199'), record_consent('+14155550199', 'acme', 'sms'),"
		"withdraw_consent('+14155550199', 'acme', 'sms'), receive('acme-wa', '+14155550199', 'stop'),"
		"record_send('+14155550199', 'acme', 'sms', 'marketing', '2026-01-01Z')",
		true},
	{"daypart_marketer", "SELECT add_member('everyone', '+14155550101'), stop_all(), start_all()", true},
	{"daypart_marketer", "SELECT phone FROM recipient", false},
	{"daypart_marketer", "SELECT * FROM consent_event", false},
	{"daypart_marketer", "INSERT INTO suppression SELECT * FROM suppression", false},
	{"daypart_marketer", "SELECT cancel_slots('{}', 0, 'all', 'all', 'opted_out')", false},
	{"daypart_marketer", "SELECT take_outbox(1)", false},
	{"daypart_planner", "SELECT phone FROM recipient", true},
	{"daypart_planner", "SELECT * FROM attestation, approval, wording, waiver, emergency, consent_word", true},
	{"daypart_planner", "SELECT subject_digest('campaign', 'spring'), campaign_digest(c), campaign_problem(c) FROM campaign AS c", true},
	{"daypart_planner", "SELECT approve('campaign', 'spring')", false},
	{"daypart_planner", "INSERT INTO attestation (subject, name, item) VALUES ('sender', 'acme-sms', 'x')", false},
	{"daypart_planner", "DELETE FROM suppression", false},
	{"daypart_planner", "DELETE FROM slot", false},
	{"daypart_planner", "SELECT opt_out('+14155550199')", false},
	{"daypart_scheduler", "DELETE FROM slot", true},
	{"daypart_scheduler", "SELECT campaign_digest(c) FROM campaign AS c", true},
	{"daypart_scheduler", "SELECT * FROM attestation, approval, wording, waiver, emergency", true},
	{"daypart_scheduler", "SELECT end_emergency('US-CA')", false},
	{"daypart_scheduler", "SELECT take_outbox(1)", true},
	{"daypart_scheduler", "UPDATE release SET outcome = 'handed_over'", false},
	{"daypart_scheduler", "DELETE FROM release", false},
	{"daypart_scheduler", "INSERT INTO slot SELECT * FROM slot", false},
	{"daypart_scheduler", "SELECT phone FROM recipient", false},
	{"daypart_scheduler", "SELECT start_all()", false},
	{"daypart_marketer",
		"SELECT record_feedback('acme-wa', 'complaint', phone => '+14155550101'), trip_breaker('sender', 'acme-wa', 'r', 'n'),"
		"resume_breaker('sender', 'acme-wa', 'x'); SELECT * FROM sender_health; SELECT * FROM breaker_state, breaker_event, feedback;"
		"INSERT INTO sender_state (sender, state, since, blacklisted_until, reason) VALUES ('acme-wa', 'blacklisted', '2026-01-01', "
		"'2026-02-01', 'x');"
		"SELECT lift_blacklisting('acme-wa', 'x')",
		true},
	{"daypart_marketer", "DELETE FROM breaker", false},
	{"daypart_marketer", "UPDATE sender_state SET blacklisted_until = '2026-01-02'", false},
	{"daypart_marketer",
		"INSERT INTO sender_state (sender, state, since, reason, by_whom) VALUES ('acme-wa', 'terminated', '2026-01-01', 'x', 'eve')",
		false},
	{"daypart_planner", "SELECT trip_breaker('sender', 'acme-wa', 'r', 'n'), warn_breaker('sender', 'acme-wa', 'r', 'n')", true},
	{"daypart_planner",
		"SELECT breaker_events('r', 'opt_out_rate', 'sender', now(), now(), '1 day', NULL, '{sms}', '{marketing}'),"
		"breaker_sent('sender', 1, '', now(), now(), NULL, '{sms}', '{marketing}', 1)",
		true},
	{"daypart_planner", "SELECT resume_breaker('sender', 'acme-wa', 'x')", false},
	{"daypart_scheduler",
		"SELECT trip_breaker('sender', 'acme-wa', 'provider', 'n'), warn_breaker('sender', 'acme-wa', 'r', 'n'),"
		"record_feedback('acme-wa', 'violation'), breaker_sent('sender', 1, '', now(), now(), NULL, '{sms}', '{marketing}', 1)",
		true},
	{"daypart_scheduler", "SELECT breaker_events('r', 'opt_out_rate', 'sender', now(), now(), '1 day', NULL, '{sms}', '{marketing}')",
		true},
	{"daypart_scheduler", "SELECT resume_breaker('sender', 'acme-wa', 'x')", false},
	{"daypart_scheduler", "UPDATE breaker SET resumed_at = now()", false},
	{"daypart_analyst", "SELECT * FROM sender_health; SELECT * FROM breaker_state", true},
	{"daypart_analyst", "SELECT record_feedback('acme-wa', 'complaint')", false},
	{"daypart_analyst", "SELECT phone FROM delivery_plan", true},
	{"daypart_analyst", "SELECT * FROM plan_by_hour, suppression_report, campaign_summary, sender_load, variable", true},
	{"daypart_analyst", "SELECT recipient_id, region FROM recipient", true},
	{"daypart_analyst", "SELECT phone FROM recipient", false},
	{"daypart_analyst", "SELECT variables FROM recipient", false},
	{"daypart_analyst", "SELECT * FROM inbound", false},
	{"daypart_analyst", "SELECT * FROM consent_event", false},
	{"daypart_analyst", "SELECT person_id(14155550101)", false}, /* or ten milliards of numbers would be tried */
	{"daypart_analyst", "SELECT opt_out('+14155550101')", false},
	{"daypart_analyst", "UPDATE campaign SET priority = 1", false},
	{"daypart_privacy", "SELECT phone, variables FROM recipient, consent_event, inbound", true},
	{"daypart_privacy",
		"SELECT register_segment_column('daypart.recipient', 'variables.since'), revoke_segment_column('daypart.recipient', "
		"'variables.since'),"
		"withdraw_analytics_consent('+14155550101', 'acme'); SELECT * FROM analytics_consent",
		true},
	{"daypart_privacy", "SELECT define_segment('everyone', 'SELECT recipient_id FROM person')", false},
	{"daypart_marketer",
		"INSERT INTO audience (name, business) VALUES ('x', 'acme'); SELECT record_analytics_consent('+14155550101', 'acme', 'form'),"
		"withdraw_analytics_consent('+14155550101', 'acme'), define_segment('x', 'SELECT recipient_id FROM person'), refresh_segment('x');"
		"SELECT end_segment('x'); SELECT * FROM segment, segment_definition, segment_refresh, segment_source, protected_attribute",
		true},
	{"daypart_marketer", "SELECT register_segment_column('daypart.recipient', 'source')", false},
	{"daypart_marketer", "SELECT revoke_segment_column('daypart.recipient', 'source')", false},
	{"daypart_marketer", "SELECT * FROM daypart_segment.person", false},
	{"daypart_marketer", "SELECT segment_people('person', 'source', false)", false},
	{"daypart_marketer", "SELECT replace_members(1, '{}', false)", false},
	{"daypart_marketer", "DELETE FROM protected_attribute", false},
	{"daypart_marketer", "SELECT * FROM analytics_consent", false},
	{"daypart_analyst", "SELECT query, reads FROM segment", true},
	{"daypart_analyst", "SELECT * FROM daypart_segment.person", false},
	{"daypart_analyst", "SELECT refresh_segment('x')", false},
	{"daypart_privacy",
		"SELECT add_recipient('+14155550101', 'BR'), withdraw_consent('+14155550101', 'acme', 'sms'), opt_out('+14155550101')", true},
	{"daypart_privacy",
		"SELECT grant_waiver('us.cap', 'acme', 'compliance', 'x', '2199-01-01', 'ana'), revoke_waiver('us.cap', 'acme'),"
		"approve('campaign', 'spring'), approve_wording('acme', 'form'), revoke_attestation('sender', 'acme-sms', 'x'),"
		"declare_emergency('US-CA'), end_emergency('US-CA'), record_refusal('+14155550101', 'acme', 'sms')",
		true},
	{"daypart_privacy", "INSERT INTO attestation (subject, name, item) VALUES ('sender', 'acme-sms', 'x')", false},
	{"daypart_analyst", "SELECT * FROM attestation, approval, wording, waiver, emergency, consent_word", true},
	{"daypart_analyst", "SELECT approve('campaign', 'spring')", false},
	{"daypart_privacy", "DELETE FROM consent_event", false},
	{"daypart_privacy", "SELECT campaign_set_status('spring', 'paused')", false},
	{"daypart_owner", "SELECT * FROM secret_key", false},
	{"nobody", "SELECT * FROM daypart.campaign", false},
	{"nobody", "SELECT daypart.opt_out('+14155550101')", false},
};

static void
each_role_can_do_its_work_and_no_more(void **state)
{
	const struct fixture *fixture = *state;
	size_t wrong = 0;

	for (size_t i = 0; i < COUNT(attempts); i++) {
		PGconn *connection = sql_connect(fixture->conninfo, attempts[i].role);
		PGresult *result;
		const char *sqlstate;

		sql_run(connection, "BEGIN");
		result = PQexec(connection, attempts[i].statement);
		sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
		if (attempts[i].allowed ? sqlstate != NULL : sqlstate == NULL || strcmp(sqlstate, "42501") != 0) {
			print_error(
				"%s, %s: %s", attempts[i].role, attempts[i].statement, sqlstate == NULL ? "is allowed\n" : PQresultErrorMessage(result));
			wrong++;
		}
		PQclear(result);
		PQfinish(connection);
	}
	assert_int_equal(wrong, 0);
}

static void
people_are_written_through_functions_only(void **state)
{
	sql_expect(((struct fixture *)*state)->connection,
		"SELECT role, relname, privilege FROM pg_class"
		" CROSS JOIN unnest('{daypart_marketer,daypart_planner,daypart_scheduler,daypart_analyst,daypart_privacy}'::text[]) AS role"
		" CROSS JOIN unnest('{INSERT,UPDATE,DELETE,TRUNCATE,TRIGGER,REFERENCES}'::text[]) AS privilege"
		" WHERE relnamespace = 'daypart'::regnamespace AND relname IN ('recipient', 'consent', 'consent_event', 'suppression', "
		"'audience_member',"
		" 'inbound', 'outside_send', 'permission_change', 'secret_key', 'bucket_gate', 'analytics_consent', 'segment_column',"
		" 'segment_definition', 'segment_refresh', 'protected_attribute') AND has_table_privilege(role, pg_class.oid, "
		"privilege)",
		"");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_installer_without_the_right_to_make_roles_is_told),
		cmocka_unit_test(an_installer_needs_no_superuser),
		cmocka_unit_test(roles_that_are_there_already_are_used),
		cmocka_unit_test(a_superuser_may_install_as_well),
		cmocka_unit_test(each_role_may_run_its_statements),
		cmocka_unit_test(each_role_can_do_its_work_and_no_more),
		cmocka_unit_test(people_are_written_through_functions_only),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
