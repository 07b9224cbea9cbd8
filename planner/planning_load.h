/*
 * planning_load - the new slots of a plan into a private table, by several sessions at once
 *
 *     planning_load_open(planning, jobs, &load, &err);          // sessions and a committed table that nobody else sees; load->part
 *     planning_load_start(load, plan_run, &err);
 *     for each new slot                                         // whose run and class have their numbers
 *         planning_load_put(load, campaign, &slot, &err);
 *     planning_load_end(load, &err);
 *     ... what the caller's own session has to do meanwhile ...
 *     planning_load_finish(load, &progress, &err);              // all rows are in, both indexes are built
 *     ... attach it and commit ...
 *     planning_load_close(&load, LOAD_KEEP);
 *
 * The sessions share the rows by blocks in the order in which they are put, so that a table of any number of jobs is nearly in due order; which session
 * wrote a row shows nowhere. Each job is a thread that of the planning only reads where the slots that it was given belong. Memory: some 2 MB, whoever
 * puts more than the jobs have written waits for them. A cancelled or failed load ends in planning_load_finish; closing it with LOAD_DROP
 * removes the table. What a dead process leaves is dropped by the next plan (sql/migrations/0017_plan_parts.sql).
 */
#ifndef DAYPART_PLANNER_PLANNING_LOAD_H
#define DAYPART_PLANNER_PLANNING_LOAD_H

#include "planning.h"
#include "progress.h"
#include "sql/copy.h"

enum { LOAD_JOBS_MAX = 4 }; /* two indexes are built at once, and a server's cores are not all ours */

struct planning_load;

/* `*out_part` 0: there is no part to be had, and nothing to start. */
MUST_CHECK enum status planning_load_open(
	const struct planning *planning, int jobs, struct planning_load **out, int16_t *out_part, struct err *err);
MUST_CHECK enum status planning_load_start(struct planning_load *load, int32_t plan_run, struct err *err);
/* Fails with what a job has failed with meanwhile. */
MUST_CHECK enum status planning_load_put(
	struct planning_load *load, const struct planned_campaign *campaign, const struct planned_slot *slot, struct err *err);
/* That was the last. */
MUST_CHECK enum status planning_load_end(struct planning_load *load, struct err *err);
MUST_CHECK enum status planning_load_finish(struct planning_load *load, struct progress *progress, struct err *err);

enum load_end { LOAD_KEEP, LOAD_DROP };
void planning_load_close(struct planning_load **load, enum load_end end);

/* One row of the queue. */
struct slot_place {
	const struct planned_campaign *campaign;
	int32_t plan_run;
	int16_t part; /* of slots that are new */
};
MUST_CHECK enum status planning_load_row(
	struct copy_writer *writer, const struct slot_place *place, const struct planned_slot *slot, struct err *err);

#endif
