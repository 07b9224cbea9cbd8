/*
 * strike - when a fault test strikes at a running program of ours
 *
 *     const struct strike strike = {"the gates are closed", .lock = "SELECT FROM bucket_gate FOR SHARE"};
 *     struct strike_hold *hold = strike_hold(&strike, conninfo);
 *     struct process *process = daypart_start(conninfo, "plan");
 *     strike_await(&strike, connection, process);
 *     process_signal(process, SIGKILL);
 *     strike_release(&hold);
 *
 * Three kinds: held, by a lock that the program waits for; watched, as soon as one of its sessions runs a statement; or after a delay. A
 * program may end before a watched or delayed point, which is for the test to see. Its sessions are those named daypart*.
 */
#ifndef DAYPART_TESTS_SUPPORT_STRIKE_H
#define DAYPART_TESTS_SUPPORT_STRIKE_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "process.h"

struct strike {
	const char *name;
	const char *lock;      /* statement that takes what the program needs; held until strike_release */
	const char *statement; /* LIKE pattern of what the program runs */
	int64_t delay_us;
};

struct strike_hold;

/* Takes the lock, before the program is started that will want it; NULL when the strike has none. */
struct strike_hold *strike_hold(const struct strike *strike, const char *conninfo);
void strike_release(struct strike_hold **hold);

/* Waits for the point; `connection` looks on, to the program's database. A held point that is not reached ends the test program. */
void strike_await(const struct strike *strike, PGconn *connection, const struct process *process);

/* The strike of that name, which must be there. */
const struct strike *strike_find(const struct strike *strikes, size_t count, const char *name);

/* True once no session of a program of ours is left in the database: after a kill the server ends a statement before it notices. */
bool strike_await_no_client(PGconn *connection, int timeout_ms);

/* For measuring what delays are scaled to. */
int64_t strike_clock_us(void);

#endif
