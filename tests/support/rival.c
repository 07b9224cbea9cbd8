#include "rival.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "sql_expect.h"

enum { QUERY_MAX = 128, POLL_MS = 5, PATIENCE_MS = 20 * 1000 };

void
rival_send(PGconn *session, const char *text)
{
	if (PQsendQuery(session, text) != 1)
		fail_msg("%s\n%s", text, PQerrorMessage(session));
}

static bool
is_true(PGconn *watcher, const char *query)
{
	char *text = sql_text(watcher, query);
	const bool yes = strcmp(text, "t") == 0;

	free(text);
	return yes;
}

/* Whose end means that there is nothing to wait for. */
struct waiter {
	PGconn *session; /* or */
	const struct process *program;
};

static bool
has_ended(const struct waiter *waiter)
{
	if (waiter->program != NULL)
		return process_has_ended(waiter->program);
	return PQconsumeInput(waiter->session) != 1 || PQisBusy(waiter->session) == 0;
}

/* False when it has ended and was not seen to be blocked. */
static bool
await_blocked(PGconn *watcher, const struct waiter *waiter, const char *query)
{
	const struct timespec pause = {.tv_nsec = POLL_MS * 1000000L};

	for (int waited_ms = 0; !is_true(watcher, query); waited_ms += POLL_MS) {
		if (has_ended(waiter))
			return false;
		if (waited_ms >= PATIENCE_MS)
			fail_msg("it neither ends nor waits for a lock");
		nanosleep(&pause, NULL);
	}
	return true;
}

void
rival_expect_blocked(PGconn *watcher, PGconn *session)
{
	char query[QUERY_MAX];

	snprintf(query, sizeof(query), "SELECT cardinality(pg_blocking_pids(%d)) > 0", PQbackendPID(session));
	if (!await_blocked(watcher, &(struct waiter){.session = session}, query))
		fail_msg("the statement ended and waited for nobody: %s", PQerrorMessage(session));
}

bool
rival_program_is_blocked(PGconn *watcher, const struct process *program)
{
	return await_blocked(watcher, &(struct waiter){.program = program},
		"SELECT count(*) > 0 FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'daypart%'"
		" AND cardinality(pg_blocking_pids(pid)) > 0");
}

void
rival_expect_program_blocked(PGconn *watcher, const struct process *program)
{
	if (!rival_program_is_blocked(watcher, program))
		fail_msg("the program ended and waited for nobody");
}

/* The result that decides: the error, or the last one. */
static PGresult *
take_result(PGconn *session)
{
	PGresult *last = NULL;

	for (PGresult *next = PQgetResult(session); next != NULL; next = PQgetResult(session)) {
		PQclear(last);
		last = next;
	}
	if (last == NULL)
		fail_msg("nothing was sent, or the connection is lost: %s", PQerrorMessage(session));
	return last;
}

void
rival_finish(PGconn *session)
{
	PGresult *result = take_result(session);
	const ExecStatusType status = PQresultStatus(result);

	if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
		fail_msg("%s", PQresultErrorMessage(result));
	PQclear(result);
}

void
rival_expect_error(PGconn *session, const char *sqlstate)
{
	PGresult *result = take_result(session);
	const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);

	if (state == NULL || strcmp(state, sqlstate) != 0)
		fail_msg("expected %s, got %s %s", sqlstate, state != NULL ? state : "success", PQresultErrorMessage(result));
	PQclear(result);
}
