/*
 * publish_private - what publish.c (the transaction and its rows) and publish_class.c (slots, and the classes that they name) share
 */
#ifndef DAYPART_PLANNER_PUBLISH_PRIVATE_H
#define DAYPART_PLANNER_PUBLISH_PRIVATE_H

#include "array_text.h"
#include "planning_load.h"
#include "progress.h"
#include "publish.h"

struct publication {
	struct planning *planning;
	enum publish_mode mode;
	struct session *session;
	bool begun; /* its transaction; then: */
	struct array_text runs;
	const char *old_runs;       /* those that were stored before */
	struct planning_load *load; /* NULL: this session loads what is new */
	int32_t plan_run;
	int16_t part;
	bool counted;
	int64_t added;                     /* so far, once counted */
	size_t dealt;                      /* slots of the campaign that is dealt last */
	struct planned_campaign *streamed; /* NULL, or that campaign: those are loaded */
	struct progress progress;
	int64_t written;
};

enum { ROWS_AT_ONCE = 1024 }; /* read from a plan */

enum status publish_no_memory(struct err *err);
/* Runs a statement that answers with one integer. */
MUST_CHECK enum status publish_query_int(
	struct session *session, const struct sql_statement *statement, const char *const *params, int count, int64_t *out, struct err *err);

typedef enum status slot_fn(void *context, const struct planned_slot *slot, struct err *err);
MUST_CHECK enum status publish_each_slot_between(
	const struct planned_campaign *campaign, size_t first, size_t end, slot_fn *visit, void *context, struct err *err);
MUST_CHECK enum status publish_each_slot(const struct planned_campaign *campaign, slot_fn *visit, void *context, struct err *err);

/* The classes of the campaign have no rows yet. */
MUST_CHECK enum status publish_forget_classes(struct planned_campaign *campaign, struct err *err);
/* Gives the class of a slot its row in the database, unless it has one; campaign->class_ids names it. */
MUST_CHECK enum status publish_slot_class(
	struct publication *publication, struct planned_campaign *campaign, const struct planned_slot *slot, struct err *err);
/* Likewise all classes that got a slot. Those of slots that were loaded while they were dealt have one. */
MUST_CHECK enum status publish_write_classes(struct publication *publication, struct planned_campaign *campaign, struct err *err);

#endif
