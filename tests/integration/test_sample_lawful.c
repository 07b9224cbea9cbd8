/* The sample of scripts/run, from the first row to the last message: what is refused, what is planned, what leaves, and whether it was lawful. */
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
#include "tests/support/pg_cluster.h"
#include "tests/support/sql_expect.h"
#include "tests/support/temp.h"

#define NOW "2026-11-20T06:30:00Z"

static struct pg_cluster *cluster;
static char *conninfo;
static PGconn *connection;

static void
expect_success(struct process_result result, const char *what, int expected)
{
	if (result.exit_code != expected)
		fail_msg("%s: exit code %d\n%s%s", what, result.exit_code, result.out, result.err);
	process_result_free(&result);
}

static void
run_as(const char *login, const char *line, int expected)
{
	char with_now[512], address[512];

	snprintf(with_now, sizeof(with_now), "--now " NOW " %s", line);
	snprintf(address, sizeof(address), "%s%s%s", conninfo, *login ? " user=" : "", login);
	expect_success(daypart_run(address, with_now), line, expected);
}

static void
run(const char *line, int expected)
{
	run_as("", line, expected);
}

static int
start(void **state)
{
	const char *argv[] = {DAYPART_SOURCE_DIR "/scripts/sample", temp_dir(), NULL};

	(void)state;
	cluster = pg_cluster_start(NULL);
	conninfo = pg_cluster_new_database(cluster, "sample", NULL);
	expect_success(process_run(argv, NULL), argv[0], 0);
	run("init --rehearsal", 0);
	connection = sql_connect(conninfo, NULL);
	sql_expect(connection, "CREATE ROLE ana LOGIN IN ROLE daypart_marketer", "");
	sql_expect(connection, "CREATE ROLE ben LOGIN IN ROLE daypart_marketer", "");
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
count_lines(const char *text)
{
	int count = 0;

	for (; *text != '\0'; text++)
		count += *text == '\n';
	return count;
}

/* Every file holds a few mistakes; exactly they are refused. */
static void
test_imports_reject_exactly_the_mistakes(void **state)
{
	static const struct {
		const char *kind;
		int mistakes;
	} files[] = {{"businesses", 2}, {"senders", 3}, {"templates", 3}, {"wordings", 3}, {"recipients", 8}, {"consents", 9}, {"opt-outs", 3},
		{"audiences", 3}, {"campaigns", 4}, {"attestations", 3}, {"sends", 3}};

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		char line[512], name[64], *path, *rejects;

		snprintf(line, sizeof(line), "import %s %s/%s.csv", files[i].kind, temp_dir(), files[i].kind);
		run_as("ana", line, 65);
		snprintf(name, sizeof(name), "%s.rejects.csv", files[i].kind);
		path = temp_path(name);
		rejects = file_read(path, NULL);
		if (count_lines(rejects) != files[i].mistakes + 1)
			fail_msg("%s: expected %d rejected rows\n%s", files[i].kind, files[i].mistakes, rejects);
		free(rejects);
		free(path);
	}
}

/* Nothing is kept of numbers that a broker sold. */
static void
test_bought_numbers_are_not_stored(void **state)
{
	(void)state;
	sql_expect(connection, "SELECT count(*) FROM recipient WHERE phone::text LIKE '164655501%' OR source = 'list broker'", "0");
}

