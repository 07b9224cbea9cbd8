/* How it works: libpq reads its settings as psql does; what must hold stands behind them. Then one statement sets what every session has. */
#include "session_private.h"

#include <stdlib.h>
#include <string.h>

enum { SERVER_VERSION_MIN = 150000 }; /* MERGE, and what the tests run on */
#define CONNECT_TIMEOUT_S "10"        /* unless conninfo, service or PGCONNECT_TIMEOUT say otherwise: cron must not hang on a dead host */

/* Notices are for psql; a batch program run by cron is silent when all is well. */
static void
ignore_notice(void *argument, const PGresult *notice)
{
	(void)argument;
	(void)notice;
}

struct connect_parameters {
	const char *keywords[8], *values[8];
};

/* Later entries win, and dbname is expanded where it stands: only what must hold comes after it. NULL values are left out. */
static struct connect_parameters
connect_parameters(const struct session_options *options)
{
	const bool timeout_set = getenv("PGCONNECT_TIMEOUT") != NULL, attributes_set = getenv("PGTARGETSESSIONATTRS") != NULL;

	return (struct connect_parameters){
		.keywords = {"connect_timeout", "tcp_user_timeout", "target_session_attrs", "dbname", "application_name", "client_encoding", NULL},
		.values = {timeout_set ? NULL : CONNECT_TIMEOUT_S, "60000", options->read_write && !attributes_set ? "read-write" : NULL,
			options->conninfo, options->application, "UTF8", NULL},
	};
}

/* Whether the only thing wrong is that no host is a primary now. A server that says where it stands would let us in. */
static bool
is_standby(struct connect_parameters parameters)
{
	const char **value = parameters.values;
	PGconn *connection;
	bool standby;

	for (const char **keyword = parameters.keywords; strcmp(*keyword, "target_session_attrs") != 0; keyword++)
		value++;
	if (*value == NULL)
		return false;
	*value = NULL;
	connection = PQconnectdbParams(parameters.keywords, parameters.values, 1);
	standby = connection != NULL && PQstatus(connection) == CONNECTION_OK;
	PQfinish(connection);
	return standby;
}

/* A server that answers pings refuses us for what we are (role, password, database); one that does not may come back. */
static enum status
fail_connect(struct session *session, const struct connect_parameters *parameters, struct err *err)
{
	const PGPing ping = PQpingParams(parameters->keywords, parameters->values, 1);
	char detail[ERR_DETAIL_MAX];

	session_one_line(PQerrorMessage(session->connection), detail);
	if (ping == PQPING_OK && is_standby(*parameters)) {
		err_set(err, STATUS_TRANSIENT, "the database is read-only now: a standby, or none of the hosts is the primary");
		err_hint(err, "Promote one, or correct the setting \"database\".");
	} else if (ping == PQPING_OK || ping == PQPING_NO_ATTEMPT) {
		err_set(err, STATUS_INVALID, "the database does not let us in");
		err_hint(err, "Correct the setting \"database\" or the PG* variables, password file or service it relies on, as for psql.");
	} else {
		err_set(err, STATUS_TRANSIENT, "cannot reach the database");
		err_hint(err, "Start the server, or correct the setting \"database\" or the PG* variables, as for psql.");
	}
	return err_detail(err, "%s", detail);
}

static enum status
check_server(struct session *session, struct err *err)
{
	const int version = PQserverVersion(session->connection);

	if (version >= SERVER_VERSION_MIN)
		return STATUS_OK;
	err_set(err, STATUS_INVALID, "the database server is too old");
	err_detail(err, "It is PostgreSQL %d.", version / 10000);
	return err_hint(err, "Use PostgreSQL %d or later.", SERVER_VERSION_MIN / 10000);
}

static enum status
set_up(struct session *session, struct err *err)
{
	char timeout[SESSION_PARAM_MAX], idle_timeout[SESSION_PARAM_MAX];
	const char *params[] = {
		session_param_int(session->options.statement_timeout_ms, timeout),
		session_param_int(session->options.idle_in_transaction_timeout_ms, idle_timeout),
	};

	PQsetNoticeReceiver(session->connection, ignore_notice, NULL);
	if (check_server(session, err) != STATUS_OK)
		return err->status;
	return session_await(
		session, PQsendQueryParams(session->connection, sql_query_session_setup.text, 2, NULL, params, NULL, NULL, 0), NULL, err);
}

PGconn *
session_connect_bare(const struct session_options *options)
{
	const struct connect_parameters parameters = connect_parameters(options);

	return PQconnectdbParams(parameters.keywords, parameters.values, 1);
}

enum status
session_connect(struct session *session, struct err *err)
{
	const struct connect_parameters parameters = connect_parameters(&session->options);

	session->connection = session_connect_bare(&session->options);
	if (session->connection == NULL)
		return err_set(err, STATUS_NO_MEMORY, "out of memory");
	if (PQstatus(session->connection) != CONNECTION_OK)
		return fail_connect(session, &parameters, err);
	return set_up(session, err);
}
