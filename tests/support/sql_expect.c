#include "sql_expect.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "temp.h"

PGconn *
sql_connect(const char *conninfo, const char *user)
{
	/* dbname is expanded as a conninfo; what comes after it overrides */
	PGconn *connection = PQconnectdbParams((const char *const[]){"dbname", "user", NULL}, (const char *const[]){conninfo, user, NULL}, 1);

	if (PQstatus(connection) != CONNECTION_OK)
		support_fail("cannot connect: %s", PQerrorMessage(connection));
	sql_run(connection, "SET search_path = daypart, pg_catalog, pg_temp; SET TimeZone = 'UTC'; SET client_min_messages = error");
	return connection;
}

static bool
succeeded(const PGresult *result)
{
	const ExecStatusType status = PQresultStatus(result);

	return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY;
}

void
sql_run(PGconn *connection, const char *text)
{
	PGresult *result = PQexec(connection, text);

	if (!succeeded(result))
		fail_msg("%s\n%s", text, PQresultErrorMessage(result));
	PQclear(result);
}

static void
write_rows(FILE *out, const PGresult *result)
{
	for (int row = 0; row < PQntuples(result); row++) {
		for (int column = 0; column < PQnfields(result); column++)
			fprintf(out, "%s%s", column > 0 ? "|" : "", PQgetvalue(result, row, column));
		if (row + 1 < PQntuples(result))
			fputc('\n', out);
	}
}

char *
sql_text(PGconn *connection, const char *query)
{
	PGresult *result = PQexec(connection, query);
	char *text = NULL;
	size_t size;
	FILE *out;

	if (!succeeded(result))
		fail_msg("%s\n%s", query, PQresultErrorMessage(result));
	out = open_memstream(&text, &size);
	if (out == NULL)
		support_fail("out of memory");
	write_rows(out, result);
	fclose(out);
	PQclear(result);
	return text;
}

void
sql_expect(PGconn *connection, const char *query, const char *expected)
{
	char *text = sql_text(connection, query);

	if (strcmp(text, expected) != 0)
		fail_msg("%s\ngives     %s\nexpected  %s", query, text, expected);
	free(text);
}

static bool
says(const PGresult *result, int field, const char *part)
{
	const char *text = PQresultErrorField(result, field);

	return part == NULL || (text != NULL && strstr(text, part) != NULL);
}

void
sql_expect_error(PGconn *connection, const char *statement, const struct sql_error *expected)
{
	PGresult *result = PQexec(connection, statement);

	if (succeeded(result))
		fail_msg("%s\nsucceeds, expected %s", statement, expected->sqlstate);
	if (!says(result, PG_DIAG_SQLSTATE, expected->sqlstate) || !says(result, PG_DIAG_MESSAGE_PRIMARY, expected->message) ||
		!says(result, PG_DIAG_MESSAGE_HINT, expected->hint))
		fail_msg("%s\nsays      %s%s\nexpected  %s %s / %s", statement, PQresultErrorField(result, PG_DIAG_SQLSTATE),
			PQresultErrorMessage(result), expected->sqlstate, expected->message ? expected->message : "",
			expected->hint ? expected->hint : "");
	PQclear(result);
}
