/*
 * session - implementation
 *
 * Statements are sent asynchronously and awaited in session_wait, the only place that blocks, so that a cancel flag is seen within
 * CANCEL_POLL_MS. What a lost connection means depends on what was under way, kept in `outcome_open`: inside a transaction nothing has
 * happened before COMMIT is sent; a COMMIT of a writing transaction, or a statement outside one, may have happened. Statements outside a
 * transaction are taken for writes because their text is not read here: whoever only reads opens a read-only transaction.
 *
 * Prepared statements are remembered by address in a small array, searched linearly: a session uses a few dozen at most.
 */
#include "session.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "session_private.h"

enum { CANCEL_POLL_MS = 100 }; /* how long a cancelled program may still look busy */

/* Errors ---------------------------------------------------------------------------------------------------------------------------------- */

void
session_one_line(const char *text, char out[ERR_DETAIL_MAX])
{
	size_t size = 0;
	bool gap = false;

	for (; *text != '\0' && size + 2 < ERR_DETAIL_MAX; text++) {
		if (strchr(" \t\n\r", *text) != NULL) {
			gap = size > 0;
			continue;
		}
		if (gap)
			out[size++] = ' ';
		gap = false;
		out[size++] = *text;
	}
	out[size] = '\0';
}

static enum status
fail_lost(struct session *session, struct err *err)
{
	char detail[ERR_DETAIL_MAX];
	const bool uncertain = session->outcome_open;

	session_one_line(PQerrorMessage(session->connection), detail);
	err_set(err, uncertain ? STATUS_UNCERTAIN : STATUS_TRANSIENT, "the connection to the database was lost");
	if (uncertain)
		err_hint(err, "The last change may or may not have been made: look before you repeat it.");
	return err_detail(err, "%s", detail);
}

/* A server that shuts down says so; what it was doing may be done or not, as when the connection breaks. */
static bool
is_shutdown(const char *sqlstate)
{
	return strncmp(sqlstate, "57P0", 4) == 0 || strncmp(sqlstate, "08", 2) == 0;
}

static enum status
class_of(const struct session *session, const char *sqlstate)
{
	if (session->cancel_sent && strcmp(sqlstate, "57014") == 0)
		return STATUS_CANCELLED;
	if (session->outcome_open && is_shutdown(sqlstate))
		return STATUS_UNCERTAIN;
	return sqlstate_status(sqlstate);
}

enum status
session_fail(struct session *session, const PGresult *result, struct err *err)
{
	const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	const char *detail = PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL);
	const char *hint = PQresultErrorField(result, PG_DIAG_MESSAGE_HINT);
	char text[ERR_DETAIL_MAX];

	if (sqlstate == NULL && PQstatus(session->connection) == CONNECTION_BAD)
		return fail_lost(session, err);
	if (sqlstate == NULL) {
		session_one_line(PQerrorMessage(session->connection), text);
		return err_set(err, STATUS_INTERNAL, "%s", text);
	}
	err_set(err, class_of(session, sqlstate), "%s", PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY));
	snprintf(err->sqlstate, sizeof(err->sqlstate), "%s", sqlstate);
	if (detail != NULL)
		err_detail(err, "%s", detail);
	if (hint != NULL)
		err_hint(err, "%s", hint);
	return err->status;
}

static enum status
fail_no_memory(struct err *err)
{
	return err_set(err, STATUS_NO_MEMORY, "out of memory");
}

/* Waiting for the server ------------------------------------------------------------------------------------------------------------------ */

void
session_cancel(struct session *session)
{
	PGcancel *cancel = PQgetCancel(session->connection);
	char ignored[256]; /* what it could not do shows in the statement's own result */

	if (cancel != NULL)
		PQcancel(cancel, ignored, sizeof(ignored));
	PQfreeCancel(cancel);
	session->cancel_sent = true;
}

bool
session_wait(struct session *session)
{
	const atomic_bool *cancelled = session->options.cancelled;
	struct pollfd poll_fd = {.fd = PQsocket(session->connection), .events = POLLIN};
	int ready = 0;

	if (poll_fd.fd < 0)
		return false;
	while (ready <= 0) {
		if (cancelled != NULL && atomic_load(cancelled) && !session->cancel_sent)
			session_cancel(session);
		ready = poll(&poll_fd, 1, cancelled != NULL ? CANCEL_POLL_MS : -1);
		if (ready < 0 && errno != EINTR)
			return false;
	}
	return PQconsumeInput(session->connection) == 1;
}

static PGresult *
next_result(struct session *session)
{
	while (PQisBusy(session->connection))
		if (!session_wait(session))
			break;
	return PQgetResult(session->connection);
}

static bool
is_failure(const PGresult *result)
{
	const ExecStatusType status = PQresultStatus(result);

	return status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE;
}

