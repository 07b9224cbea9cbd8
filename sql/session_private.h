/*
 * session_private - what copy.c, migrate.c and session_connect.c share with session.c; not for code outside sql/
 *
 * Every wait for the server goes through session_wait, so that a cancelled program never hangs in libpq.
 */
#ifndef DAYPART_SQL_SESSION_PRIVATE_H
#define DAYPART_SQL_SESSION_PRIVATE_H

#include "session.h"

struct session {
	PGconn *connection;
	struct session_options options; /* its strings are owned */
	const struct sql_statement **prepared;
	size_t prepared_count, prepared_capacity;
	bool in_transaction, read_only;
	bool outcome_open; /* losing the connection now leaves open whether the write happened */
	bool cancel_sent;
};

/* Opens the connection by the session's options, and sets what every session has. */
MUST_CHECK enum status session_connect(struct session *session, struct err *err);

/* Waits until the server has sent something, and reads it. False: the connection is lost. When the program was cancelled, the running
 * statement is cancelled once and waiting goes on for the server's answer. */
bool session_wait(struct session *session);

/* Sends a text of one or more statements by the simple protocol. `out` (may be NULL) gets the last result; a COPY result ends it early. */
MUST_CHECK enum status session_execute_text(struct session *session, const char *text, PGresult **out, struct err *err);

/* Reads the results of what was sent up to the end, or up to a COPY result; keeps the first error. `out_last` may be NULL. */
MUST_CHECK enum status session_finish(struct session *session, PGresult **out_last, struct err *err);

/* The same of what a PQsend function has just sent; `sent` is its answer. */
MUST_CHECK enum status session_await(struct session *session, int sent, PGresult **out, struct err *err);

/* Asks the server to give up what is running; its answer is still to be read. */
void session_cancel(struct session *session);
/* Reads and forgets whatever still comes: the session can be used again. */
void session_drain(struct session *session);

/* Fills `err` from a failed result, or from the connection when `result` is NULL. */
enum status session_fail(struct session *session, const PGresult *result, struct err *err);

/* libpq's texts run over several lines; ours are one line. */
void session_one_line(const char *text, char out[ERR_DETAIL_MAX]);

/* `template` with every `word` replaced by `value` (already quoted); malloc'd, NULL when out of memory. */
char *session_substitute(const char *template, const char *word, const char *value);

#endif
