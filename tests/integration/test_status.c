/* daypart status: each thing that needs a person shows with its cure, and nothing else does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/daypart.h"
#include "tests/support/schema_fixture.h"
#include "tests/support/sql_expect.h"

static struct pg_cluster *cluster;
static const char *const template_name = "template";
static char *conninfo;
static PGconn *connection;

/* The world of the fixture, planned at 2026-11-22T00:00Z, with the zone data of this host: nothing needs a person. */
static int
start(void **state)
{
	(void)state;
	cluster = pg_cluster_start(NULL);
	free(schema_database(cluster, "template"));
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	pg_cluster_stop(&cluster);
	return 0;
}

static char *
tzdata_version(void)
{
	char version[32] = "";
	FILE *file = fopen("/usr/share/zoneinfo/tzdata.zi", "re");

	assert_non_null(file);
	assert_int_equal(fscanf(file, "# version %31s", version), 1);
	fclose(file);
	return strdup(version);
}

static int
make_world(void **state)
{
	static int number;
	char name[32], statement[256];
	char *tzdata = tzdata_version();

	(void)state;
	snprintf(name, sizeof(name), "status_%d", ++number);
	conninfo = pg_cluster_new_database(cluster, name, template_name);
	connection = sql_connect(conninfo, NULL);
	schema_world(connection);
	snprintf(statement, sizeof(statement), "UPDATE plan_run SET tzdata = '%s'", tzdata);
	sql_run(connection, statement);
	free(tzdata);
	return 0;
}

static int
drop_world(void **state)
{
	(void)state;
	PQfinish(connection);
	free(conninfo);
	return 0;
}

static struct process_result
status_at(const char *now)
{
	char line[128];

	snprintf(line, sizeof(line), "--format json --now %s status", now);
	return daypart_run(conninfo, line);
}

static void
all_is_well(void **state)
{
	struct process_result result = status_at("2026-11-23T00:00:00Z");

	(void)state;
	if (result.exit_code != 0)
		print_error("%s%s", result.out, result.err);
	assert_int_equal(result.exit_code, 0);
	assert_non_null(strstr(result.out, "\"needs\": []"));
	assert_non_null(strstr(result.out, "\"sender\": \"acme-wa\""));
	assert_non_null(strstr(result.out, "\"overdue\": 0, \"oldest_overdue\": null, \"next_24h\": 5, \"later\": 1"));
	assert_non_null(strstr(result.out, "\"campaign\": \"spring\", \"status\": \"approved\""));
	assert_string_equal(result.err, "");
	process_result_free(&result);
}

static const struct {
	const char *change; /* of the world; "" for none */
	const char *now;
	const char *what, *which, *cure; /* parts of the row */
} cases[] = {
	{"SELECT stop_all()", "2026-11-23T00:00:00Z", "everything is stopped", "since ", "daypart start"},
	{"", "2026-11-23T03:00:00Z", "no plan for too long", "2026-11-22 00:00:00+00", "run daypart plan"},
	{"DELETE FROM slot; UPDATE plan_head SET plan_run = 0", "2026-11-23T00:00:00Z", "no plan for too long", "there is no plan yet",
		"run daypart plan"},
	{"UPDATE template SET status = 'paused'", "2026-11-23T00:00:00Z", "campaign cannot be planned",
		"spring: template \\\"hello\\\" is not approved", "daypart plan"},
	{"UPDATE sender SET status = 'suspended'", "2026-11-23T00:00:00Z", "campaign cannot be planned", "sender \\\"acme-wa\\\" is suspended",
		""},
	{"UPDATE sender SET status = 'suspended'", "2026-11-23T00:00:00Z", "messages wait for a suspended sender", "sender acme-wa: 6", ""},
	{"DELETE FROM audience_member", "2026-11-23T00:00:00Z", "campaign without recipients", "audience everyone is empty", "add members"},
	{"", "2026-11-23T16:00:00Z", "messages are overdue", "sender acme-wa: 5 since 2026-11-23 15:00:00+00", "start daypartd"},
	{"UPDATE suppressed SET reason = 9", "2026-11-23T00:00:00Z", "people are held", "summer: 4, the time zone is unknown",
		"declare the person's time zone"},
	{"DELETE FROM slot; UPDATE suppressed SET kind = 'suppressed', reason = 2", "2026-11-23T00:00:00Z",
		"campaign without eligible recipients", "summer: 4 no_consent", "suppression_report"},
	{"UPDATE plan_run SET tzdata = '1999z'", "2026-11-23T00:00:00Z", "zone data has changed since the plan", "the plan was made with 1999z",
		"daypart plan"},
	{"UPDATE class SET zones = '{Mars/Olympus}'", "2026-11-23T00:00:00Z", "a time zone is in doubt",
		"Mars/Olympus: not in the zone data of this host", ""},
	{"DROP TABLE release_0", "2026-11-23T00:00:00Z", "the ledger has no part", "for run 1", "daypart plan"},
	{"INSERT INTO outbox (recipient_id, handed_at, not_after, run_id, bucket) SELECT recipient_id, '2026-11-22T10:00Z', "
	 "'2026-11-22T12:00Z', 1, bucket "
	 "FROM recipient",
		"2026-11-23T00:00:00Z", "released messages are not taken", "5 in the outbox", "take_outbox"},
};

static void
expect_need(size_t i)
{
	struct process_result result = status_at(cases[i].now);
	char row[256];
	const char *found;

	snprintf(row, sizeof(row), "{\"what\": \"%s\", \"which\": ", cases[i].what);
	found = strstr(result.out, row);
	if (result.exit_code != 1 || found == NULL || strstr(found, cases[i].which) == NULL || strstr(found, cases[i].cure) == NULL) {
		print_error("case %zu (%s): exit code %d\n%s%s\n", i, cases[i].what, result.exit_code, result.out, result.err);
		fail();
	}
	process_result_free(&result);
}

static void
whatever_needs_a_person_shows(void **state)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		make_world(state);
		if (cases[i].change[0] != '\0')
			sql_run(connection, cases[i].change);
		expect_need(i);
		drop_world(state);
	}
}

/* Whoever may only read the reports sees the status too. */
static void
an_analyst_may_look(void **state)
{
	char analyst[512];
	struct process_result result;

	(void)state;
	sql_run(connection,
		"DO $$ BEGIN CREATE ROLE looker LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$; GRANT daypart_analyst TO looker");
	snprintf(analyst, sizeof(analyst), "%s user=looker", conninfo);
	result = daypart_run(analyst, "--now 2026-11-23T00:00:00Z status");
	if (result.exit_code != 0)
		print_error("%s%s", result.out, result.err);
	assert_int_equal(result.exit_code, 0);
	process_result_free(&result);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(all_is_well, make_world, drop_world),
		cmocka_unit_test(whatever_needs_a_person_shows),
		cmocka_unit_test_setup_teardown(an_analyst_may_look, make_world, drop_world),
	};

	return cmocka_run_group_tests(tests, start, stop) != 0;
}