static bool
is_copy(const PGresult *result)
{
	return PQresultStatus(result) == PGRES_COPY_IN || PQresultStatus(result) == PGRES_COPY_OUT;
}

enum status
session_finish(struct session *session, PGresult **out_last, struct err *err)
{
	PGresult *last = NULL, *result;
	enum status status = STATUS_OK;

	while ((result = next_result(session)) != NULL) {
		if (is_failure(result) && status == STATUS_OK)
			status = session_fail(session, result, err);
		PQclear(last);
		last = result;
		if (is_copy(result))
			break;
	}
	if (last == NULL && status == STATUS_OK)
		status = session_fail(session, NULL, err);
	if (status == STATUS_OK && out_last != NULL) {
		*out_last = last;
		return STATUS_OK;
	}
	PQclear(last);
	return status;
}

void
session_drain(struct session *session)
{
	PGresult *result;
	char *row = NULL;

	while (PQgetCopyData(session->connection, &row, 0) > 0)
		PQfreemem(row);
	while ((result = next_result(session)) != NULL)
		PQclear(result);
}

static bool
was_cancelled_before(struct session *session)
{
	session->cancel_sent = false;
	return session->options.cancelled != NULL && atomic_load(session->options.cancelled);
}

enum status
session_await(struct session *session, int sent, PGresult **out, struct err *err)
{
	if (!sent)
		return session_fail(session, NULL, err);
	return session_finish(session, out, err);
}

enum status
session_execute_text(struct session *session, const char *text, PGresult **out, struct err *err)
{
	if (was_cancelled_before(session))
		return err_set(err, STATUS_CANCELLED, "cancelled");
	session->outcome_open = !session->in_transaction;
	return session_await(session, PQsendQuery(session->connection, text), out, err);
}

char *
session_substitute(const char *template, const char *word, const char *value)
{
	const size_t word_size = strlen(word);
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	const char *found;

	if (out == NULL)
		return NULL;
	for (; (found = strstr(template, word)) != NULL; template = found + word_size)
		fprintf(out, "%.*s%s", (int)(found - template), template, value);
	fputs(template, out);
	if (fclose(out) != 0) {
		free(text);
		return NULL;
	}
	return text;
}

/* Opening and closing --------------------------------------------------------------------------------------------------------------------- */

static bool
copy_options(struct session_options *own, const struct session_options *options)
{
	*own = *options;
	own->conninfo = strdup(options->conninfo ? options->conninfo : "");
	own->application = strdup(options->application ? options->application : "daypart");
	return own->conninfo != NULL && own->application != NULL;
}

enum status
session_open(const struct session_options *options, struct session **out, struct err *err)
{
	struct session *session = calloc(1, sizeof(*session));

	*out = NULL;
	if (session == NULL)
		return fail_no_memory(err);
	if (!copy_options(&session->options, options)) {
		session_close(&session);
		return fail_no_memory(err);
	}
	if (session_connect(session, err) != STATUS_OK) {
		session_close(&session);
		return err->status;
	}
	*out = session;
	return STATUS_OK;
}

void
session_close(struct session **session)
{
	struct session *gone = *session;

	*session = NULL;
	if (gone == NULL)
		return;
	PQfinish(gone->connection);
	free((void *)gone->prepared);
	free((void *)gone->options.conninfo);
	free((void *)gone->options.application);
	free(gone);
}

enum status
session_clone(const struct session *session, const char *application, struct session **out, struct err *err)
{
	struct session_options options = session->options;

	options.application = application;
	return session_open(&options, out, err);
}

PGconn *
session_connection(struct session *session)
{
	return session->connection;
}

/* Statements ------------------------------------------------------------------------------------------------------------------------------ */

static bool
is_prepared(const struct session *session, const struct sql_statement *statement)
{
	for (size_t i = 0; i < session->prepared_count; i++)
		if (session->prepared[i] == statement)
			return true;
	return false;
}

static bool
remember_prepared(struct session *session, const struct sql_statement *statement)
{
	if (session->prepared_count == session->prepared_capacity) {
		const size_t capacity = session->prepared_capacity ? 2 * session->prepared_capacity : 16;
		const struct sql_statement **prepared = realloc((void *)session->prepared, capacity * sizeof(*prepared));

		if (prepared == NULL)
			return false;
		session->prepared = prepared;
		session->prepared_capacity = capacity;
	}
	session->prepared[session->prepared_count++] = statement;
	return true;
}

static enum status
prepare(struct session *session, const struct sql_statement *statement, struct err *err)
{
	if (is_prepared(session, statement))
		return STATUS_OK;
	session->outcome_open = false;
	if (session_await(session, PQsendPrepare(session->connection, statement->name, statement->text, 0, NULL), NULL, err) != STATUS_OK)
		return err->status;
	return remember_prepared(session, statement) ? STATUS_OK : fail_no_memory(err);
}

