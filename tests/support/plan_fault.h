/*
 * plan_fault - an installation with an old plan that needs a new one, for tests that strike while the new one is made
 *
 *     struct plan_fault *fault = *state;                        // plan_fault_start, plan_fault_stop: the group's
 *     plan_fault_open(fault);                                   // a clone of the prepared database
 *     struct process *planner = daypart_start(fault->conninfo, plan_fault_line);
 *     ... strike ...
 *     const bool is_new = plan_fault_expect_whole(fault);       // the old plan or the new one
 *     plan_fault_expect_reference(fault, is_new);               // and planning again gives the new one
 *     plan_fault_close(fault);
 *
 * The old plan is a small campaign; for the new one it is moved, some of its people opted out, and a campaign of a size that gets a private part of
 * the queue is added. What the new plan must be was found beforehand, without a strike.
 *
 * DAYPART_TORTURE_PEOPLE: how many people there are, instead of 62,000; no fewer.
 */
#ifndef DAYPART_TESTS_SUPPORT_PLAN_FAULT_H
#define DAYPART_TESTS_SUPPORT_PLAN_FAULT_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>

#include "pg_cluster.h"
#include "random.h"
#include "strike.h"

struct plan_fault {
	struct pg_cluster *cluster; /* durable, its own */
	char *old_plan, *new_plan;  /* fingerprints */
	int64_t duration_us;        /* the shortest that making the new plan has taken: what delays are drawn from */
	struct random_source random;
	int rounds;
	char *conninfo;
	PGconn *connection; /* to the clone of this round */
};

extern const char plan_fault_line[]; /* what daypart is run with */

/* Where a planner is struck. The first five are held: it is certain to come there and cannot leave; at the others it may be gone before. */
enum { PLAN_FAULT_POINTS = 9, PLAN_FAULT_HELD_POINTS = 5 };
extern const struct strike plan_fault_points[PLAN_FAULT_POINTS];
/* Any moment of making the plan. */
struct strike plan_fault_lot(struct plan_fault *fault);

/* For cmocka, of the group; the state is a struct plan_fault. `seeded` names the test. */
int plan_fault_start(void **state, const char *seeded);
int plan_fault_stop(void **state);

void plan_fault_open(struct plan_fault *fault);
void plan_fault_close(struct plan_fault *fault);

/* Every check is clean, and one plan stands whole; true: the new one. */
bool plan_fault_expect_whole(struct plan_fault *fault);
/* After planning again: the new plan, byte for byte, and nothing that the dead left behind. */
void plan_fault_expect_reference(struct plan_fault *fault, bool is_new);

/* After a kill the server ends a statement before it notices. */
void plan_fault_await_no_planner(struct plan_fault *fault);

#endif
