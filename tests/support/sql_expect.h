/*
 * sql_expect - statements of a test and what they must give
 *
 *     sql_run(connection, "INSERT INTO business (name) VALUES ('acme')");
 *     sql_expect(connection, "SELECT name, country FROM business", "acme|");
 *     sql_expect_error(connection, "SELECT opt_out('0171')", &(struct sql_error){"22023", "local format", "+1 415"});
 *
 * Results are compared as text: columns joined by '|', rows by a newline, NULL as nothing. What differs fails the running test with the
 * statement and both texts.
 */
#ifndef DAYPART_TESTS_SUPPORT_SQL_EXPECT_H
#define DAYPART_TESTS_SUPPORT_SQL_EXPECT_H

#include <libpq-fe.h>

struct sql_error {
	const char *sqlstate;
	const char *message, *hint; /* parts of the texts; NULL: whatever they say */
};

/* As `user` unless that is NULL, with the search path of daypart's own sessions. Ends the test program when it cannot. */
PGconn *sql_connect(const char *conninfo, const char *user);

/* One or more statements that must succeed. */
void sql_run(PGconn *connection, const char *text);
/* The result as text, which the caller frees. */
char *sql_text(PGconn *connection, const char *query);
void sql_expect(PGconn *connection, const char *query, const char *expected);
void sql_expect_error(PGconn *connection, const char *statement, const struct sql_error *expected);

#endif
