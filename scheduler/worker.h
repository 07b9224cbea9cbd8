/*
 * worker - threads that talk to the database, one blocking session each, for a loop that must not block
 *
 *     struct claim { struct work work; ... };   // work first, or use its `owner`
 *     claim->work = (struct work){.run = run_claim, .done = claim_done, .owner = lane};
 *     worker_pool_submit(pool, &claim->work);
 *
 * `run` is called in a worker thread with a session that was connected a moment ago; what it returns lands in work.status and work.err.
 * `done` is called in the loop's thread, where the work may be submitted again. Between submit and done the work belongs to the pool.
 *
 * Connecting happens here, in the worker: work that finds no connection ends with STATUS_TRANSIENT and `offline` without having run. The pool
 * logs the start and the end of an outage, once; owners retry after their own backoff.
 *
 * A session in which a statement fails for a reason that is not listed (sqlstate.c: an unknown table, a plan that does not fit any more) is closed: the
 * next one prepares its statements anew.
 *
 * Nobody waits for a connection that does not come: worker_pool_give_up ends what waits while no worker has one, and closing the pool leaves threads
 * that are still connecting to themselves; they end with their attempt, and touch nothing but the pool, which they free.
 *
 * The queue is intrusive and has no limit of its own: it is bounded by what can be submitted, one work per lane and a few of the daemon's.
 * Signals are blocked in the workers, so that they reach the loop.
 */
#ifndef DAYPART_SCHEDULER_WORKER_H
#define DAYPART_SCHEDULER_WORKER_H

#include <uv.h>

#include "sql/session.h"

struct work;
typedef enum status work_run_fn(struct work *work, struct session *session);
typedef void work_done_fn(struct work *work);

struct work {
	work_run_fn *run;
	work_done_fn *done;
	void *owner;
	enum status status;
	struct err err;
	bool offline;
	struct work *next; /* the pool's */
};

struct worker_options {
	struct session_options session;       /* its strings must outlive the pool */
	const struct sql_statement *settings; /* run once in each new session */
	/* In the worker, after the settings: makes ready what works will ask of this session. NULL: nothing. */
	void (*warm_up)(struct session *session);
	int count;
	/* In the loop, before `done`: the server does not know what a statement of the work speaks of. NULL: nobody asks. */
	void (*on_misunderstood)(void *owner, const struct work *work);
	void *owner;
};

struct worker_pool;

/* Starts the threads; they connect with their first work. */
MUST_CHECK enum status worker_pool_open(uv_loop_t *loop, const struct worker_options *options, struct worker_pool **out, struct err *err);
void worker_pool_submit(struct worker_pool *pool, struct work *work);
/* Works submitted and not yet done. */
size_t worker_pool_busy(const struct worker_pool *pool);
/* The program ends: what waits for a worker ends with STATUS_CANCELLED and `offline`, unless there is one with a connection. Whether that is
 * good shows when it runs something: to be called again. */
void worker_pool_give_up(struct worker_pool *pool);
/* Nothing may be under way. Joins the threads, closes their sessions; `on_closed` is called from the loop and gets `context`. */
void worker_pool_close(struct worker_pool **pool, void (*on_closed)(void *context), void *context);

#endif
