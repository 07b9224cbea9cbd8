/*
 * session - one blocking connection to PostgreSQL, with errors as classes
 *
 * Connection settings are libpq's: a conninfo string over PG* variables and services, exactly as in psql. Every session sets search_path to
 * daypart, its own application_name, statement and idle-in-transaction timeouts, UTC and ISO dates, and refuses a server older than 15 or a
 * schema newer or older than the program (session_require_schema).
 *
 *     struct session *session;
 *     if (session_open(&(struct session_options){.conninfo = url, .application = "daypart plan"}, &session, &err) != STATUS_OK) ...
 *     session_query(session, &sql_query_sender_list, NULL, 0, &rows, &err);
 *
 * Statements are the embedded ones of sql/query; they are prepared at first use, parameters are text. A session belongs to one thread.
 * Errors: the class comes from one table (SQLSTATE -> status); a connection lost after a write or COMMIT was sent is STATUS_UNCERTAIN,
 * lost before it STATUS_TRANSIENT. A statement outside a transaction counts as a write: whoever only reads begins a read-only transaction.
 * A server that cannot be reached, or is a standby where one must write, is STATUS_TRANSIENT, one that refuses role, password or database STATUS_INVALID. The server's DETAIL and
 * HINT become err.detail and err.hint.
 */
#ifndef DAYPART_SQL_SESSION_H
#define DAYPART_SQL_SESSION_H

#include <libpq-fe.h>
#include <stdatomic.h>

#include "planner/core/instant.h"
#include "planner/core/status.h"
#include "sql_embedded.h"

struct session;

struct session_options {
	const char *conninfo;    /* NULL or "": environment and defaults, as psql */
	const char *application; /* shown in pg_stat_activity */
	int statement_timeout_ms;
	int idle_in_transaction_timeout_ms;
	bool
		read_write; /* never a standby, of several hosts the primary; unless conninfo or PGTARGETSESSIONATTRS names other target_session_attrs */
	const atomic_bool *cancelled; /* optional: polled while waiting for the server; then the statement is cancelled, STATUS_CANCELLED */
};

MUST_CHECK enum status session_open(const struct session_options *options, struct session **out, struct err *err);
void session_close(struct session **session);
/* A connection by these options that is no session: for LISTEN in a loop. Blocks; look at PQstatus, then PQfinish it. NULL: out of memory. */
PGconn *session_connect_bare(const struct session_options *options);
/* One more connection with the same options: for parallel streams. */
MUST_CHECK enum status session_clone(const struct session *session, const char *application, struct session **out, struct err *err);

/* For code of this folder and for watching the socket; no statement text outside sql/. */
PGconn *session_connection(struct session *session);

/* Runs one embedded statement. `params` are text, NULL for SQL NULL. `out` may be NULL when no rows are wanted; else PQclear it. */
MUST_CHECK enum status session_query(struct session *session, const struct sql_statement *statement, const char *const *params,
	int param_count, PGresult **out, struct err *err);
/* The same with binary results (int8 and timestamptz in network order): for hot paths. */
MUST_CHECK enum status session_query_binary(struct session *session, const struct sql_statement *statement, const char *const *params,
	int param_count, PGresult **out, struct err *err);
/* Runs an embedded text that may hold several statements and takes no parameters (migrations). */
MUST_CHECK enum status session_script(struct session *session, const struct sql_statement *statement, struct err *err);

enum session_isolation { SESSION_READ_COMMITTED, SESSION_REPEATABLE_READ_ONLY };
MUST_CHECK enum status session_begin(struct session *session, enum session_isolation isolation, struct err *err);
/* As session_begin REPEATABLE READ READ ONLY on somebody else's exported snapshot. */
MUST_CHECK enum status session_begin_snapshot(struct session *session, const char *snapshot, struct err *err);
MUST_CHECK enum status session_commit(struct session *session, struct err *err);
void session_rollback(struct session *session);

/* Values of results. Text results only, except where the name says binary. */
int64_t session_int(const PGresult *rows, int row, int column);
bool session_bool(const PGresult *rows, int row, int column);
struct instant session_instant_binary(const PGresult *rows, int row, int column);
int64_t session_int64_binary(const PGresult *rows, int row, int column); /* int2, int4 or int8 by length */

/* Text of parameters: each writes into the caller's buffer and returns it. */
enum { SESSION_PARAM_MAX = INSTANT_TEXT_MAX };
char *session_param_int(int64_t value, char buffer[SESSION_PARAM_MAX]);
char *session_param_instant(struct instant value, char buffer[SESSION_PARAM_MAX]); /* ISO 8601 in UTC, or "infinity" */

/* Server clock minus this host's CLOCK_REALTIME, measured around a round trip (half of it is the error). */
MUST_CHECK enum status session_clock_offset(struct session *session, struct duration *out, struct err *err);

/* SQLSTATE -> class; "" means the connection was lost. The only such table. */
enum status sqlstate_status(const char *sqlstate);

#endif
