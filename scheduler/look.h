/*
 * look - one look at the database, in a worker: is everything stopped, under which law, who sends and from when, what the clock says
 *
 *     look_submit(&look, pool, &(struct look_request){.rulebook_id = 3});     // look_init's `done` is called when it is there
 *     ... look.answer ...
 *     look_clear(&look);
 *
 * Emergencies are read every time: a switch acts within one look. The law is read only when another rulebook is active than the caller's, or on request; a law that cannot be read leaves `book` NULL and says
 * why in `law_err`, and the rest of the answer is good.
 *
 * First of all the version of the schema is asked: when it is not this program's, `schema_err` says so, and nothing else is known.
 */
#ifndef DAYPART_SCHEDULER_LOOK_H
#define DAYPART_SCHEDULER_LOOK_H

#include <limits.h>

#include "lane_limits.h"
#include "planner/law/lawbook.h"
#include "watched.h"
#include "worker.h"

struct look_lane {
	int16_t id;
	char *name, *country, *type; /* as lawbook_sender */
	enum channel channel;
	int64_t per_1000_s;   /* its throughput, whatever the law says */
	int headroom_percent; /* of its pace */
	bool has_slots;
	struct instant first_due;   /* when it has slots */
	struct lane_limits *limits; /* whoever takes them sets it to NULL */
	bool free;                  /* no daemon's lease of it is good */
};

struct look_request {
	int32_t rulebook_id;             /* what the caller knows; 0: nothing */
	bool reload;                     /* read the law in any case: zones may have changed */
	bool measure;                    /* the clock's offset as well */
	bool watch;                      /* the breakers as well */
	bool tell;                       /* what only the monitor wants to know as well */
	const struct rulebook *rulebook; /* what the caller knows, which nobody changes before the answer; or NULL */
	const char *zoneinfo_dir;        /* copied by look_submit: a reload may free the settings meanwhile */
	struct instant now;
};

struct look_answer {
	struct err schema_err; /* status OK: the schema is this program's */
	int32_t schema_version;
	bool stopped;
	struct duration offset;  /* with request.measure */
	struct duration watched; /* how long it took, with request.watch */
	struct lawbook *book;    /* NULL: no new one; whoever takes it sets it to NULL */
	struct err law_err;
	struct emergencies emergencies; /* whoever takes them empties the list */
	struct watched told;            /* with request.tell; whoever takes it empties it */
	struct look_lane *lanes;        /* by id */
	size_t lane_count;
};

struct look {
	struct work work; /* status and err are those of the look; its owner is the look itself */
	void *owner;
	struct look_request request;
	char zoneinfo_dir[PATH_MAX];
	struct look_answer answer;
};

void look_init(struct look *look, work_done_fn *done, void *owner);
void look_submit(struct look *look, struct worker_pool *pool, const struct look_request *request);
void look_clear(struct look *look);

#endif
