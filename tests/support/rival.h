/*
 * rival - statements of several sessions at once, and which of them waits for another's lock
 *
 *     rival_send(second, "SELECT opt_out('+14155550101')");
 *     rival_expect_blocked(watcher, second);
 *     sql_run(first, "COMMIT");
 *     rival_finish(second);
 *
 * Blocked is what the server says (pg_blocking_pids), asked until it says so; nothing sleeps for a length of time that is hoped to suffice.
 * A session that ends instead of waiting fails the test at once, one that does neither after 20 seconds. What fails fails the running test.
 */
#ifndef DAYPART_TESTS_SUPPORT_RIVAL_H
#define DAYPART_TESTS_SUPPORT_RIVAL_H

#include <libpq-fe.h>
#include <stdbool.h>

#include "process.h"

/* Starts one or more statements and returns at once. Until they are finished the session is good for nothing else. */
void rival_send(PGconn *session, const char *text);

void rival_expect_blocked(PGconn *watcher, PGconn *session);
/* A session of one of our programs, the only one that runs on the watcher's database. */
void rival_expect_program_blocked(PGconn *watcher, const struct process *program);
/* Either: true when it is blocked, false when it has ended. */
bool rival_program_is_blocked(PGconn *watcher, const struct process *program);

/* Waits for the end of what was sent, which must succeed. */
void rival_finish(PGconn *session);
/* The same for one that must fail so. */
void rival_expect_error(PGconn *session, const char *sqlstate);

#endif
