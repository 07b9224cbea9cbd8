/* daypart init on the schema of an earlier version, with people in it: nothing is lost, and what they once agreed to shows what it showed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/daypart.h"
#include "tests/support/pg_cluster.h"
#include "tests/support/schema_fixture.h"
#include "tests/support/sql_expect.h"

enum { BEFORE_LAW = 9 }; /* the first release knew the law of four regions */

/* As the first release left them: facts in the order of table consent_event, ten bits of evidence, no words of consent. */
static void
populate(PGconn *connection)
{
	sql_run(connection,
		"INSERT INTO installation (rehearsal) VALUES (true); SELECT set_secret_key(sha256('a key for tests'));"
		"INSERT INTO evidence_bit SELECT ordinality - 1, name FROM "
		"unnest('{time,method,wording,supplied_by_person,ip,signature,tax_id,source,"
		"confirmation,document}'::text[]) WITH ORDINALITY AS bit (name);"
		"INSERT INTO reason VALUES (2, 'no_consent', 'suppressed', 'x', 'x'), (12, 'facts_changed', 'held', 'x', 'x');"
		"INSERT INTO region VALUES ('US-CA'); INSERT INTO business (name) VALUES ('acme');"
		"INSERT INTO sender (name, business, channel, address) VALUES ('acme', 'acme', 'sms', '24365');"
		"INSERT INTO template (name, language, business, channel, category, body) VALUES ('hello', 'en', 'acme', 'sms', 'marketing', 'Hi');"
		"INSERT INTO audience (name, business) VALUES ('all', 'acme');"
		"INSERT INTO campaign (name, sender, template, audience, starts_at, ends_at) VALUES ('spring', 'acme', 'hello', 'all',"
		" '2026-11-23T00:00Z', '2026-12-01T00:00Z')");
	sql_run(connection,
		"SELECT add_recipient(phone, 'US-CA'), record_consent(phone, 'acme', 'sms', given_at => '2026-01-01Z', method => method)"
		" FROM (VALUES ('+14155550101', 'web'), ('+14155550102', 'QR code'), ('+14155550103', 'paper form')) AS p (phone, method);"
		"SELECT withdraw_consent('+14155550103', 'acme', 'sms', at => '2026-02-01Z')");
}

static void
an_installation_of_the_first_release_is_upgraded(void **state)
{
	struct pg_cluster *cluster = pg_cluster_start(&(struct pg_cluster_options){.own = true});
	char *conninfo = pg_cluster_new_database(cluster, "upgrade", NULL);
	PGconn *connection = sql_connect(conninfo, NULL);
	struct process_result result;

	(void)state;
	schema_install(connection, BEFORE_LAW);
	populate(connection);
	result = daypart_run(conninfo, "init");
	if (result.exit_code != 0 || strstr(result.out, "upgraded from version 9") == NULL)
		fail_msg("exit code %d\n%s%s", result.exit_code, result.out, result.err);
	process_result_free(&result);
	sql_expect(connection,
		"SELECT phone, state, string_agg(name, ' ' ORDER BY bit) FROM consent JOIN recipient USING (bucket, recipient_id)"
		" JOIN evidence_bit ON evidence & (1 << bit) <> 0 GROUP BY 1, 2 ORDER BY 1",
		"14155550101|granted|time method intent_confirmed paper_kept\n14155550102|granted|time method paper_kept\n"
		"14155550103|withdrawn|time");
	sql_expect(connection,
		"SELECT count(*), bool_and(created_by = session_user) FROM (SELECT created_by FROM business UNION ALL SELECT created_by"
		" FROM sender UNION ALL SELECT created_by FROM template UNION ALL SELECT created_by FROM campaign) AS t",
		"4|t");
	/* the same statement is still the same event */
	sql_run(connection, "SELECT record_consent('+14155550101', 'acme', 'sms', given_at => '2026-01-01Z', method => 'web')");
	sql_expect(connection, "SELECT count(*) FROM consent_event", "4");
	result = daypart_run(conninfo, "init");
	assert_non_null(strstr(result.out, "nothing to do"));
	process_result_free(&result);
	PQfinish(connection);
	free(conninfo);
	pg_cluster_stop(&cluster);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(an_installation_of_the_first_release_is_upgraded)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
