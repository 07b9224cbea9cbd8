/*
 * sql_probe - the embedded statements of sql/query and sql/check, tried without running them
 *
 *     char message[SQL_PROBE_MESSAGE_MAX];
 *     if (!sql_probe(connection, &sql_query_release_claim, message)) ...
 *
 * A statement is prepared and explained with NULLs for its parameters, which asks for every right it would need but reads and writes nothing.
 * COPY ... TO is tried by its SELECT; COPY ... FROM and TRUNCATE cannot be tried and pass.
 */
#ifndef DAYPART_TESTS_SUPPORT_SQL_PROBE_H
#define DAYPART_TESTS_SUPPORT_SQL_PROBE_H

#include <libpq-fe.h>
#include <stdbool.h>

#include "sql_embedded.h"

enum { SQL_PROBE_MESSAGE_MAX = 1024 };

/* False: `message` says why not. */
bool sql_probe(PGconn *connection, const struct sql_statement *statement, char message[SQL_PROBE_MESSAGE_MAX]);

#endif
