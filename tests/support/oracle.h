/*
 * oracle - a second opinion on what was planned and released, which shares no code with daypart
 *
 *     oracle_expect_lawful(connection);
 *
 * Asks PostgreSQL itself: oracle_windows.sql (AT TIME ZONE, hours and holidays written down a second time), oracle_caps.sql, and every query
 * of sql/check, which must all return no row. Rows fail the running test and are printed.
 *
 * Law, campaigns and facts change; what left before was lawful then. With `SET oracle.since = '2026-11-23T12:00Z'` on the connection only
 * what left or may leave from then on is judged by what is said now, with all before it counted in caps.
 */
#ifndef DAYPART_TESTS_SUPPORT_ORACLE_H
#define DAYPART_TESTS_SUPPORT_ORACLE_H

#include <libpq-fe.h>

/* `connection` is one of sql_connect. */
void oracle_expect_lawful(PGconn *connection);

#endif