/* Who submits does not approve; what binds refuses; whom a problem does not concern may go. */
static void
test_a_second_person_approves_what_is_in_order(void **state)
{
	static const struct {
		const char *login, *line;
		int exit_code;
	} rows[] = {
		{"ana", "approve --template friday", 65},
		{"ben", "approve black-friday", 65}, /* its template is not approved yet */
		{"ben", "approve --template friday", 0},
		{"ben", "approve --template weekend", 0},
		{"ben", "approve --template ride", 65},
		{"ben", "approve --template liqueur", 65},
		{"ben", "approve --sender coffee-whatsapp", 0},
		{"ben", "approve --sender coffee-sms", 0},
		{"ana", "approve black-friday", 65},
		{"ben", "approve black-friday", 0},
		{"ben", "approve weekend-brew", 65}, /* not registered in Brazil */
		{"ben", "approve weekend-brew --hold-rest", 0},
		{"ben", "approve liqueur-week --hold-rest", 65}, /* nobody is left */
		{"ben", "approve spring-ride --hold-rest", 65},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		run_as(rows[i].login, rows[i].line, rows[i].exit_code);
}

static void
approve_wording(void)
{
	char address[512];
	PGconn *ben;

	snprintf(address, sizeof(address), "%s user=ben", conninfo);
	ben = sql_connect(address, NULL);
	sql_expect(ben, "SELECT approve_wording('Ipe Coffee Roasters', 'newsletter')", "");
	PQfinish(ben);
}

/* Consents by an approved wording count, those by an old one do not. */
static void
test_plan_is_lawful_and_stable(void **state)
{
	(void)state;
	approve_wording();
	run("plan", 0);
	oracle_expect_lawful(connection);
	sql_expect(connection, "SELECT count(*) > 4500, count(DISTINCT run_id) FROM slot", "t|2");
	run("plan", 0);
	sql_expect(connection, "SELECT count(*) FROM plan_run", "1");
}

static void
test_rehearsal_is_lawful(void **state)
{
	char *config = temp_path("daypart.cfg"); /* of the last run */
	const char *argv[] = {DAYPART_BUILD_DIR "/daypartd", "--config", config, "--until-idle", "--clock", "simulated:" NOW "x86400", NULL};

	(void)state;
	expect_success(process_run(argv, NULL), argv[0], 0);
	free(config);
	oracle_expect_lawful(connection);
	sql_expect(connection, "SELECT count(*) FROM slot", "0");
	/* However fast the clock, nothing is late. */
	sql_expect(connection, "SELECT count(*) > 4500, count(*) FILTER (WHERE outcome <> 'handed_over') FROM release", "t|0");
}

/* What the awkward people got. */
static void
test_awkward_cases(void **state)
{
	static const struct {
		const char *query, *expected;
	} cases[] = {
		/* Friday the 20th is a holiday in Brazil, then comes a weekend. */
		{"SELECT min(d.released_local)::date FROM delivery_plan AS d WHERE 'BR' = ANY (d.regions) AND status = 'handed over'",
			"2026-11-23"},
		/* It is noon in India, so three messages of today leave no room before tomorrow. */
		{"SELECT min(d.released_local)::date FROM delivery_plan AS d WHERE 'IN' = ANY (d.regions) AND status = 'handed over' AND "
		 "(SELECT count(*) FROM outside_send AS o WHERE o.recipient_id = d.recipient_id) = 3",
			"2026-11-21"},
		{"SELECT DISTINCT r.name FROM suppressed JOIN reason AS r USING (reason) JOIN recipient AS p USING (bucket, recipient_id) "
		 "WHERE p.phone::text ~ '^18(00|33|44|55|66|77|88)' AND r.name <> 'opted_out'",
			"non_geographic"},
		{"SELECT count(*) FROM delivery_plan JOIN recipient AS p USING (recipient_id) WHERE p.timezone = 'Asia/Tokyo'", "0"},
		/* Text messages are not registered with Brazil's carriers. */
		{"SELECT DISTINCT r.name, s.rule FROM suppressed AS s JOIN reason AS r USING (reason) JOIN campaign_run USING (run_id) "
		 "JOIN campaign AS c USING (campaign_id) WHERE c.name = 'weekend-brew' AND r.name = 'not_registered'",
			"not_registered|br-carriers.cnpj"},
		{"SELECT count(*) FROM delivery_plan WHERE campaign = 'weekend-brew' AND 'BR' = ANY (regions)", "0"},
		/* Each flaw of a consent has a rule of its own. */
		{"SELECT string_agg(DISTINCT rule, ' ' ORDER BY rule) FROM suppressed JOIN reason AS r USING (reason) WHERE r.name = "
		 "'evidence_incomplete'",
			"base.consent base.consent.intent base.consent.ip base.consent.paper base.consent.wording br.consent in.consent us.consent"},
		/* Brazil reads Portuguese, whatever else there is. */
		{"SELECT DISTINCT language FROM class JOIN release USING (class_id) WHERE 'BR' = ANY (class.regions)", "pt-BR"},
		/* Recife and Noronha share an area code: whoever dials 81 is in both. */
		{"SELECT count(*) > 50, bool_and(zones @> '{America/Noronha,America/Recife}') FROM delivery_plan JOIN recipient AS p USING "
		 "(recipient_id) "
		 "WHERE p.phone::text LIKE '5581%'",
			"t|t"},
		/* One person, written with and without the ninth digit. */
		{"SELECT count(*) FROM recipient WHERE phone IN (5511999999901, 551199999901)", "1"},
		{"SELECT count(*) FROM release AS r JOIN suppression AS s USING (bucket, recipient_id) JOIN business AS b ON s.business_id IN (0, "
		 "b.business_id) "
		 "JOIN campaign_run AS run USING (run_id) WHERE run.business_id = b.business_id AND s.channel IN ('all', run.channel::text)",
			"0"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		sql_expect(connection, cases[i].query, cases[i].expected);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_imports_reject_exactly_the_mistakes),
		cmocka_unit_test(test_bought_numbers_are_not_stored),
		cmocka_unit_test(test_a_second_person_approves_what_is_in_order),
		cmocka_unit_test(test_plan_is_lawful_and_stable),
		cmocka_unit_test(test_rehearsal_is_lawful),
		cmocka_unit_test(test_awkward_cases),
	};

	return cmocka_run_group_tests_name("sample_lawful", tests, start, stop);
}