struct query {
	const struct sql_statement *statement;
	const char *const *params;
	int param_count;
	bool binary;
};

static enum status
run(struct session *session, const struct query *query, PGresult **out, struct err *err)
{
	if (was_cancelled_before(session))
		return err_set(err, STATUS_CANCELLED, "cancelled");
	if (prepare(session, query->statement, err) != STATUS_OK)
		return err->status;
	session->outcome_open = !session->in_transaction;
	return session_await(session,
		PQsendQueryPrepared(session->connection, query->statement->name, query->param_count, query->params, NULL, NULL, query->binary), out,
		err);
}

enum status
session_query(struct session *session, const struct sql_statement *statement, const char *const *params, int param_count, PGresult **out,
	struct err *err)
{
	const struct query query = {.statement = statement, .params = params, .param_count = param_count};

	return run(session, &query, out, err);
}

enum status
session_query_binary(struct session *session, const struct sql_statement *statement, const char *const *params, int param_count,
	PGresult **out, struct err *err)
{
	const struct query query = {.statement = statement, .params = params, .param_count = param_count, .binary = true};

	return run(session, &query, out, err);
}

enum status
session_script(struct session *session, const struct sql_statement *statement, struct err *err)
{
	return session_execute_text(session, statement->text, NULL, err);
}

/* Transactions ---------------------------------------------------------------------------------------------------------------------------- */

enum status
session_begin(struct session *session, enum session_isolation isolation, struct err *err)
{
	const bool read_only = isolation == SESSION_REPEATABLE_READ_ONLY;
	const struct sql_statement *begin = read_only ? &sql_query_session_begin_read : &sql_query_session_begin;

	assert(!session->in_transaction);
	session->in_transaction = true; /* nothing can be lost with BEGIN */
	session->read_only = read_only;
	if (session_script(session, begin, err) != STATUS_OK)
		session->in_transaction = false;
	return session->in_transaction ? STATUS_OK : err->status;
}

static enum status
import_snapshot(struct session *session, const char *snapshot, struct err *err)
{
	char *quoted = PQescapeLiteral(session->connection, snapshot, strlen(snapshot));
	char *text = quoted ? session_substitute(sql_query_session_import_snapshot.text, "'SNAPSHOT_ID'", quoted) : NULL;
	enum status status = text ? session_execute_text(session, text, NULL, err) : fail_no_memory(err);

	free(text);
	PQfreemem(quoted);
	return status;
}

enum status
session_begin_snapshot(struct session *session, const char *snapshot, struct err *err)
{
	if (session_begin(session, SESSION_REPEATABLE_READ_ONLY, err) != STATUS_OK)
		return err->status;
	if (import_snapshot(session, snapshot, err) == STATUS_OK)
		return STATUS_OK;
	session_rollback(session);
	return err->status;
}

/* A COMMIT is sent even when the program has been cancelled meanwhile: the work is done. */
enum status
session_commit(struct session *session, struct err *err)
{
	PGresult *result = NULL;
	enum status status;

	assert(session->in_transaction);
	session->outcome_open = !session->read_only;
	status = session_await(session, PQsendQuery(session->connection, sql_query_session_commit.text), &result, err);
	session->in_transaction = false;
	if (status == STATUS_OK && strcmp(PQcmdStatus(result), "COMMIT") != 0)
		status = err_set(err, STATUS_INTERNAL, "a failed transaction was committed"); /* the server has rolled it back */
	PQclear(result);
	return status;
}

void
session_rollback(struct session *session)
{
	struct err ignored = ERR_INIT; /* a transaction that cannot be rolled back dies with its connection */

	if (!session->in_transaction)
		return;
	session->outcome_open = false;
	if (session_await(session, PQsendQuery(session->connection, sql_query_session_rollback.text), NULL, &ignored) != STATUS_OK)
		ignored.status = STATUS_OK;
	session->in_transaction = false;
}

/* The clock ------------------------------------------------------------------------------------------------------------------------------- */

static int64_t
host_clock_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * US_PER_SECOND + now.tv_nsec / 1000;
}

enum status
session_clock_offset(struct session *session, struct duration *out, struct err *err)
{
	PGresult *rows = NULL;
	int64_t before, after;

	if (prepare(session, &sql_query_session_clock, err) != STATUS_OK)
		return err->status;
	before = host_clock_us();
	if (session_query_binary(session, &sql_query_session_clock, NULL, 0, &rows, err) != STATUS_OK)
		return err->status;
	after = host_clock_us();
	out->us = session_instant_binary(rows, 0, 0).us - (before + (after - before) / 2);
	PQclear(rows);
	return STATUS_OK;
}
