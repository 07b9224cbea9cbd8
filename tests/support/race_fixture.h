/*
 * race_fixture - a small world in which several sessions get in each other's way
 *
 *     struct race *race = *state;
 *     race_plan(race);
 *     sql_run(race->first, "BEGIN");
 *     race_claim(race->first, &(struct race_claim){.lane = "north"}, "12 0 0 0 0");
 *     rival_send(race->second, "SELECT opt_out('+14155550101')");
 *     rival_expect_blocked(race->watcher, race->second);
 *     ...
 *     race_expect_healthy(race);
 *
 * Business acme; senders north and south, sms, 1,000 a second; people +14155550101 to +14155550112 in audience everyone, with a consent of
 * January 2026; approved campaigns spring (north) and summer (south) to everyone, from 2026-11-23T16Z to 2026-11-26T00Z, not planned yet. The
 * law: 08:00 to 20:00 where the recipient is (UTC-8), two messages a day, consent with time and method. The clock of every session stands at
 * RACE_NOW; plans are made a day before by the real program, claims are the daemon's statement. Every test has a database of its own.
 */
#ifndef DAYPART_TESTS_SUPPORT_RACE_FIXTURE_H
#define DAYPART_TESTS_SUPPORT_RACE_FIXTURE_H

#include <libpq-fe.h>

#include "pg_cluster.h"
#include "process.h"

enum { RACE_PEOPLE = 12 };

#define RACE_NOW "2026-11-23T18:00:00Z" /* two hours after everything became due */
#define RACE_PLAN_AT "2026-11-22T12:00:00Z"

struct race {
	char *conninfo;
	PGconn *watcher;        /* looks on, and holds what shall be waited for */
	PGconn *first, *second; /* who race each other */
};

/* For cmocka: of the group, and of each test, whose state is a struct race. */
int race_group_set_up(void **state);
int race_group_tear_down(void **state);
int race_set_up(void **state);
int race_tear_down(void **state);

/* One more session like the others; PQfinish it. */
PGconn *race_connect(const struct race *race);

/* Makes this the law: days as in `every_day = "08:00-20:00";`, and how many messages a day. */
void race_set_law(const struct race *race, const char *days, int per_day);

/* Plans and publishes, or starts to; what is not 0 or not expected fails the test. */
void race_plan(const struct race *race);
struct process *race_start_plan(const struct race *race);
void race_expect_exit(struct process **process, int code);

struct race_claim {
	const char *lane; /* a sender's name */
	const char *now;  /* NULL: RACE_NOW */
	int limit;        /* 0: 1,000 */
	int epoch;        /* 0: the one under which the lane is held */
};

/* One batch, as daypartd claims it, under a law that closes no window. `expected`: handed over, refused, expired, held, conflicts. */
void race_claim(PGconn *session, const struct race_claim *claim, const char *expected);
/* The halves of it, for a claim that has to wait in between. */
void race_send_claim(PGconn *session, const struct race_claim *claim);
void race_finish_claim(PGconn *session, const char *expected);

/* Whatever was raced for, every query of sql/check finds nothing. */
void race_expect_healthy(const struct race *race);

#endif
