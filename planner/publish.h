/*
 * publish - writes what a planning decided, whole or not at all
 *
 * One transaction: campaign runs and classes, everything but large additions into temporary tables, then publish_plan()
 * (sql/migrations/0017_plan_parts.sql) locks the gates, sweeps people whose facts changed since the snapshot, attaches and flips plan_head. A
 * large addition goes into a private table, indexed after loading: several jobs load it meanwhile (planning_load.h), a single one or a dry run
 * within the transaction. A crash at any line leaves the old plan. STATUS_CONFLICT or STATUS_TRANSIENT: another planner was faster; plan again.
 *
 *     publish_prepare(planning, &err);                       // optional: what planning_decide deals last is loaded meanwhile
 *     planning_decide(planning, &err);
 *     publish_planning(planning, PUBLISH_COMMIT, &swept, &err);
 *     publish_abandon(planning);                             // if it did not come to that
 */
#ifndef DAYPART_PLANNER_PUBLISH_H
#define DAYPART_PLANNER_PUBLISH_H

#include "planning.h"

enum publish_mode {
	PUBLISH_COMMIT,
	PUBLISH_DRY_RUN /* the same work, rolled back */
};

/* Additions of more than this get a table of their own, indexed after loading; smaller ones are inserted into part 0. */
enum { PUBLISH_OWN_PART_ROWS = 50000 };

/* A plan that is to be committed is written by several jobs as soon as it is large enough for a table of its own. */
MUST_CHECK enum status publish_prepare(struct planning *planning, struct err *err);
/* Before planning_free. Nothing happens when nothing was begun. */
void publish_abandon(struct planning *planning);
/* `out_swept`: people whose facts changed since the snapshot; they are left to the next plan. */
MUST_CHECK enum status publish_planning(struct planning *planning, enum publish_mode mode, int64_t *out_swept, struct err *err);
/* When nothing changes: notes that a plan was made, and finishes ended campaigns. */
MUST_CHECK enum status publish_nothing(struct planning *planning, enum publish_mode mode, struct err *err);

#endif
