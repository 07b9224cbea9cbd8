/* Every statement of sql/query and sql/check fits the schema. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "tests/support/pg_cluster.h"
#include "tests/support/schema_fixture.h"
#include "tests/support/sql_expect.h"
#include "tests/support/sql_probe.h"

/* Statements name the staging tables of plan and import. */
#define STAGE "BEGIN; SELECT plan_stage(), import_begin()"

static size_t
failures(PGconn *connection, const struct sql_statement *statement)
{
	char message[SQL_PROBE_MESSAGE_MAX];
	bool fine;

	sql_run(connection, "SAVEPOINT one");
	fine = sql_probe(connection, statement, message);
	if (!fine)
		print_error("%s: %s", statement->name, message);
	sql_run(connection, "ROLLBACK TO one; DEALLOCATE ALL");
	return fine ? 0 : 1;
}

static void
every_statement_prepares(void **state)
{
	(void)state;
	struct pg_cluster *cluster = pg_cluster_start(NULL);
	char *conninfo = schema_database(cluster, "statements");
	PGconn *connection = sql_connect(conninfo, NULL);
	size_t failed = 0;

	sql_run(connection, STAGE);
	for (size_t i = 0; i < sql_query_count; i++)
		failed += failures(connection, sql_queries[i]);
	for (size_t i = 0; i < sql_check_count; i++)
		failed += failures(connection, &sql_checks[i]);
	PQfinish(connection);
	free(conninfo);
	pg_cluster_stop(&cluster);
	assert_int_equal(failed, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(every_statement_prepares)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
