#include "sql_probe.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Past comments and blanks. */
static const char *
first_word(const char *text)
{
	for (;;) {
		while (isspace((unsigned char)*text))
			text++;
		if (strncmp(text, "--", 2) != 0)
			return text;
		text += strcspn(text, "\n");
	}
}

static bool
starts_with(const char *text, const char *word)
{
	return strncmp(text, word, strlen(word)) == 0;
}

/* What of the statement can be prepared, malloc'd; NULL: nothing. */
static char *
preparable(const char *text)
{
	static const char *const words[] = {"SELECT", "WITH", "INSERT", "UPDATE", "DELETE"};
	const char *statement = first_word(text);
	const char *end = strstr(statement, ") TO STDOUT");

	if (starts_with(statement, "COPY (") && end != NULL)
		return strndup(statement + strlen("COPY ("), (size_t)(end - statement) - strlen("COPY ("));
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (starts_with(statement, words[i]))
			return strdup(statement);
	return NULL;
}

static bool
run(PGconn *connection, const char *text, char message[SQL_PROBE_MESSAGE_MAX])
{
	PGresult *result = PQexec(connection, text);
	const ExecStatusType status = PQresultStatus(result);

	snprintf(message, SQL_PROBE_MESSAGE_MAX, "%s", PQresultErrorMessage(result));
	PQclear(result);
	return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

static int
parameter_count(PGconn *connection)
{
	PGresult *result = PQdescribePrepared(connection, "probe");
	const int count = PQnparams(result);

	PQclear(result);
	return count;
}

static bool
prepare(PGconn *connection, const char *text, char message[SQL_PROBE_MESSAGE_MAX])
{
	PGresult *result = PQprepare(connection, "probe", text, 0, NULL);
	const ExecStatusType status = PQresultStatus(result);

	snprintf(message, SQL_PROBE_MESSAGE_MAX, "%s", PQresultErrorMessage(result));
	PQclear(result);
	return status == PGRES_COMMAND_OK;
}

static bool
explain(PGconn *connection, char message[SQL_PROBE_MESSAGE_MAX])
{
	char command[512] = "EXPLAIN EXECUTE probe";
	const int count = parameter_count(connection);

	for (int i = 0; i < count; i++)
		strcat(command, i == 0 ? " (NULL" : ", NULL");
	strcat(command, count > 0 ? ")" : "");
	return run(connection, command, message);
}

bool
sql_probe(PGconn *connection, const struct sql_statement *statement, char message[SQL_PROBE_MESSAGE_MAX])
{
	char *text = preparable(statement->text);
	char ignored[SQL_PROBE_MESSAGE_MAX];
	bool fine;

	message[0] = '\0';
	if (text == NULL)
		return true;
	fine = prepare(connection, text, message) && explain(connection, message);
	run(connection, "DEALLOCATE ALL", ignored);
	free(text);
	return fine;
}
