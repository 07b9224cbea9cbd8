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
	{"SELECT declare_emergency('US-CA', '2026-11-22T00:00Z')", "2026-11-23T00:00:00Z", "an emergency is on", "US-CA, since 2026-11-22",
		"end_emergency('US-CA')"},
	{"INSERT INTO waiver (rule, business, role, reason, expires_on, asked_by) VALUES ('br.length.marketing', 'acme', 'compliance', "
	 "'tests', "
	 "'2026-12-07', 'ana')",
		"2026-11-23T00:00:00Z", "a waiver ends soon", "rule br.length.marketing for acme, on 2026-12-07", "grant_waiver"},
	{"INSERT INTO wording (business, name, body) VALUES ('acme', 'box', 'I agree')", "2026-11-23T00:00:00Z", "a wording waits for approval",
		"acme/box in en", "daypart approve --wording acme/box"},
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

static bool
has_need(const char *now, const char *what, const char *which)
{
	struct process_result result = status_at(now);
	char row[256];
	bool found;

	snprintf(row, sizeof(row), "{\"what\": \"%s\", \"which\": \"%s", what, which);
	found = strstr(result.out, row) != NULL;
	if (result.exit_code > 1)
		print_error("%s%s\n", result.out, result.err);
	assert_in_range(result.exit_code, 0, 1);
	process_result_free(&result);
	return found;
}

/* F2, R-137, R-101: under the shipped rulebook, on the day before and on the day. */
static void
what_the_rulebook_makes_due_shows_on_its_day(void **state)
{
	static const struct {
		const char *before, *on, *what, *which;
	} days[] = {
		{"2027-06-30T12:00:00Z", "2027-07-01T12:00:00Z", "a regime should be reviewed", "base ("},
		{"2039-12-30T12:00:00Z", "2039-12-31T12:00:00Z", "a calendar ends within a year", "BR, to 2040-12-31"},
		/* good for 366 days, renewed 30 days before */
		{"2027-01-02T12:00:00Z", "2027-01-03T12:00:00Z", "an attestation ends soon",
			"business acme: Every source of consent was checked and is lawful (lawful_consent), on 2027-02-02"},
		{"2027-02-01T12:00:00Z", "2027-02-02T12:00:00Z", "an attestation has ended",
			"business acme: Every source of consent was checked and is lawful (lawful_consent), on 2027-02-02"},
		{"2026-11-30T12:00:00Z", "2026-12-01T12:00:00Z", "an attestation has ended", "sender acme-sms: "},
		/* a week before 30 days without use are over */
		{"2026-11-23T12:00:00Z", "2026-11-24T12:00:00Z", "a template will soon count as unused", "sale, from 2026-12-01"},
		{"2026-11-30T12:00:00Z", "2026-12-01T12:00:00Z", "a template counts as unused", "sale, since 2026-12-01"},
	};
	struct process_result result = daypart_run(conninfo, "rules load");

	(void)state;
	assert_int_equal(result.exit_code, 0);
	process_result_free(&result);
	sql_run(connection,
		"INSERT INTO attestation (subject, name, item, given_on) VALUES ('business', 'acme', 'lawful_consent', '2024-06-01'),"
		"	('business', 'acme', 'lawful_consent', '2026-02-01'), ('business', 'acme', 'dlt.pan', '2026-01-01');"
		"INSERT INTO attestation (subject, name, item, given_on, valid_until) VALUES ('sender', 'acme-sms', 'own_name', '2026-01-01', "
		"'2026-12-01');"
		"INSERT INTO template (name, language, business, channel, category, body, status, approved_on)"
		"	VALUES ('sale', 'en', 'acme', 'sms', 'marketing', 'acme', 'approved', '2026-10-01'),"
		"	('sale', 'hi', 'acme', 'sms', 'marketing', 'acme', 'approved', '2026-11-01'),"
		"	('abroad', 'en', 'other', 'sms', 'marketing', 'other', 'approved', '2026-10-01')");
	for (size_t i = 0; i < sizeof(days) / sizeof(days[0]); i++) {
		if (has_need(days[i].before, days[i].what, days[i].which) || !has_need(days[i].on, days[i].what, days[i].which))
			fail_msg("%s: %s", days[i].on, days[i].what);
	}
	assert_false(has_need("2026-12-01T12:00:00Z", "a template counts as unused", "abroad"));
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
		cmocka_unit_test_setup_teardown(what_the_rulebook_makes_due_shows_on_its_day, make_world, drop_world),
		cmocka_unit_test_setup_teardown(an_analyst_may_look, make_world, drop_world),
	};

	return cmocka_run_group_tests(tests, start, stop) != 0;
}
